//! One chart on the page: its caption, and its picture or table.

use hpa_simulation::chart::ChartKind;
use leptos::prelude::*;

use super::data_table::data_table;
use super::export_menu::ExportMenu;
use super::hold::HoldText;
use super::legend::Legend;
use super::load_line::{DrawButton, LoadLine};
use super::plot::Plot;
use super::single_chart::{Form, SingleChart};
use crate::lazy::LazyView;

/// A chart with its caption.
#[component]
pub(super) fn Figure(
    /// The chart.
    chart: SingleChart,
) -> impl IntoView {
    let descriptor = chart.id.kind.chart();
    let line = (chart.id.kind == ChartKind::Load).then(|| LoadLine::new(chart));
    let is_table = move || chart.form.get() == Form::Table;
    view! {
        <figure class=format!("chart {}", descriptor.test_id) data-testid=descriptor.test_id>
            <figcaption class="chart-caption">
                <h3>{move || chart.heading()}</h3>
                <Legend chart />
                {descriptor.compares.then(|| view! { <HoldText /> })}
                <div class="chart-menu">
                    {line.map(|line| view! { <DrawButton line /> })}
                    <FormButton chart />
                    <ExportMenu chart />
                </div>
            </figcaption>
            <div class="chart-picture" class:hidden=is_table>
                <Plot chart line />
            </div>
            <div>
                <Show when=is_table>
                    <LazyView part=move || data_table(chart) />
                </Show>
            </div>
        </figure>
    }
}

/// The button that turns the picture into a table and back.
#[component]
fn FormButton(chart: SingleChart) -> impl IntoView {
    let other = move || chart.form.get().other();
    let name = move || match other() {
        Form::Picture => "Chart",
        Form::Table => "Table",
    };
    view! {
        <button
            type="button"
            class="tool tool-text"
            data-testid="form"
            aria-label=move || format!("{} of {}", name(), chart.heading())
            on:click=move |_| chart.form.update(|form| *form = form.other())
        >
            {name}
        </button>
    }
}
