//! One chart: its legend with the values, its picture or its table, and how it leaves the page.

use hpa_core::experiment::Run;
use leptos::html;
use leptos::prelude::*;

use super::columns::{Column, Kind, Role, columns};
use super::frame::TimeLabels;
use super::pictures::{self, Subject};
use super::plot::{LegendItem, Plot, Sample};
use super::text::{self, Table};
use super::view::View;
use super::{Menu, export};
use crate::format::{clock, counted, number};
use crate::model::{MetricLook, Shared};
use crate::state::Playground;

/// Rows that the table on the page has at most; a file has all.
const ROWS: usize = 300;

/// In which form a chart is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Picture,
    Table,
}

/// One chart.
#[component]
pub fn Figure(
    state: Playground,
    view: View,
    looks: Memo<Vec<MetricLook>>,
    kind: Kind,
    pinned: Option<Signal<Option<Shared<Run>>>>,
    /// Whether it is the lowest one, which carries the labels of the time axis.
    last: Memo<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Figure>::new();
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
    let ghost = Memo::new(move |_| {
        let run = pinned.filter(|_| kind == Kind::Replicas)?.get()?;
        Some(Shared::new(columns(&run.trace, kind, &[])))
    });
    let drawn = Memo::new(move |_| {
        let times = if last.get() {
            TimeLabels::Shown
        } else {
            TimeLabels::Hidden
        };
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
            Some(Shared::new(pictures::draw(
                kind,
                &subject,
                view.window.get(),
                size.get(),
                times,
            )))
        })
    });
    let frame =
        Memo::new(move |_| drawn.with(|drawn| drawn.as_deref().map(|drawn| drawn.frame.clone())));
    let name = Memo::new(move |_| looks.with(|looks| text::heading(kind, looks)));
    let summary =
        Memo::new(move |_| text::summary(kind, &data.get(), &name.get(), view.window.get()));
    let paths = pictures::layers(kind)
        .iter()
        .enumerate()
        .map(|(at, class)| {
            let path = move || {
                drawn.with(|drawn| {
                    drawn
                        .as_deref()
                        .and_then(|drawn| drawn.layers.get(at).cloned())
                })
            };
            view! { <path class=*class data-testid=*class d=path /> }
        });
    let held = (kind == Kind::Replicas).then(|| hold(state, view, frame));
    let (held_paths, held_text) = held.unzip();
    let test_id = match kind {
        Kind::Load => "chart-load",
        Kind::Metric(_) => "chart-metric",
        Kind::Replicas => "chart-replicas",
        Kind::Latency => "chart-latency",
        Kind::Backlog => "chart-backlog",
        Kind::Pods => "chart-pods",
    };
    let paths = paths.collect_view();
    view! {
        <figure class=format!("chart {test_id}") data-testid=test_id node_ref=node>
            <figcaption class="chart-caption">
                <h3>{move || name.get()}</h3>
                {legend(state, view, kind, data)}
                {(kind == Kind::Replicas).then(|| limits(state))}
                {held_text}
                <Files node=node name=name data=data view=view form=form size=size />
            </figcaption>
            <div class="chart-picture" class:hidden=move || form.get() == Form::Table>
                <Plot state=state view=view size=size label=summary.into() frame=frame>
                    {paths}
                    {held_paths}
                </Plot>
            </div>
            <Show when=move || form.get() == Form::Table>
                <Rows data=data view=view summary=summary />
            </Show>
        </figure>
    }
}

/// The entries of the legend with the values at the pointer, or else at the cursor.
fn legend(
    state: Playground,
    view: View,
    kind: Kind,
    data: Memo<Shared<Vec<Column>>>,
) -> impl IntoView {
    let names = Memo::new(move |_| {
        data.with(|data| {
            data.iter()
                .map(|column| (column.role, column.name))
                .collect::<Vec<_>>()
        })
    });
    let items = move || {
        let items = names
            .get()
            .into_iter()
            .enumerate()
            .map(|(at, (role, name))| {
                let value = Memo::new(move |_| {
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
                });
                let (class, sample) = look(kind, role);
                view! { <LegendItem class=class sample=sample name=name value=value /> }
            });
        items.collect_view()
    };
    items.into_any()
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
fn limits(state: Playground) -> impl IntoView {
    let value = Memo::new(move |_| {
        state.latest.with(|latest| {
            latest.trace().map_or_else(String::new, |trace| {
                let spec = &trace.setup.autoscaler.spec;
                let most = counted(spec.max_replicas.into(), "pod", "pods");
                format!("{} to {most}", spec.min_replicas.unwrap_or(1))
            })
        })
    });
    view! { <LegendItem class="limit" sample=Sample::Dashed name="limits" value=value /> }
}

/// The window that holds at the cursor: its drawing, and what it says.
fn hold(
    state: Playground,
    view: View,
    frame: Memo<Option<super::frame::Frame>>,
) -> (impl IntoView, impl IntoView) {
    let hold = Memo::new(move |_| {
        state.detail.with(|detail| {
            let stabilization = detail.as_deref()?.explanation.stabilization.as_ref()?;
            pictures::hold(stabilization)
        })
    });
    let paths = Memo::new(move |_| {
        let (hold, frame) = (hold.get()?, frame.get()?);
        let now = state.detail.with(|detail| {
            detail
                .as_deref()
                .map(|detail| crate::model::seconds(detail.time))
        })?;
        Some(pictures::hold_paths(&hold, now, view.window.get(), &frame))
    });
    let drawing = view! {
        <path class="hold-window" d=move || paths.with(|paths| paths.as_ref().map(|paths| paths.0.clone())) />
        <path class="hold-ring" data-testid="hold-ring" d=move || paths.with(|paths| paths.as_ref().map(|paths| paths.1.clone())) />
    };
    let words = move || {
        hold.get().map(|hold| {
            format!(
                "Cursor: {} of {} hold; they leave the {} window at {}.",
                counted(hold.replicas.into(), "pod", "pods"),
                clock(hold.since),
                crate::format::spoken(hold.window),
                clock(hold.until)
            )
        })
    };
    let words = view! { <span class="hold-text" data-testid="hold">{words}</span> };
    (drawing, words)
}

/// The menu by which a chart turns into a table or a file.
#[component]
fn Files(
    node: NodeRef<html::Figure>,
    name: Memo<String>,
    data: Memo<Shared<Vec<Column>>>,
    view: View,
    form: RwSignal<Form>,
    size: RwSignal<(f64, f64)>,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let drawing = move || {
        let figure = node.get_untracked()?;
        export::svg(&figure, &name.get_untracked())
    };
    let csv = move || {
        let window = view.window.get_untracked();
        data.with_untracked(|data| text::table(data, window).csv())
    };
    let file = move |ending: &str| {
        let name = name.get_untracked().to_lowercase();
        let name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        format!("{name}.{ending}")
    };
    let copied = move |what: &'static str| {
        move |worked: bool| {
            said.try_set(if worked {
                format!("{what} copied")
            } else {
                "The browser does not allow to copy".to_owned()
            });
        }
    };
    let drawn = move || form.get() == Form::Picture;
    let label = Signal::derive(move || format!("More of {}", name.get()));
    let turn = move |_| {
        form.update(|form| {
            *form = match form {
                Form::Picture => Form::Table,
                Form::Table => Form::Picture,
            }
        });
    };
    view! {
        <div class="chart-menu">
            <button type="button" class="tool tool-text" data-testid="form" on:click=turn
                aria-label=move || format!("{} of {}", if drawn() { "Table" } else { "Chart" }, name.get())>
                {move || if drawn() { "Table" } else { "Chart" }}
            </button>
            <Menu name="⋯" label=label>
                <button type="button" class="menu-item" data-testid="copy-csv"
                    on:click=move |_| export::copy(&csv(), copied("CSV"))>"Copy CSV"</button>
                <button type="button" class="menu-item" data-testid="save-csv"
                    on:click=move |_| export::save(&file("csv"), "text/csv", &csv())>"Save CSV"</button>
                <button type="button" class="menu-item" disabled=move || !drawn()
                    on:click=move |_| if let Some(svg) = drawing() { export::copy(&svg, copied("SVG")) }>"Copy SVG"</button>
                <button type="button" class="menu-item" data-testid="save-svg" disabled=move || !drawn()
                    on:click=move |_| if let Some(svg) = drawing() { export::save(&file("svg"), "image/svg+xml", &svg) }>"Save SVG"</button>
                <button type="button" class="menu-item" data-testid="save-png" disabled=move || !drawn()
                    on:click=move |_| if let Some(svg) = drawing() { export::save_png(file("png"), &svg, size.get_untracked()) }>"Save PNG"</button>
                <p class="menu-said" role="status">{move || said.get()}</p>
            </Menu>
        </div>
    }
}

/// A chart as a table.
#[component]
fn Rows(data: Memo<Shared<Vec<Column>>>, view: View, summary: Memo<String>) -> impl IntoView {
    let table = Memo::new(move |_| data.with(|data| text::table(data, view.window.get())));
    let body = move || {
        let Table { head, rows } = table.get();
        let more = rows.len().saturating_sub(ROWS);
        let head = head
            .into_iter()
            .map(|name| view! { <th scope="col">{name}</th> })
            .collect_view();
        let rows = rows.into_iter().take(ROWS).map(|(time, values)| {
            let cells = values
                .into_iter()
                .map(|value| view! { <td>{text::cell(value)}</td> })
                .collect_view();
            view! { <tr><th scope="row">{clock(time)}</th>{cells}</tr> }
        });
        #[expect(clippy::cast_precision_loss, reason = "rows")]
        let note = (more > 0).then(|| {
            let more = number(more as f64);
            view! { <p class="quiet">{more}" more rows: zoom in, or save the CSV."</p> }
        });
        view! {
            <table>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            {note}
        }
    };
    view! {
        <div class="chart-table" role="region" aria-label="Table" tabindex="0" data-testid="table">
            <p>{move || summary.get()}</p>
            {body}
        </div>
    }
}
