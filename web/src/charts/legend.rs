//! The legend of a chart, with the values at the pointer, or else at the cursor.

use hpa_simulation::chart::{Note, Sample, SeriesKind};
use leptos::prelude::*;

use super::single_chart::SingleChart;

/// An entry for each series of a chart, then its notes.
#[component]
pub(super) fn Legend(
    /// The chart.
    chart: SingleChart,
) -> impl IntoView {
    let descriptor = chart.id.kind.chart();
    // Before the first valid text there are no series.
    let is_there = Memo::new(move |_| chart.series.with(|series| !series.is_empty()));
    let series = move |(at, kind): (usize, &&'static SeriesKind)| {
        let kind = *kind;
        let value = Signal::derive(move || value_of(chart, at, kind));
        view! { <Entry id=kind.id sample=kind.sample name=kind.name value /> }
    };
    let note = move |note: &&'static Note| {
        let note = *note;
        let text = Signal::derive(move || {
            let latest = chart.state.latest;
            let text = latest.with(|latest| latest.trace().map(|trace| (note.text)(trace)));
            text.unwrap_or_default()
        });
        view! { <Entry id=note.id sample=note.sample name=note.name value=text /> }
    };
    view! {
        <div class="contents">
            <Show when=move || is_there.get()>
                {descriptor.series.iter().enumerate().map(series).collect_view()}
                {descriptor.notes.iter().map(note).collect_view()}
            </Show>
        </div>
    }
}

/// The value of a series at the pointer or the cursor, with its unit.
fn value_of(chart: SingleChart, at: usize, kind: &SeriesKind) -> String {
    let hovered = chart.view.hover.get();
    let time = hovered.unwrap_or_else(|| chart.state.now());
    chart.series.with(|all| {
        let Some(series) = all.get(at) else {
            return String::new();
        };
        let value = series.at(time);
        if value.is_nan() && kind.is_occasional() {
            "no".to_owned()
        } else {
            series.unit.text(value)
        }
    })
}

#[component]
fn Entry(
    /// The `data-testid` of its value, and a part of a class of the style sheet.
    id: &'static str,
    /// What its sample looks like.
    sample: Sample,
    /// Its name.
    name: &'static str,
    /// Its value.
    value: Signal<String>,
) -> impl IntoView {
    let shape = match sample {
        Sample::Line => "sample sample-line",
        Sample::Dashed => "sample sample-dashed",
        Sample::Dotted => "sample sample-dotted",
        Sample::Area => "sample sample-area",
    };
    view! {
        <span class=format!("legend legend-{id}")>
            <span class=shape aria-hidden="true"></span>
            {name}
            " "
            <span class="legend-value" data-testid=id>
                {value}
            </span>
        </span>
    }
}
