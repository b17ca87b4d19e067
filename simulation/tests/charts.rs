//! Charts as SVG files: one picture against a reviewed file, and all of them as XML.

mod testing;

use expect_test::expect_file;
use hpa_simulation::chart::{ChartId, ChartKind, MetricDisplay, SvgOptions, Theme, svg};
use hpa_simulation::experiment::presets;
use test_support::check_each;

/// As `hpa-sim` draws: its test compares with the same file.
fn options() -> SvgOptions<'static> {
    SvgOptions::new((960.0, 200.0), Theme::Neutral)
}

#[test]
fn the_replicas_of_the_walkthrough_are_drawn_as_reviewed() {
    let charts = ChartId::of_kinds(&[ChartKind::Replicas], 1);
    let run = testing::experiment("php-apache", presets::PHP_APACHE).run();
    let drawn = svg(&run.trace, &charts, &options());
    expect_file!["charts/php-apache-replicas.svg"].assert_eq(&drawn.text);
}

#[test]
fn every_chart_is_well_formed_and_needs_no_style_sheet() {
    let trace = testing::experiment("php-apache", presets::PHP_APACHE)
        .run()
        .trace;
    let metrics = MetricDisplay::of_all(&trace.setup).len();
    let all = ChartId::of_kinds(ChartKind::ALL, metrics);
    check_each([Theme::Light, Theme::Dark, Theme::Neutral], |theme| {
        let options = SvgOptions::new((640.0, 120.0), theme);
        let drawn = svg(&trace, &all, &options);
        let document = roxmltree::Document::parse(&drawn.text).expect("XML");
        let root = document.root_element();
        assert_eq!(root.attribute("width"), Some("640"));
        let plots = root.children().filter(|node| node.has_tag_name("svg"));
        assert_eq!(plots.count(), all.len());
        check_each(["class=", "style=", "var(", "NaN", "inf"], |absent| {
            assert!(!drawn.text.contains(absent), "{absent}");
        });
        // The lowest chart alone has the labels of the time axis.
        let labels = document.descendants();
        let labels = labels.filter(|node| node.text() == Some("10:00") && node.is_element());
        assert_eq!(labels.count(), 1);
    });
}
