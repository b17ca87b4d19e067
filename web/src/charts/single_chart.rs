//! One chart on the page: its caption, and its picture or table.

use hpa_simulation::chart::stabilization::MARKS;
use hpa_simulation::chart::{
    Axes, ChartId, ChartKind, MetricDisplay, Picture, Series, Style, Subject, Theme, TimeLabels,
    View, describe, draw, heading, series,
};
use leptos::prelude::*;

use super::data_table::data_table;
use super::export_menu::export_menu;
use super::gestures::Gestures;
use super::legend::{hold, hold_text, legend};
use super::load_points;
use super::plot::{Plot, plot};
use super::view_state::ViewState;
use crate::debounce;
use crate::dom::{El, el, svg};
use crate::model::Shared;
use crate::state::Playground;

/// The form of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Picture,
    Table,
}

/// One chart: what it shows, and how. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub(super) struct SingleChart {
    pub(super) state: Playground,
    pub(super) view: ViewState,
    pub(super) id: ChartId,
    metrics: Memo<Vec<MetricDisplay>>,
    /// Its series of the run on screen.
    pub(super) series: Memo<Shared<Vec<Series>>>,
    picture: Memo<Option<Shared<Picture>>>,
    pub(super) axes: Memo<Option<Axes>>,
    /// Width and height of its picture [px].
    pub(super) size: RwSignal<(f64, f64)>,
    pub(super) form: RwSignal<Form>,
}

impl SingleChart {
    /// A chart of the run on screen; the lowest one labels the time axis.
    pub(super) fn new(
        state: Playground,
        view: ViewState,
        metrics: Memo<Vec<MetricDisplay>>,
        id: ChartId,
        time_labels: TimeLabels,
    ) -> Self {
        let size = RwSignal::new((0.0, 0.0));
        let own = Memo::new(move |_| {
            let series = state.latest.with(|latest| {
                let trace = latest.trace()?;
                Some(metrics.with(|metrics| series(trace, id, metrics)))
            });
            Shared::new(series.unwrap_or_default())
        });
        let compared = Memo::new(move |_| {
            let pinned = Some(state.pinned).filter(|_| id.kind.chart().compares);
            let run = pinned?.get()?;
            Some(Shared::new(series(&run.trace, id, &[])))
        });
        let picture = Memo::new(move |_| {
            let metric = metrics.with(|metrics| metrics.get(id.metric).cloned());
            let (own, compared) = (own.get(), compared.get());
            let view = View::new(size.get(), view.range.get(), time_labels);
            state.latest.with(|latest| {
                let subject = Subject::new(latest.trace()?, &own)
                    .with_compared(compared.as_deref().map_or(&[], |series| series))
                    .with_metric(metric.as_ref().filter(|_| id.kind.chart().per_metric));
                Some(Shared::new(draw(id, &subject, &view)))
            })
        });
        let axes = Memo::new(move |_| {
            picture.with(|picture| picture.as_deref().map(|picture| picture.axes.clone()))
        });
        Self {
            state,
            view,
            id,
            metrics,
            series: own,
            picture,
            axes,
            size,
            form: RwSignal::new(Form::Picture),
        }
    }

    /// Its heading.
    pub(super) fn heading(self) -> String {
        self.metrics.with(|metrics| heading(self.id, metrics))
    }

    /// A description of what it shows.
    pub(super) fn description(self) -> String {
        let heading = untrack(|| self.heading());
        describe(&heading, &self.series.get(), self.view.range.get())
    }

    /// The chart as an element.
    pub(super) fn figure(self) -> El {
        let chart = self.id.kind.chart();
        let mut caption = el("figcaption", "chart-caption")
            .child(el("h3", "").says(move || self.heading()))
            .child(legend(self));
        let mut paths = self.layers();
        if chart.compares {
            paths.extend(self.hold_marks());
            caption = caption.child(hold_text(self.state));
        }
        let Plot { place, drawing } = plot(self, paths);
        let draw = (self.id.kind == ChartKind::Load)
            .then(|| load_points::handles(self.state, self.view, self.axes, &place));
        Gestures::on(self.state, self.view, &place, self.axes);
        self.label(drawing.attr("aria-label", &untrack(|| self.heading())));
        let picture = el("div", "chart-picture")
            .class("hidden", move || self.form.get() == Form::Table)
            .child(place);
        let table =
            el("div", "").part(move || (self.form.get() == Form::Table).then(|| data_table(self)));
        let menu = export_menu(self);
        if let Some(draw) = draw {
            let _ = menu.node().prepend_with_node_1(draw.node());
        }
        let figure = el("figure", "chart").id(chart.test_id);
        figure.node().class_list().add_1(chart.test_id).ok();
        figure
            .child(caption.child(menu))
            .child(picture)
            .child(table)
    }

    /// A path for each layer, redrawn whenever the picture changes.
    fn layers(self) -> Vec<El> {
        let layers = self.id.kind.chart().layers.iter().enumerate();
        layers
            .map(|(at, layer)| {
                painted(layer.class, &layer.style)
                    .id(layer.class)
                    .live("d", move || {
                        self.picture.with(|picture| {
                            let path = picture.as_deref().and_then(|all| all.paths.get(at));
                            path.cloned().unwrap_or_default()
                        })
                    })
            })
            .collect()
    }

    /// The marks of what a stabilization window holds at the cursor.
    fn hold_marks(self) -> [El; 2] {
        let marks = move || {
            let (hold, axes) = (hold(self.state)?, self.axes.get()?);
            Some(hold.marks(&axes))
        };
        let mark = |at: usize| {
            let (class, style) = &MARKS[at];
            painted(class, style).id(class).live("d", move || {
                let paths = marks().unwrap_or_default();
                paths.into_iter().nth(at).unwrap_or_default()
            })
        };
        [mark(0), mark(1)]
    }

    /// Labels the drawing with its description. That costs as much as the picture and is not visible, so
    /// it is debounced.
    fn label(self, drawing: El) {
        debounce::after_changes(
            move || {
                self.series.track();
                self.view.range.track();
            },
            move || {
                let description = untrack(|| self.description());
                drawing.clone().attr("aria-label", &description);
            },
        );
    }
}

/// A path with a style.
fn painted(class: &str, style: &Style) -> El {
    let path = svg("path").attr("class", class);
    style.attributes(Theme::Page, |name, value| {
        let _ = path.node().set_attribute(name, value);
    });
    path
}
