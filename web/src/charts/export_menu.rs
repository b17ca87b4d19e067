//! The menu that copies and saves a chart. What makes the files is a part of the program that is
//! fetched after the first picture.

use hpa_simulation::chart::{Svg, SvgOptions, svg, table};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::export;
use super::hold::hold;
use super::menu::Menu;
use super::single_chart::{Form, SingleChart};
use crate::lazy::lazy_part;
use crate::shell::clipboard;

/// A way to export a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Export {
    CopyCsv,
    SaveCsv,
    CopySvg,
    SaveSvg,
    SavePng,
}

impl Export {
    /// Whether it exports the picture, and not the values.
    const fn is_picture(self) -> bool {
        match self {
            Self::CopySvg | Self::SaveSvg | Self::SavePng => true,
            Self::CopyCsv | Self::SaveCsv => false,
        }
    }
}

/// The ways to export a chart, each with its name and its `data-testid`.
const EXPORTS: [(Export, &str, &str); 5] = [
    (Export::CopyCsv, "Copy CSV", "copy-csv"),
    (Export::SaveCsv, "Save CSV", "save-csv"),
    (Export::CopySvg, "Copy SVG", "copy-svg"),
    (Export::SaveSvg, "Save SVG", "save-svg"),
    (Export::SavePng, "Save PNG", "save-png"),
];

/// The menu of a chart.
#[component]
pub(super) fn ExportMenu(
    /// The chart.
    chart: SingleChart,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let is_table = move || chart.form.get() == Form::Table;
    let item = move |(export, name, id): (Export, &'static str, &'static str)| {
        let run = move |_| {
            spawn_local(async move {
                if let Err(missing) = run(chart, export, said).await {
                    said.try_set(format!("Not saved: {missing}"));
                }
            });
        };
        view! {
            <button
                type="button"
                class="menu-item"
                data-testid=id
                disabled=move || export.is_picture() && is_table()
                on:click=run
            >
                {name}
            </button>
        }
    };
    let label = Signal::derive(move || format!("Export {}", chart.heading()));
    view! {
        <Menu name="⋯" label>
            {EXPORTS.map(item).collect_view()}
            <p class="menu-said" role="status">
                {said}
            </p>
        </Menu>
    }
}

lazy_part! {
    part = charts, preload = preload;
    /// Exports a chart; `said` tells how copying ended.
    pub(crate) fn run(chart: SingleChart, export: Export, said: RwSignal<String>) -> () {
        export_as(chart, export, said);
    }
}

fn export_as(chart: SingleChart, export: Export, said: RwSignal<String>) {
    match export {
        Export::CopyCsv => copy("CSV", csv(chart), said),
        Export::SaveCsv => export::save(&file_name(chart, "csv"), "text/csv", &csv(chart)),
        Export::CopySvg => {
            if let Some(picture) = picture(chart) {
                copy("SVG", picture.text, said);
            }
        }
        Export::SaveSvg => {
            if let Some(picture) = picture(chart) {
                export::save(&file_name(chart, "svg"), "image/svg+xml", &picture.text);
            }
        }
        Export::SavePng => {
            if let Some(picture) = picture(chart) {
                let name = file_name(chart, "png");
                spawn_local(async move {
                    if let Ok(image) = export::png(&picture).await {
                        export::save_blob(&name, &image);
                    }
                });
            }
        }
    }
}

fn copy(what: &'static str, text: String, said: RwSignal<String>) {
    spawn_local(async move {
        said.try_set(match clipboard::copy(&text).await {
            Ok(()) => format!("{what} copied"),
            Err(denied) => denied.to_string(),
        });
    });
}

fn csv(chart: SingleChart) -> String {
    let range = chart.view.range.get_untracked();
    chart
        .series
        .with_untracked(|series| table(series, range).csv())
}

/// The picture on screen as a standalone file in the page's current colors.
fn picture(chart: SingleChart) -> Option<Svg> {
    let pinned = chart.state.pinned.get_untracked();
    let mut options = SvgOptions::new(chart.size.get_untracked(), export::theme());
    options.range = Some(chart.view.range.get_untracked());
    options.compared = pinned.as_deref().map(|run| &run.trace);
    options.hold = untrack(|| hold(chart.state));
    chart
        .state
        .latest
        .with_untracked(|latest| Some(svg(latest.trace()?, &[chart.id], &options)))
}

/// A file name made from the chart's heading.
fn file_name(chart: SingleChart, ending: &str) -> String {
    let heading = untrack(|| chart.heading()).to_ascii_lowercase();
    let letters = heading.chars();
    let name: String = letters
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("{name}.{ending}")
}
