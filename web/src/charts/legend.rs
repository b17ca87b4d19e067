//! The legend of a chart, with the values at the pointer, or else at the cursor.

use hpa_simulation::chart::stabilization::StabilizationHold;
use hpa_simulation::chart::{Note, Sample, SeriesKind};
use leptos::prelude::*;

use super::single_chart::SingleChart;
use crate::dom::{El, el};
use crate::state::Playground;

/// An entry for each series of a chart, then its notes.
pub(super) fn legend(chart: SingleChart) -> El {
    let descriptor = chart.id.kind.chart();
    // Before the first valid text there are no series.
    let is_there = Memo::new(move |_| chart.series.with(|series| !series.is_empty()));
    let entries = move || {
        if !is_there.get() {
            return Vec::new();
        }
        let kinds = descriptor.series.iter().enumerate();
        let series = kinds.map(|(at, kind)| series_entry(chart, at, kind));
        let notes = descriptor.notes.iter();
        let notes = notes.map(|note| note_entry(chart.state, note));
        series.chain(notes).collect()
    };
    el("div", "contents").region(entries)
}

fn series_entry(chart: SingleChart, at: usize, kind: &'static SeriesKind) -> El {
    let value = move || {
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
    };
    entry(kind.id, kind.sample, kind.name, value)
}

fn note_entry(state: Playground, note: &'static Note) -> El {
    let text = move || {
        let text = state
            .latest
            .with(|latest| latest.trace().map(|trace| (note.text)(trace)));
        text.unwrap_or_default()
    };
    entry(note.id, note.sample, note.name, text)
}

/// One entry; `id` is also part of a class of the style sheet.
fn entry(id: &str, sample: Sample, name: &str, value: impl Fn() -> String + 'static) -> El {
    let shape = match sample {
        Sample::Line => "sample sample-line",
        Sample::Dashed => "sample sample-dashed",
        Sample::Dotted => "sample sample-dotted",
        Sample::Area => "sample sample-area",
    };
    el("span", &format!("legend legend-{id}"))
        .child(el("span", shape).attr("aria-hidden", "true"))
        .text(name)
        .text(" ")
        .child(el("span", "legend-value").id(id).says(value))
}

/// What a stabilization window holds at the sync at the cursor.
pub(super) fn hold(state: Playground) -> Option<StabilizationHold> {
    state.detail.with(|detail| {
        let detail = detail.as_deref()?;
        let stabilization = detail.explanation.stabilization.as_ref()?;
        StabilizationHold::at(detail.time, stabilization)
    })
}

/// The same as text.
pub(super) fn hold_text(state: Playground) -> El {
    let words = move || {
        hold(state).map_or_else(String::new, |hold| {
            let mut text = "Cursor: ".to_owned();
            text.push_str(&hold.text());
            text
        })
    };
    el("span", "hold-text").id("hold").says(words)
}
