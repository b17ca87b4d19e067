//! Prints the run as a table with one line per sync.

use std::fmt::Write as _;

use hpa_core::autoscaler::spec::{MetricIdentity, Spec, Target};
use hpa_core::time::SignedDuration;
use hpa_simulation::cluster::{MetricPoint, Trace};

use crate::reason;
use crate::style::{Accent, Style};

/// The syncs to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// All.
    All,
    /// Syncs whose counts or reason differ from the previous one.
    Changes,
}

/// The table.
pub(crate) fn render(trace: &Trace, lines: Lines, style: Style) -> String {
    let spec = Spec::from_api(&trace.setup.autoscaler);
    let names: Vec<String> = spec
        .metrics
        .iter()
        .map(|metric| short_name(&metric.identity))
        .collect();
    let cells: Vec<Vec<String>> = (0..trace.syncs.len())
        .map(|index| {
            let points = trace.points(index);
            (0..names.len())
                .map(|at| {
                    points
                        .get(at)
                        .map_or_else(String::new, |point| value(point, &spec.metrics[at].target))
                })
                .collect()
        })
        .collect();
    let width = |at: usize| {
        let longest = cells.iter().map(|row| row[at].chars().count()).max();
        longest.unwrap_or_default().max(names[at].chars().count())
    };
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let mut head = format!("{:>9} {:>10}", "TIME", "LOAD 1/s");
    for (name, width) in names.iter().zip(&widths) {
        let _ = write!(head, "  {name:>width$}");
    }
    head.push_str("  CURRENT  DESIRED  READY  REASON");
    let mut table = format!("{}\n", style.paint(Accent::Bold, head));
    let mut last = None;
    for (index, sync) in trace.syncs.iter().enumerate() {
        let why = reason::of(trace, index);
        let key = (sync.current, sync.desired, sync.ready, why.clone());
        if lines == Lines::Changes && last.as_ref() == Some(&key) {
            continue;
        }
        last = Some(key);
        let time = SignedDuration(sync.time.0).to_string();
        let mut line = format!("{time:>9} {:>10.1}", load_at(trace, sync.time.0));
        for (cell, width) in cells[index].iter().zip(&widths) {
            let _ = write!(line, "  {cell:>width$}");
        }
        let desired = format!("{:>7}", sync.desired);
        let desired = if sync.rescaled() {
            style.paint(Accent::Green, desired).to_string()
        } else {
            desired
        };
        let _ = writeln!(
            table,
            "{line}  {:>7}  {desired}  {:>5}  {why}",
            sync.current, sync.ready
        );
    }
    table
}

/// The load [1/s] just before a time in milliseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of a run are far below 2^53"
)]
fn load_at(trace: &Trace, time: i64) -> f32 {
    let steps = &trace.steps;
    let next = steps
        .time
        .partition_point(|start| *start < time as f64 / 1000.0);
    steps
        .load
        .get(next.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

fn short_name(identity: &MetricIdentity) -> String {
    match identity {
        MetricIdentity::Resource { resource } => resource.to_uppercase(),
        MetricIdentity::ContainerResource {
            resource,
            container,
        } => {
            format!("{} {container}", resource.to_uppercase())
        }
        MetricIdentity::Pods { metric }
        | MetricIdentity::Object { metric, .. }
        | MetricIdentity::External { metric } => metric.name.clone(),
        MetricIdentity::Unknown { source_type } => source_type.to_string(),
    }
}

/// A value and its target in the style of `kubectl get hpa`.
fn value(point: &MetricPoint, target: &Target) -> String {
    if point.value.is_nan() {
        return String::from("<unknown>");
    }
    match target {
        Target::Utilization(_) => format!("{}%/{}%", point.value, point.target),
        _ => format!(
            "{}/{}",
            plain(point.value / 1000.0),
            plain(point.target / 1000.0)
        ),
    }
}

/// A number in at most five characters.
fn plain(value: f64) -> String {
    for (suffix, factor) in [("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e4)] {
        if value.abs() >= factor {
            let unit = if suffix == "k" { 1e3 } else { factor };
            return format!("{:.1}{suffix}", value / unit);
        }
    }
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, expected: &str) {
        assert_eq!(plain(value), expected);
    }

    #[test]
    fn numbers_are_short() {
        check(0.0, "0");
        check(12.0, "12");
        check(12.345, "12.35");
        check(9999.5, "9999.5");
        check(12_345.0, "12.3k");
        check(536_870_912.0, "536.9M");
    }

    #[test]
    fn the_walkthrough_has_a_line_per_sync() {
        let trace = hpa_simulation::cluster::run(&hpa_simulation::cluster::Setup::default()).trace;
        let table = render(&trace, Lines::All, Style::Plain);
        assert_eq!(table.lines().count(), trace.syncs.len() + 1);
        let first_rescale = table
            .lines()
            .find(|line| line.contains("305%/50%"))
            .expect("a line");
        assert_eq!(
            first_rescale,
            "    1m30s       61.0  305%/50%        1        4      1  ratio 6.10 proposes 7, rate limit allows 4"
        );
        assert!(
            table.contains("122%/50%        7        7      7  ratio 2.44, but 0.34 when 6 pods without a sample count as idle: keep 7\n"),
            "{table}"
        );
        let changes = render(&trace, Lines::Changes, Style::Plain);
        assert!(changes.lines().count() < 20, "{changes}");
    }
}
