//! `hpa-sim import`: converts a recorded series to the load of an experiment.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use hpa_core::time::SignedDuration;
use hpa_simulation::experiment::import;

use crate::cli::Status;
use crate::input;

/// Options for reading the series.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The format of the series; default: detected from its first lines
    #[arg(long)]
    format: Option<Format>,
    /// The index of the series if there are several, from 0
    #[arg(long, default_value_t = 0)]
    column: usize,
    /// The interval between two values in promtool's notation
    #[arg(long, default_value = "1m", value_parser = SignedDuration::parse)]
    interval: SignedDuration,
    /// Factor that converts the values to requests per second
    #[arg(long, default_value_t = 1.0)]
    factor: f64,
}

/// The formats of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Response of Prometheus' query_range, or of promtool query range -o json
    Prometheus,
    /// Two columns, or an export of Grafana
    Csv,
    /// promtool's notation, such as 0+10x60
    Promtool,
}

pub(crate) fn import(file: &Path, options: &Options) -> anyhow::Result<Status> {
    let source = input::read(file)?;
    let text = source.text().trim();
    let format = options.format.unwrap_or_else(|| guess(text));
    let result = match format {
        Format::Prometheus => import::prometheus(text, options.column),
        Format::Csv => import::csv(text, options.column),
        Format::Promtool => import::promtool(text, options.interval),
    };
    let series = result
        .map_err(anyhow::Error::msg)
        .with_context(|| source.name().to_owned())?;
    for note in &series.notes {
        eprintln!("note: {note}");
    }
    let factor = options.factor;
    anyhow::ensure!(
        factor.is_finite(),
        "--factor {factor} is not a finite number"
    );
    let end = series
        .points
        .last()
        .map_or(SignedDuration::ZERO, |point| point.0);
    let mut out = String::from("apiVersion: hpa-playground/v1\nkind: Experiment\n");
    let _ = writeln!(out, "duration: {}", end.max(SignedDuration::from_secs(1)));
    out.push_str("load:\n- name: recorded\n");
    // Each explicit point is several values of the document, whose number is limited.
    let is_long = series.points.len() > 10_000;
    out.push_str(if is_long {
        "  series:\n    csv: |\n"
    } else {
        "  points:\n    values:\n"
    });
    for (at, rate) in &series.points {
        let rate = rate * factor;
        let _ = if is_long {
            writeln!(out, "      {at},{rate}")
        } else {
            writeln!(out, "    - {{at: {at}, rate: {rate}}}")
        };
    }
    input::print(&out)
}

fn guess(text: &str) -> Format {
    if text.starts_with(['{', '[']) {
        Format::Prometheus
    } else if text.contains([',', ';', '\t']) {
        Format::Csv
    } else {
        Format::Promtool
    }
}
