//! A chart as a table, a part of the program that is fetched after the first picture.

use hpa_simulation::chart::{Table, cell, table};
use leptos::prelude::*;

use super::single_chart::SingleChart;
use crate::format::{clock, number};
use crate::lazy::lazy_part;

/// The maximum number of rows on the page; a saved file has all of them.
const ROWS: usize = 300;

lazy_part! {
    part = charts, preload = preload;
    /// The visible part of a chart as a description and a table.
    pub(crate) fn data_table(chart: SingleChart) -> AnyView {
        view! { <DataTable chart /> }.into_any()
    }
}

#[component]
fn DataTable(chart: SingleChart) -> impl IntoView {
    let table = Memo::new(move |_| {
        let range = chart.view.range.get();
        chart.series.with(|series| table(series, range))
    });
    let head = move || {
        let names = table.with(|table| table.head.clone());
        let heading = |name| view! { <th scope="col">{name}</th> };
        names.into_iter().map(heading).collect_view()
    };
    let body = move || {
        let rows = table.with(|Table { rows, .. }| rows[..rows.len().min(ROWS)].to_vec());
        let row = |(time, values): (f64, Vec<f64>)| {
            let value = |value| view! { <td>{cell(value)}</td> };
            view! {
                <tr>
                    <th scope="row">{clock(time)}</th>
                    {values.into_iter().map(value).collect_view()}
                </tr>
            }
        };
        rows.into_iter().map(row).collect_view()
    };
    let more = move || {
        let more = table.with(|table| table.rows.len().saturating_sub(ROWS));
        (more > 0).then(|| {
            #[expect(clippy::cast_precision_loss, reason = "rows")]
            let more = number(more as f64);
            view! { <p class="quiet">{more} " more rows: zoom in, or save the CSV."</p> }
        })
    };
    view! {
        <div
            class="chart-table"
            role="region"
            aria-label="Table"
            tabindex="0"
            data-testid="table"
        >
            <p>{move || chart.description()}</p>
            <table>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
            {more}
        </div>
    }
}
