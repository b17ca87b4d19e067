//! `hpa-sim run`: one experiment, as a table, a chart, or data.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use hpa_core::manifest::Source;
use hpa_core::time::{SignedDuration, Timestamp};
use hpa_simulation::chart::{ChartId, ChartKind, MetricDisplay, SvgOptions, Theme};
use hpa_simulation::cluster::STOPPED;
use hpa_simulation::experiment::{Defaults, Experiment, Run, presets};

use crate::cli::Status;
use crate::overrides::OverrideOptions;
use crate::style::{Accent, Style};
use crate::table::Lines;
use crate::{chart, cli, explain, input, output, table};

/// Width and height of each chart of an SVG file in pixels.
const CHART_SIZE: (f64, f64) = (960.0, 200.0);

/// Options for the output of a run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Output format
    #[arg(short, long, default_value = "table")]
    output: Form,
    /// Show only syncs that differ from the one before
    #[arg(long)]
    changes: bool,
    /// Draw only these charts with --output svg
    #[arg(long = "chart", value_name = "CHART", value_delimiter = ',', value_parser = chart_kind())]
    charts: Vec<ChartKind>,
    /// Do not draw the chart
    #[arg(long)]
    no_chart: bool,
    /// Explain the sync at this time, such as 2m15s, step by step
    #[arg(long, value_name = "TIME", value_parser = SignedDuration::parse)]
    explain: Option<SignedDuration>,
    /// Run for this long instead of the experiment's duration; goals past its end are not judged
    #[arg(long, value_name = "TIME", value_parser = cli::run_duration)]
    duration: Option<SignedDuration>,
    /// Use this random seed instead of the experiment's
    #[arg(long)]
    seed: Option<u64>,
    #[command(flatten)]
    overrides: OverrideOptions,
}

/// The output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Human-readable: one line per sync, a chart, goals and numbers
    Table,
    /// One JSON document
    Json,
    /// One JSON object per sync
    Jsonl,
    /// One line per sync
    Csv,
    /// One YAML document
    Yaml,
    /// The charts that the page shows, as one SVG file
    Svg,
}

/// Reads the identifier of a chart.
fn chart_kind() -> impl TypedValueParser<Value = ChartKind> {
    let ids = ChartKind::ALL.iter().map(|kind| kind.chart().id);
    PossibleValuesParser::new(ids).try_map(|id| ChartKind::from_id(&id).ok_or("unknown chart"))
}

pub(crate) fn run(files: &[PathBuf], options: &Options) -> anyhow::Result<Status> {
    if !options.charts.is_empty() && options.output != Form::Svg {
        anyhow::bail!("--chart needs --output svg");
    }
    let overrides = options.overrides.overrides();
    let given = if files.is_empty() {
        let shipped = [Source::new("php-apache.yaml", presets::PHP_APACHE)];
        let parsed = overrides.parse_sources(&shipped, Defaults::default());
        // The assumptions of the shipped experiment are intended, so they are not reported.
        match parsed.experiment {
            Some(experiment) => Some(experiment),
            None => input::reported(parsed, &shipped),
        }
    } else {
        input::overridden(&input::read_all(files)?, overrides)
    };
    let Some(mut experiment) = given else {
        return Ok(Status::BadInput);
    };
    if let Some(duration) = options.duration {
        let left_out = experiment.set_duration(duration)?;
        for goal in left_out {
            eprintln!(
                "note: not judged, as the run ends at {duration}: {}",
                goal.name
            );
        }
    }
    if let Some(seed) = options.seed {
        experiment.setup = experiment.setup.with(|draft| draft.seed = seed)?;
    }
    let run = experiment.run();
    if let Some(at) = run.trace.stopped {
        let at = SignedDuration(at.0);
        eprintln!("warning: at {at} the run {STOPPED}");
    }
    input::print(&text(&experiment, &run, options)?)?;
    Ok(if run.as_expected() {
        Status::Ok
    } else {
        Status::Found
    })
}

fn text(experiment: &Experiment, run: &Run, options: &Options) -> anyhow::Result<String> {
    if let Some(at) = options.explain {
        return explain::explain(run, Timestamp(at.0));
    }
    Ok(match options.output {
        Form::Table => table(experiment, run, options),
        Form::Json => output::pretty(&output::document(experiment, run)),
        Form::Jsonl => output::json_lines(experiment, run),
        Form::Csv => output::csv(run),
        Form::Svg => svg(run, &options.charts),
        Form::Yaml => hpa_core::manifest::print(&output::document(experiment, run)),
    })
}

/// The charts of some kinds, or all, one below the other.
fn svg(run: &Run, kinds: &[ChartKind]) -> String {
    let kinds = if kinds.is_empty() {
        ChartKind::ALL
    } else {
        kinds
    };
    let metrics = MetricDisplay::of_all(&run.trace.setup).len();
    let charts = ChartId::of_kinds(kinds, metrics);
    let options = SvgOptions::new(CHART_SIZE, Theme::Neutral);
    hpa_simulation::chart::svg(&run.trace, &charts, &options).text
}

/// Table, chart, goals and summary.
fn table(experiment: &Experiment, run: &Run, options: &Options) -> String {
    let style = Style::of(&std::io::stdout());
    let lines = if options.changes {
        Lines::Changes
    } else {
        Lines::All
    };
    let mut out = String::new();
    if !experiment.title.is_empty() {
        let title = style.paint(Accent::Bold, &experiment.title);
        out.push_str(&format!("{title}\n\n"));
    }
    out.push_str(&table::render(&run.trace, lines, style));
    if !options.no_chart {
        out.push('\n');
        out.push_str(&chart::render(&run.trace, style));
    }
    out.push('\n');
    out.push_str(&output::results(run));
    out
}
