//! What a stabilization window holds at the sync at the cursor, in words and as marks in the plot.

use hpa_simulation::chart::stabilization::{MARKS, StabilizationHold};
use leptos::prelude::*;

use super::plot::Layer;
use super::single_chart::SingleChart;
use crate::state::Playground;

/// What is held at the cursor.
pub(super) fn hold(state: Playground) -> Option<StabilizationHold> {
    state.detail.with(|detail| {
        let detail = detail.as_deref()?;
        let stabilization = detail.explanation.stabilization.as_ref()?;
        StabilizationHold::at(detail.time, stabilization)
    })
}

/// What is held in words.
#[component]
pub(super) fn HoldText() -> impl IntoView {
    let state = expect_context::<Playground>();
    let words = move || hold(state).map(|hold| format!("Cursor: {}", hold.text()));
    view! {
        <span class="hold-text" data-testid="hold">
            {words}
        </span>
    }
}

/// The marks in the plot of a chart.
#[component]
pub(super) fn HoldMarks(
    /// The chart.
    chart: SingleChart,
) -> impl IntoView {
    let paths = Memo::new(move |_| {
        let hold = hold(chart.state)?;
        chart
            .axes
            .with(|axes| axes.as_ref().map(|axes| hold.marks(axes)))
    });
    let marks = MARKS.iter().enumerate();
    let mark = move |(at, (class, style)): (usize, &(&'static str, _))| {
        let path = Signal::derive(move || {
            paths.with(|paths| {
                paths
                    .as_ref()
                    .map_or_else(String::new, |all| all[at].clone())
            })
        });
        view! { <Layer class=*class style=*style path /> }
    };
    marks.map(mark).collect_view()
}
