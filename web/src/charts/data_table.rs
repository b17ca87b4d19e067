//! A chart as a table.

use hpa_simulation::chart::{Table, cell, table};
use leptos::prelude::*;

use super::single_chart::SingleChart;
use crate::dom::{El, el};
use crate::format::{clock, number};

/// The maximum number of rows on the page; a saved file has all of them.
const ROWS: usize = 300;

/// The visible part of a chart as a description and a table.
pub(super) fn data_table(chart: SingleChart) -> El {
    let body = move || {
        let range = chart.view.range.get();
        let Table { head, rows, .. } = chart.series.with(|series| table(series, range));
        let heading = |name: &String| el("th", "").attr("scope", "col").text(name);
        let head = el("tr", "").all(head.iter().map(heading).collect());
        let row = |(time, values): &(f64, Vec<f64>)| {
            let time = el("th", "").attr("scope", "row").text(&clock(*time));
            let value = |value: &f64| el("td", "").text(&cell(*value));
            el("tr", "")
                .child(time)
                .all(values.iter().map(value).collect())
        };
        let body = rows.iter().take(ROWS).map(row).collect();
        let table = el("table", "")
            .child(el("thead", "").child(head))
            .child(el("tbody", "").all(body));
        let mut parts = vec![el("p", "").says(move || chart.description()), table];
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
