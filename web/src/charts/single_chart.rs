//! What one chart shows, and how: its series, its picture and its axes as memos of the run on screen.

use hpa_simulation::chart::{
    Axes, ChartId, MetricDisplay, Picture, Series, Subject, TimeLabels, View, describe, draw,
    heading, series,
};
use leptos::prelude::*;

use super::view_state::ViewState;
use crate::model::Shared;
use crate::state::Playground;

/// The form of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Picture,
    Table,
}

impl Form {
    /// The form that it is not.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Picture => Self::Table,
            Self::Table => Self::Picture,
        }
    }
}

/// One chart. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SingleChart {
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
    /// A chart of the run on screen.
    pub(super) fn new(
        state: Playground,
        view: ViewState,
        metrics: Memo<Vec<MetricDisplay>>,
        id: ChartId,
        time_labels: Memo<TimeLabels>,
    ) -> Self {
        let chart = id.kind.chart();
        let size = RwSignal::new((0.0, 0.0));
        let own = Memo::new(move |_| {
            let series = state.latest.with(|latest| {
                let trace = latest.trace()?;
                Some(metrics.with(|metrics| series(trace, id, metrics)))
            });
            Shared::new(series.unwrap_or_default())
        });
        let compared = Memo::new(move |_| {
            let pinned = Some(state.pinned).filter(|_| chart.compares);
            let run = pinned?.get()?;
            Some(Shared::new(series(&run.trace, id, &[])))
        });
        let picture = Memo::new(move |_| {
            let metric = metrics.with(|metrics| metrics.get(id.metric).cloned());
            let (own, compared) = (own.get(), compared.get());
            let view = View::new(size.get(), view.range.get(), time_labels.get());
            state.latest.with(|latest| {
                let subject = Subject::new(latest.trace()?, &own)
                    .with_compared(compared.as_deref().map_or(&[], |series| series))
                    .with_metric(metric.as_ref().filter(|_| chart.per_metric));
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

    /// The data of the path of its layer at a position.
    pub(super) fn path(self, layer: usize) -> String {
        self.picture.with(|picture| {
            let path = picture.as_deref().and_then(|all| all.paths.get(layer));
            path.cloned().unwrap_or_default()
        })
    }
}
