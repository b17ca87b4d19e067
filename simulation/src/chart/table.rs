//! Knows what a chart says in words and as a table, for people who do not see it and for files.

use std::fmt::Write as _;

use crate::cluster::{Action, Trace};

use super::format::{clock, number, spoken};
use super::metric_display::MetricLook;
use super::series::{Column, Kind, Role};
use super::time_range::Window;
use super::time_range::seconds;

/// The heading of a chart.
#[must_use]
pub fn heading(kind: Kind, looks: &[MetricLook]) -> String {
    match kind {
        Kind::Load => "Load".to_owned(),
        Kind::Metric(index) => looks
            .get(index)
            .map(|look| look.name.clone())
            .unwrap_or_default(),
        Kind::Replicas => "Replicas".to_owned(),
        Kind::Latency => "Latency".to_owned(),
        Kind::Backlog => "Backlog".to_owned(),
        Kind::Pods => "Pods".to_owned(),
    }
}

/// What a chart shows within a window, in a few sentences.
#[must_use]
pub fn summary(kind: Kind, columns: &[Column], heading: &str, window: Window) -> String {
    let mut text = format!(
        "{heading} from {} to {}.",
        spoken(window.0),
        spoken(window.1)
    );
    for column in columns {
        let sentence = match (kind, column.role) {
            (_, Role::Target) => Some(format!(
                " The target is {}.",
                column.unit.text(column.at(window.0))
            )),
            (Kind::Replicas, Role::Proposal) => None,
            (_, Role::Held | Role::Limit) => occasions(column, window),
            _ => range(column, window),
        };
        text.push_str(&sentence.unwrap_or_default());
    }
    text
}

/// The lowest and the highest value of a column.
fn range(column: &Column, window: Window) -> Option<String> {
    let points = column.within(window);
    let values = || points.iter().filter(|point| !point.1.is_nan());
    let lowest = values().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let highest = values().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0)))?;
    let (name, unit) = (column.name, &column.unit);
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    Some(if lowest.1 < highest.1 {
        format!(
            " {name}: from {} to {}, which is first at {}.",
            unit.text(lowest.1),
            unit.text(highest.1),
            spoken(highest.0)
        )
    } else {
        format!(" {name}: {} all the time.", unit.text(lowest.1))
    })
}

/// From when to when a column has values.
fn occasions(column: &Column, window: Window) -> Option<String> {
    let what = if column.role == Role::Held {
        "A stabilization window holds"
    } else {
        "A rate limit cuts"
    };
    let points = column.within(window);
    let (first, last) = points.last().map(|last| last.0).and_then(|end| {
        let some = |point: &&(f64, f64)| !point.1.is_nan();
        let first = points.iter().find(some)?.0;
        let position = points.iter().rposition(|point| !point.1.is_nan())?;
        Some((first, points.get(position + 1).map_or(end, |next| next.0)))
    })?;
    Some(format!(
        " {what} between {} and {}.",
        spoken(first),
        spoken(last)
    ))
}

/// A table of a chart's columns: a row for each time at which one of them changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The names of the columns with their units, the time first.
    pub head: Vec<String>,
    /// Times [s] and values.
    pub rows: Vec<(f64, Vec<f64>)>,
}

/// The table of a chart within a window.
#[must_use]
pub fn table(columns: &[Column], window: Window) -> Table {
    let head = std::iter::once("Time".to_owned());
    let head = head.chain(
        columns
            .iter()
            .map(|column| format!("{} [{}]", column.name, column.unit.name())),
    );
    let parts: Vec<Vec<(f64, f64)>> = columns.iter().map(|column| column.within(window)).collect();
    let mut next = vec![0; parts.len()];
    let mut rows: Vec<(f64, Vec<f64>)> = Vec::new();
    // Each column is in order of time: the next time is the earliest that any of them has.
    loop {
        let heads = parts
            .iter()
            .zip(&next)
            .filter_map(|(part, at)| part.get(*at));
        let time = heads.fold(f64::INFINITY, |time, point| time.min(point.0));
        if time.is_infinite() {
            break;
        }
        for (part, at) in parts.iter().zip(&mut next) {
            while part.get(*at).is_some_and(|point| point.0 <= time) {
                *at += 1;
            }
        }
        let values: Vec<f64> = columns.iter().map(|column| column.at(time)).collect();
        let same = |a: &f64, b: &f64| a.total_cmp(b).is_eq();
        let repeated = rows
            .last()
            .is_some_and(|(_, last)| last.iter().zip(&values).all(|(a, b)| same(a, b)));
        // The end of a window, and of a column, is no change.
        if !repeated && (time < window.1 || rows.is_empty()) {
            rows.push((time, values));
        }
    }
    Table {
        head: head.collect(),
        rows,
    }
}

impl Table {
    /// The table as comma-separated values, times in seconds. A missing value is empty.
    #[must_use]
    pub fn csv(&self) -> String {
        let quoted = |text: &str| {
            if text.contains([',', '"', '\n']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let mut head = self.head.clone();
        if let Some(time) = head.first_mut() {
            time.push_str(" [s]");
        }
        let head: Vec<String> = head.iter().map(|name| quoted(name)).collect();
        let mut text = head.join(",") + "\n";
        for (time, values) in &self.rows {
            let _ = write!(text, "{time}");
            for value in values {
                text.push(',');
                if value.is_finite() {
                    // What a 32-bit column holds, without the digits that it does not know.
                    let _ = write!(text, "{}", (value * 1e6).round() / 1e6);
                }
            }
            text.push('\n');
        }
        text
    }
}

/// A cell of the table on the page; the unit is in the head.
#[must_use]
pub fn cell(value: f64) -> String {
    if value.is_nan() {
        "–".to_owned()
    } else {
        number(value)
    }
}

/// What the timeline has at a time: the last event at or up to a sync before it.
#[must_use]
pub fn event_at(trace: &Trace, time: f64) -> Option<String> {
    let near = |at: f64| at <= time + 0.0005 && at > time - 15.0;
    let marker = trace
        .markers
        .iter()
        .rev()
        .find(|marker| near(seconds(marker.time)))?;
    let event = trace.setup.timeline.get(marker.event)?;
    let name = action(&event.action);
    let edge = match marker.edge {
        crate::cluster::Edge::Begin => "",
        crate::cluster::Edge::End => "end of: ",
    };
    Some(format!("{edge}{name} at {}", clock(seconds(marker.time))))
}

fn action(action: &Action) -> String {
    match action {
        Action::Scale { replicas } => format!("kubectl scale to {replicas}"),
        Action::ApplyWorkload(_) => "kubectl apply of the workload".to_owned(),
        Action::EditAutoscaler(_) => "edit of the autoscaler".to_owned(),
        Action::RollingUpdate => "rolling update".to_owned(),
        Action::LosePods { count } => format!("loss of pods: {count}"),
        Action::LoseNodes { count } => format!("loss of nodes: {count}"),
        Action::MetricFault { .. } => "fault of a metric".to_owned(),
        Action::MetricsApiDown { .. } => "metrics API down".to_owned(),
        Action::RestartController { .. } => "restart of the controller".to_owned(),
        Action::SetQuota { .. } => "change of the quota".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::metric_display::metrics;
    use crate::chart::series::columns;
    use crate::chart::testing::walkthrough;

    fn of(kind: Kind) -> Vec<Column> {
        let trace = walkthrough();
        columns(&trace, kind, &metrics(&trace.setup))
    }

    #[test]
    fn a_summary_says_what_the_picture_shows() {
        let text = summary(Kind::Load, &of(Kind::Load), "Load", (0.0, 1800.0));
        assert!(
            text.starts_with("Load from 0 s to 30 min. Arriving: from 0 requests/s to 61 requests/s, which is first at 1 min."),
            "{text}"
        );
        let text = summary(
            Kind::Replicas,
            &of(Kind::Replicas),
            "Replicas",
            (0.0, 1800.0),
        );
        assert!(
            text.contains("A stabilization window holds between")
                && text.contains("A rate limit cuts"),
            "{text}"
        );
    }

    #[test]
    fn a_table_has_a_row_for_each_change() {
        let columns: Vec<Column> = of(Kind::Load).into_iter().take(1).collect();
        let table = table(&columns, (0.0, 1800.0));
        assert_eq!(table.head, ["Time", "arriving [requests/s]"]);
        assert_eq!(
            table.rows,
            [(0.0, vec![0.0]), (60.0, vec![61.0]), (660.0, vec![0.0])]
        );
        assert_eq!(
            table.csv(),
            "Time [s],arriving [requests/s]\n0,0\n60,61\n660,0\n"
        );
    }

    #[test]
    fn a_missing_value_is_no_number() {
        let table = Table {
            head: vec!["Time".to_owned(), "a, \"b\"".to_owned()],
            rows: vec![(15.0, vec![f64::NAN])],
        };
        assert_eq!(table.csv(), "Time [s],\"a, \"\"b\"\"\"\n15,\n");
        assert_eq!(cell(f64::NAN), "–");
    }
}
