//! Describes in one phrase why a sync has its result.

use hpa_core::autoscaler::explanation::{Bound, Branch};
use hpa_simulation::cluster::{MetricPoint, SyncRecord, Trace};

/// The reason for the result of sync `index`.
pub(crate) fn of(trace: &Trace, index: usize) -> String {
    let Some(sync) = trace.syncs.get(index) else {
        return String::new();
    };
    match sync.branch {
        Branch::NoScale => String::from("scale cannot be read"),
        Branch::Disabled => String::from("0 replicas: scaling is disabled"),
        Branch::AboveMaximum => String::from("above maxReplicas: set to maxReplicas"),
        Branch::BelowMinimum => String::from("below minReplicas: set to minReplicas"),
        Branch::NoMetrics => String::from("no usable metric: no change"),
        Branch::Metrics => by_metrics(trace, index, sync),
    }
}

fn by_metrics(trace: &Trace, index: usize, sync: &SyncRecord) -> String {
    let points = trace.points(index);
    let winner = points.get(usize::from(sync.winner.unwrap_or_default()));
    let (ratio, filled) = winner.map_or_else(|| (String::from("ratio unknown"), false), ratio);
    let mut parts = vec![if sync.proposal == sync.current {
        format!("{ratio}: keep {}", sync.current)
    } else if filled {
        format!("{ratio}: proposes {}", sync.proposal)
    } else {
        format!("{ratio} proposes {}", sync.proposal)
    }];
    if sync.held_by_window() {
        parts.push(format!("window holds {}", sync.stabilized));
    }
    match sync.bound {
        Bound::None => {}
        Bound::Maximum => parts.push(String::from("limited by maxReplicas")),
        Bound::Minimum => parts.push(String::from("limited by minReplicas")),
        Bound::ScaleUpLimit | Bound::ScaleDownLimit => {
            parts.push(format!("rate limit allows {}", sync.desired));
        }
    }
    if sync.failed_metrics > 0 {
        parts.push(format!("{} failed", sync.failed_metrics));
    }
    parts.join(", ")
}

/// The measured ratio, which matches the value in the table, and the ratio including assumed
/// samples, if there are any.
fn ratio(point: &MetricPoint) -> (String, bool) {
    let filled = (point.unready_filled, point.missing_filled);
    ratio_with(point.measured_ratio, point.ratio, filled)
}

fn ratio_with(
    measured_ratio: f64,
    ratio: f64,
    (unready_filled, missing_filled): (u32, u32),
) -> (String, bool) {
    if ratio.is_nan() {
        return (String::from("no usage and no replicas"), false);
    }
    if ratio.is_infinite() {
        return (String::from("usage without replicas"), false);
    }
    let pods = match (unready_filled, missing_filled) {
        (0, 0) => return (format!("ratio {ratio:.2}"), false),
        (unready, 0) => counted(unready, "unready"),
        (0, missing) => format!("{} without a sample", counted(missing, "")),
        (unready, missing) => format!(
            "{} and {missing} without a sample",
            counted(unready, "unready")
        ),
    };
    let verb = if unready_filled + missing_filled == 1 {
        "counts"
    } else {
        "count"
    };
    let how = if measured_ratio > 1.0 { "idle" } else { "busy" };
    let text = format!("ratio {measured_ratio:.2}, but {ratio:.2} when {pods} {verb} as {how}");
    (text, true)
}

fn counted(count: u32, kind: &str) -> String {
    let blank = if kind.is_empty() { "" } else { " " };
    let pods = if count == 1 { "pod" } else { "pods" };
    format!("{count}{blank}{kind} {pods}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check((measured, ratio): (f64, f64), filled: (u32, u32), expected: &str) {
        assert_eq!(ratio_with(measured, ratio, filled).0, expected);
    }

    #[test]
    fn a_ratio_says_what_was_filled_in() {
        check((2.44, 2.44), (0, 0), "ratio 2.44");
        check((f64::NAN, f64::NAN), (0, 0), "no usage and no replicas");
        check(
            (f64::INFINITY, f64::INFINITY),
            (0, 0),
            "usage without replicas",
        );
        check(
            (2.44, 0.61),
            (3, 0),
            "ratio 2.44, but 0.61 when 3 unready pods count as idle",
        );
        check(
            (2.44, 1.22),
            (1, 0),
            "ratio 2.44, but 1.22 when 1 unready pod counts as idle",
        );
        check(
            (0.5, 1.1),
            (0, 1),
            "ratio 0.50, but 1.10 when 1 pod without a sample counts as busy",
        );
        check(
            (1.5, 0.9),
            (2, 3),
            "ratio 1.50, but 0.90 when 2 unready pods and 3 without a sample count as idle",
        );
    }
}
