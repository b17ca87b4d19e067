//! The menu that exports a chart, and the button that shows it as a table.

use std::rc::Rc;

use hpa_simulation::chart::{Svg, SvgOptions, svg, table};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::legend::hold;
use super::single_chart::{Form, SingleChart};
use super::{export, menu};
use crate::clipboard;
use crate::dom::{El, button, el};

/// A way to export a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Export {
    CopyCsv,
    SaveCsv,
    CopySvg,
    SaveSvg,
    SavePng,
}

const ITEMS: [(Export, &str, &str); 5] = [
    (Export::CopyCsv, "Copy CSV", "copy-csv"),
    (Export::SaveCsv, "Save CSV", "save-csv"),
    (Export::CopySvg, "Copy SVG", "copy-svg"),
    (Export::SaveSvg, "Save SVG", "save-svg"),
    (Export::SavePng, "Save PNG", "save-png"),
];

/// The button that shows the table, and the export menu.
pub(super) fn export_menu(chart: SingleChart) -> El {
    let said = RwSignal::new(String::new());
    let act = Rc::new(move |export: Export| run(chart, export, said));
    let mut items: Vec<El> = Vec::new();
    for (export, words, id) in ITEMS {
        let act = Rc::clone(&act);
        let is_picture = !matches!(export, Export::CopyCsv | Export::SaveCsv);
        let item = button("menu-item", words, move || act(export))
            .id(id)
            .flag("disabled", move || {
                is_picture && chart.form.get() == Form::Table
            });
        items.push(item);
    }
    items.push(
        el("p", "menu-said")
            .attr("role", "status")
            .says(move || said.get()),
    );
    let other = move || match chart.form.get() {
        Form::Picture => "Table",
        Form::Table => "Chart",
    };
    let turn = button("tool tool-text", "", move || {
        chart.form.update(|form| {
            *form = match form {
                Form::Picture => Form::Table,
                Form::Table => Form::Picture,
            }
        });
    });
    let turn = turn
        .id("form")
        .says(move || other().to_owned())
        .live("aria-label", move || {
            format!("{} of {}", other(), chart.heading())
        });
    el("div", "chart-menu").child(turn).child(menu(
        "⋯",
        move || format!("Export {}", chart.heading()),
        items,
    ))
}

fn run(chart: SingleChart, export: Export, said: RwSignal<String>) {
    let copy = |what: &'static str, text: String| {
        spawn_local(async move {
            said.try_set(match clipboard::copy(&text).await {
                Ok(()) => format!("{what} copied"),
                Err(denied) => denied.to_string(),
            });
        });
    };
    match export {
        Export::CopyCsv => copy("CSV", csv(chart)),
        Export::SaveCsv => export::save(&file_name(chart, "csv"), "text/csv", &csv(chart)),
        Export::CopySvg | Export::SaveSvg | Export::SavePng => {
            let Some(picture) = picture(chart) else {
                return;
            };
            match export {
                Export::CopySvg => copy("SVG", picture.text),
                Export::SavePng => {
                    export::save_png(file_name(chart, "png"), &picture.text, picture.size);
                }
                Export::SaveSvg | Export::CopyCsv | Export::SaveCsv => {
                    let name = file_name(chart, "svg");
                    export::save(&name, "image/svg+xml", &picture.text);
                }
            }
        }
    }
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
