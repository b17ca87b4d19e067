//! Charts as SVG files: one picture against a reviewed file, and all of them as XML.
//!
//! After a change that is meant, run the test with `UPDATE=1` and look at the picture.

use std::path::Path;

use hpa_simulation::chart::{ChartId, ChartKind, MetricDisplay, SvgOptions, Theme, svg};
use hpa_simulation::cluster::Trace;
use hpa_simulation::experiment::{Experiment, presets};

fn run(text: &str) -> Trace {
    let read = Experiment::parse(text);
    read.experiment.expect("an experiment").run().trace
}

/// As `hpa-sim` draws: its test compares with the same file.
fn options() -> SvgOptions<'static> {
    SvgOptions::new((960.0, 200.0), Theme::Neutral)
}

#[test]
fn the_replicas_of_the_walkthrough_are_drawn_as_reviewed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/charts/php-apache-replicas.svg");
    let charts = ChartId::of_kinds(&[ChartKind::Replicas], 1);
    let drawn = svg(&run(presets::PHP_APACHE), &charts, &options());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &drawn.text).expect("a file");
    }
    let reviewed = std::fs::read_to_string(&file).expect("a reviewed file");
    assert!(
        drawn.text == reviewed,
        "not as in {}: run the test with UPDATE=1 and look at the picture",
        file.display()
    );
}

#[test]
fn every_chart_is_well_formed_and_needs_no_style_sheet() {
    let trace = run(presets::PHP_APACHE);
    let metrics = MetricDisplay::of_all(&trace.setup).len();
    let all = ChartId::of_kinds(ChartKind::ALL, metrics);
    for theme in [Theme::Light, Theme::Dark, Theme::Neutral] {
        let options = SvgOptions::new((640.0, 120.0), theme);
        let drawn = svg(&trace, &all, &options);
        let document = roxmltree::Document::parse(&drawn.text).expect("XML");
        let root = document.root_element();
        assert_eq!(root.attribute("width"), Some("640"));
        let plots = root.children().filter(|node| node.has_tag_name("svg"));
        assert_eq!(plots.count(), all.len());
        for absent in ["class=", "style=", "var(", "NaN", "inf"] {
            assert!(!drawn.text.contains(absent), "{absent}");
        }
        // The lowest chart alone has the labels of the time axis.
        let labels = document.descendants();
        let labels = labels.filter(|node| node.text() == Some("10:00") && node.is_element());
        assert_eq!(labels.count(), 1);
    }
}
