//! Labels of timeline events.

use super::format::clock;
use super::time_range::seconds;
use crate::cluster::{Action, Edge, Trace};

/// The label of the timeline at a time: the last event at or up to a sync before it.
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
        Edge::Begin => "",
        Edge::End => "end of: ",
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
