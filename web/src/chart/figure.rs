//! One chart: its legend with the values, its picture or its table, and how it leaves the page.

use leptos::prelude::*;

use super::plot::{Plot, Sample, legend_item, plot};
use super::pointers::Hand;
use super::view::View;
use super::{export, handles, menu};
use crate::dom::{El, button, el, svg};
use crate::format::{clock, counted, number, spoken};
use crate::live::{Memo, RwSignal};
use crate::model::{MetricLook, Shared};
use crate::state::Playground;
use crate::{clipboard, debounce};
use hpa_simulation::chart::axes::{Frame, TimeLabels};
use hpa_simulation::chart::picture::{self, Picture, Subject};
use hpa_simulation::chart::series::{Column, Kind, Role, columns};
use hpa_simulation::chart::table::{self, Table};

/// Rows that the table on the page has at most; a file has all.
const ROWS: usize = 300;

/// In which form a chart is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Picture,
    Table,
}

/// One chart; the lowest one carries the labels of the time axis.
#[must_use]
pub fn figure(
    state: Playground,
    view: View,
    looks: Memo<Vec<MetricLook>>,
    kind: Kind,
    times: TimeLabels,
) -> El {
    let size = RwSignal::new((0.0, 0.0));
    let form = RwSignal::new(Form::Picture);
    let data = Memo::new(move |_| {
        let columns = state.latest.with(|latest| {
            looks.with(|looks| {
                latest
                    .trace()
                    .map_or_else(Vec::new, |trace| columns(trace, kind, looks))
            })
        });
        Shared::new(columns)
    });
    let drawn = drawn(state, view, looks, kind, times, size, data);
    let frame =
        Memo::new(move |_| drawn.with(|drawn| drawn.as_deref().map(|drawn| drawn.frame.clone())));
    let name = move || looks.with(|looks| table::heading(kind, looks));
    let path = |(at, class): (usize, &&'static str)| {
        svg("path")
            .attr("class", class)
            .id(class)
            .live("d", move || {
                drawn.with(|drawn| {
                    let layer = drawn.as_deref().and_then(|drawn| drawn.layers.get(at));
                    layer.cloned().unwrap_or_default()
                })
            })
    };
    let mut paths: Vec<El> = picture::layers(kind).iter().enumerate().map(path).collect();
    let mut caption = el("figcaption", "chart-caption")
        .child(el("h3", "").says(name))
        .child(legend(state, view, kind, data));
    if kind == Kind::Replicas {
        let (held, words) = hold(state, view, frame);
        paths.extend(held);
        caption = caption.child(limits(state)).child(words);
    }
    let Plot { place, drawing } = plot(state, view, size, frame, paths);
    let draw = (kind == Kind::Load).then(|| handles::handles(state, view, frame, &place));
    Hand::on(state, view, &place, frame);
    let summary = move || table::summary(kind, &data.get(), &untrack(name), view.window.get());
    label(
        drawing.attr("aria-label", &untrack(name)),
        data,
        view,
        summary,
    );
    let picture = el("div", "chart-picture")
        .class("hidden", move || form.get() == Form::Table)
        .child(place);
    let table =
        el("div", "").part(move || (form.get() == Form::Table).then(|| rows(data, view, summary)));
    let figure = el("figure", "chart").id(test_id(kind));
    figure.node().class_list().add_1(test_id(kind)).ok();
    let files = files(figure.clone(), looks, kind, data, view, form, size);
    if let Some(draw) = draw {
        let _ = files.node().prepend_with_node_1(draw.node());
    }
    figure
        .child(caption.child(files))
        .child(picture)
        .child(table)
}

/// What is drawn, as paths.
fn drawn(
    state: Playground,
    view: View,
    looks: Memo<Vec<MetricLook>>,
    kind: Kind,
    times: TimeLabels,
    size: RwSignal<(f64, f64)>,
    data: Memo<Shared<Vec<Column>>>,
) -> Memo<Option<Shared<Picture>>> {
    let ghost = Memo::new(move |_| {
        let run = Some(state.pinned)
            .filter(|_| kind == Kind::Replicas)?
            .get()?;
        Some(Shared::new(columns(&run.trace, kind, &[])))
    });
    Memo::new(move |_| {
        let look = match kind {
            Kind::Metric(index) => looks.with(|looks| looks.get(index).cloned()),
            _ => None,
        };
        let (data, ghost) = (data.get(), ghost.get());
        state.latest.with(|latest| {
            let subject = Subject {
                trace: latest.trace()?,
                columns: &data,
                ghost: ghost.as_deref().map_or(&[], |ghost| ghost),
                look: look.as_ref(),
            };
            let picture = picture::draw(kind, &subject, view.window.get(), size.get(), times);
            Some(Shared::new(picture))
        })
    })
}

fn test_id(kind: Kind) -> &'static str {
    match kind {
        Kind::Load => "chart-load",
        Kind::Metric(_) => "chart-metric",
        Kind::Replicas => "chart-replicas",
        Kind::Latency => "chart-latency",
        Kind::Backlog => "chart-backlog",
        Kind::Pods => "chart-pods",
    }
}

/// Calls a drawing by its summary. Words cost as much as the picture and are not seen: they follow
/// when a person pauses.
fn label(
    drawing: El,
    data: Memo<Shared<Vec<Column>>>,
    view: View,
    summary: impl Fn() -> String + 'static,
) {
    debounce::after_changes(
        move || {
            data.track();
            view.window.track();
        },
        move || {
            drawing.clone().attr("aria-label", &untrack(&summary));
        },
    );
}

/// The entries of the legend with the values at the pointer, or else at the cursor.
fn legend(state: Playground, view: View, kind: Kind, data: Memo<Shared<Vec<Column>>>) -> El {
    let names = Memo::new(move |_| {
        data.with(|data| {
            data.iter()
                .map(|column| (column.role, column.name))
                .collect::<Vec<_>>()
        })
    });
    let entry = move |(at, (role, name)): (usize, (Role, &'static str))| {
        let value = move || {
            let time = view.hover.get().unwrap_or_else(|| state.now());
            data.with(|data| {
                data.get(at).map_or_else(String::new, |column| {
                    let value = column.at(time);
                    if value.is_nan() && matches!(role, Role::Held | Role::Limit) {
                        "no".to_owned()
                    } else {
                        column.unit.text(value)
                    }
                })
            })
        };
        let (class, sample) = look(kind, role);
        legend_item(class, sample, name, value)
    };
    el("div", "contents").region(move || names.get().into_iter().enumerate().map(entry).collect())
}

/// Class and sample of a legend's entry.
fn look(kind: Kind, role: Role) -> (&'static str, Sample) {
    match role {
        // "load" is the name of the slider.
        Role::Load => ("arriving", Sample::Line),
        Role::Served => ("served", Sample::Area),
        Role::Lost => ("lost", Sample::Area),
        Role::Metric => ("metric", Sample::Line),
        Role::Target => ("target", Sample::Dashed),
        Role::Desired => ("desired", Sample::Line),
        Role::Current => ("current", Sample::Dotted),
        Role::Ready if kind == Kind::Pods => ("pods-ready", Sample::Area),
        Role::Ready => ("ready", Sample::Area),
        Role::Proposal => ("proposal", Sample::Dotted),
        Role::Held => ("held", Sample::Area),
        Role::Limit => ("rate", Sample::Area),
        Role::Median => ("median", Sample::Dashed),
        Role::High => ("high", Sample::Line),
        Role::Highest => ("highest", Sample::Dotted),
        Role::Backlog => ("backlog", Sample::Line),
        Role::Pending => ("pending", Sample::Area),
        Role::Starting => ("starting", Sample::Area),
        Role::Terminating => ("terminating", Sample::Area),
    }
}

/// The lower and upper limit of the count.
fn limits(state: Playground) -> El {
    let value = move || {
        state.latest.with(|latest| {
            latest.trace().map_or_else(String::new, |trace| {
                let spec = &trace.setup.autoscaler.spec;
                let most = counted(spec.max_replicas.into(), "pod", "pods");
                format!("{} to {most}", spec.lower_limit())
            })
        })
    };
    legend_item("limit", Sample::Dashed, "limits", value)
}

/// The window that holds at the cursor: its drawing, and what it says.
fn hold(state: Playground, view: View, frame: Memo<Option<Frame>>) -> ([El; 2], El) {
    let hold = move || {
        state.detail.with(|detail| {
            let stabilization = detail.as_deref()?.explanation.stabilization.as_ref()?;
            picture::hold(stabilization)
        })
    };
    let paths = move || {
        let (hold, frame) = (hold()?, frame.get()?);
        let now = state.detail.with(|detail| {
            let detail = detail.as_deref()?;
            Some(crate::model::seconds(detail.time))
        })?;
        Some(picture::hold_paths(&hold, now, view.window.get(), &frame))
    };
    let drawing = [
        svg("path")
            .attr("class", "hold-window")
            .live("d", move || paths().unwrap_or_default().0),
        svg("path")
            .attr("class", "hold-ring")
            .id("hold-ring")
            .live("d", move || paths().unwrap_or_default().1),
    ];
    let words = move || {
        hold().map_or_else(String::new, |hold| {
            format!(
                "Cursor: {} of {} hold; they leave the {} window at {}.",
                counted(hold.replicas.into(), "pod", "pods"),
                clock(hold.since),
                spoken(hold.window),
                clock(hold.until)
            )
        })
    };
    (drawing, el("span", "hold-text").id("hold").says(words))
}

/// The menu by which a chart turns into a table or a file.
fn files(
    figure: El,
    looks: Memo<Vec<MetricLook>>,
    kind: Kind,
    data: Memo<Shared<Vec<Column>>>,
    view: View,
    form: RwSignal<Form>,
    size: RwSignal<(f64, f64)>,
) -> El {
    let name = move || looks.with(|looks| table::heading(kind, looks));
    let said = RwSignal::new(String::new());
    let drawing = move || untrack(|| export::svg(figure.node(), &name()));
    let csv = move || {
        let window = view.window.get_untracked();
        data.with_untracked(|data| table::table(data, window).csv())
    };
    let file = move |ending: &str| {
        let name = untrack(name).to_ascii_lowercase();
        let name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        format!("{name}.{ending}")
    };
    let copy = move |what: &'static str, text: &str| {
        clipboard::copy(text, move |done| {
            said.set(match done {
                Ok(()) => format!("{what} copied"),
                Err(()) => "The browser does not allow to copy".to_owned(),
            });
        });
    };
    let act = move |what: usize| match (what, drawing()) {
        (0, _) => copy("CSV", &csv()),
        (1, _) => export::save(&file("csv"), "text/csv", &csv()),
        (2, Some(svg)) => copy("SVG", &svg),
        (3, Some(svg)) => export::save(&file("svg"), "image/svg+xml", &svg),
        (_, Some(svg)) => export::save_png(file("png"), &svg, size.get_untracked()),
        (_, None) => {}
    };
    let act = std::rc::Rc::new(act);
    let names = [
        ("Copy CSV", "copy-csv"),
        ("Save CSV", "save-csv"),
        ("Copy SVG", "copy-svg"),
        ("Save SVG", "save-svg"),
        ("Save PNG", "save-png"),
    ];
    let item = |(at, (words, id)): (usize, (&str, &str))| {
        let act = std::rc::Rc::clone(&act);
        button("menu-item", words, move || act(at))
            .id(id)
            .flag("disabled", move || at > 1 && form.get() == Form::Table)
    };
    let mut items: Vec<El> = names.into_iter().enumerate().map(item).collect();
    items.push(
        el("p", "menu-said")
            .attr("role", "status")
            .says(move || said.get()),
    );
    let other = move || match form.get() {
        Form::Picture => "Table",
        Form::Table => "Chart",
    };
    let turn = button("tool tool-text", "", move || {
        form.update(|form| {
            *form = match form {
                Form::Picture => Form::Table,
                Form::Table => Form::Picture,
            }
        });
    });
    let turn = turn
        .id("form")
        .says(move || other().to_owned())
        .live("aria-label", move || format!("{} of {}", other(), name()));
    el("div", "chart-menu").child(turn).child(menu(
        "⋯",
        move || format!("More of {}", name()),
        items,
    ))
}

/// A chart as a table.
fn rows(
    data: Memo<Shared<Vec<Column>>>,
    view: View,
    summary: impl Fn() -> String + Copy + 'static,
) -> El {
    let body = move || {
        let Table { head, rows } = data.with(|data| table::table(data, view.window.get()));
        let cell = |name: &String| el("th", "").attr("scope", "col").text(name);
        let head = el("tr", "").all(head.iter().map(cell).collect());
        let row = |(time, values): &(f64, Vec<f64>)| {
            let time = el("th", "").attr("scope", "row").text(&clock(*time));
            let value = |value: &f64| el("td", "").text(&table::cell(*value));
            el("tr", "")
                .child(time)
                .all(values.iter().map(value).collect())
        };
        let body = rows.iter().take(ROWS).map(row).collect();
        let table = el("table", "")
            .child(el("thead", "").child(head))
            .child(el("tbody", "").all(body));
        let mut parts = vec![el("p", "").says(summary), table];
        if let Some(more) = rows.len().checked_sub(ROWS).filter(|more| *more > 0) {
            #[expect(clippy::cast_precision_loss, reason = "rows")]
            let more = format!(
                "{} more rows: zoom in, or save the CSV.",
                number(more as f64)
            );
            parts.push(el("p", "quiet").text(&more));
        }
        parts
    };
    el("div", "chart-table")
        .attr("role", "region")
        .attr("aria-label", "Table")
        .attr("tabindex", "0")
        .id("table")
        .region(body)
}
