//! One phrase for each sync: why its count is what it is.

use hpa_core::autoscaler::explanation::{Bound, Branch};
use hpa_core::simulation::{SyncRecord, Trace};

/// Why sync `index` came out as it did.
pub(crate) fn of(trace: &Trace, index: usize) -> String {
    let Some(sync) = trace.syncs.get(index) else {
        return String::new();
    };
    match sync.branch {
        Branch::NoScale => String::from("the scale cannot be read"),
        Branch::Disabled => String::from("0 replicas: scaling is disabled"),
        Branch::AboveMaximum => String::from("more than maxReplicas: set to it at once"),
        Branch::BelowMinimum => String::from("fewer than minReplicas: set to it at once"),
        Branch::NoMetrics => String::from("no usable metric: nothing changes"),
        Branch::Metrics => by_metrics(trace, index, sync),
    }
}

fn by_metrics(trace: &Trace, index: usize, sync: &SyncRecord) -> String {
    let points = trace.points(index);
    let winner = points.get(usize::from(sync.winner.unwrap_or_default()));
    let ratio = winner.map_or(f64::NAN, |point| point.ratio);
    let mut parts = Vec::new();
    if sync.proposal == sync.current {
        parts.push(format!("ratio {ratio:.2}: keep {}", sync.current));
    } else {
        parts.push(format!("ratio {ratio:.2} asks for {}", sync.proposal));
    }
    if sync.held_by_window() {
        parts.push(format!("window holds {}", sync.stabilized));
    }
    match sync.bound {
        Bound::None => {}
        Bound::Maximum => parts.push(String::from("maxReplicas is the limit")),
        Bound::Minimum => parts.push(String::from("minReplicas is the limit")),
        Bound::ScaleUpLimit | Bound::ScaleDownLimit => {
            parts.push(format!("no faster than to {}", sync.desired));
        }
    }
    if sync.failed_metrics > 0 {
        parts.push(format!("{} failed", sync.failed_metrics));
    }
    parts.join(", ")
}
