//! The context of a sync: pods by group, conditions, events.

use leptos::prelude::*;
use std::sync::Arc;

use hpa_core::autoscaler::explanation::{Calculation, MissingFill, PodsCalculation};
use hpa_core::autoscaler::{Condition, ConditionStatus, Conditions};
use hpa_core::time::Timestamp;
use hpa_simulation::cluster::{About, ClusterEvent, SyncDetail};

use crate::dom::{El, button, el, html};
use crate::format::{clock, counted};
use crate::model::{seconds, timestamp};
use crate::state::Playground;

/// A group of pods, its size, and how it is counted.
type Row = (&'static str, u32, &'static str);

/// The groups of pods for each metric that is calculated per pod, by the metric's name.
pub(super) fn groups(detail: &SyncDetail) -> Vec<(Arc<str>, Vec<Row>)> {
    let metrics = detail.explanation.metrics.iter();
    let groups = metrics.filter_map(|metric| match &metric.calculation {
        Calculation::Pods(pods) => Some((Arc::clone(&metric.name), rows(pods))),
        _ => None,
    });
    groups.collect()
}

/// Shows what [`groups`] found.
pub(super) fn pods(groups: &Vec<(Arc<str>, Vec<Row>)>) -> El {
    if groups.is_empty() {
        return el("p", "quiet").text("No metric of this sync is calculated per pod.");
    }
    let table = |(name, rows): &(Arc<str>, Vec<Row>)| table(name, rows);
    el("div", "").all(groups.iter().map(table).collect())
}

fn table(name: &str, rows: &[Row]) -> El {
    let table = html(
        r#"<table class="groups"><caption></caption><thead class="visually-hidden"><tr><th scope="col">Group</th><th scope="col">Pods</th><th scope="col">Counts as</th></tr></thead><tbody></tbody></table>"#,
    );
    table.find("caption").text(name);
    let row = |(group, count, how): &Row| {
        el("tr", "")
            .child(el("th", "").attr("scope", "row").text(group))
            .child(el("td", "count").text(&count.to_string()))
            .child(el("td", "").text(how))
    };
    table.find("tbody").all(rows.iter().map(row).collect());
    table
}

/// The groups that are not empty.
fn rows(pods: &PodsCalculation) -> Vec<Row> {
    let groups = pods.groups;
    let missing = match pods.missing_filled {
        MissingFill::None => "no sample; ignored",
        MissingFill::Full => "no sample; assumed at the target, or at its request if higher",
        MissingFill::Zero => "no sample; assumed to use nothing",
    };
    let unready = if pods.unready_filled {
        "assumed to use nothing"
    } else {
        "left out of the calculation"
    };
    [
        ("Ready", groups.ready, "sample used"),
        ("Unready", groups.unready, unready),
        ("Missing", groups.missing, missing),
        ("Ignored", groups.ignored, "deleted or failed; excluded"),
        (
            "Foreign",
            groups.foreign,
            "sample of an unlisted pod; counted in averages",
        ),
    ]
    .into_iter()
    .filter(|(group, count, _)| *count > 0 || *group == "Ready")
    .collect()
}

/// The conditions after a sync.
pub(super) fn conditions(conditions: &Conditions) -> El {
    let conditions = conditions.as_slice().iter().map(condition);
    el("dl", "conditions")
        .id("conditions")
        .all(conditions.collect())
}

fn condition(condition: &Condition) -> El {
    let class = match condition.status {
        ConditionStatus::True => "condition-status is-true",
        ConditionStatus::False => "condition-status is-false",
        ConditionStatus::Unknown => "condition-status is-unknown",
    };
    let state = el("dd", "")
        .child(el("span", class).text(condition.status.as_str()))
        .child(el("span", "reason").text(&condition.reason.to_string()))
        .child(el("span", "message").text(&condition.message.to_string()));
    el("div", "condition")
        .child(el("dt", "").text(&condition.kind.to_string()))
        .child(state)
}

/// The maximum number of events shown; earlier ones are only counted.
const SHOWN: usize = 50;

/// An event as of some time: its last occurrence, its heading, its count, its message.
type Told = (Timestamp, String, String, String);

/// Kubernetes events up to the cursor, latest first.
pub(super) fn events(state: Playground) -> El {
    let told = Memo::new(move |_| {
        let now = timestamp(state.now());
        state.latest.with(|latest| {
            let events = latest.trace().into_iter().flat_map(|trace| &trace.events);
            let mut known = Vec::<Told>::new();
            for told in events.filter_map(|event| as_of(event, now)) {
                // An insertion sort: they are almost sorted, and the library's sort adds kilobytes.
                let before = known.iter().position(|known| known.0 < told.0);
                known.insert(before.unwrap_or(known.len()), told);
            }
            known
        })
    });
    let list = move || {
        told.with(|all| {
            if all.is_empty() {
                return vec![el("p", "quiet").text("none")];
            }
            let item = |(last, head, times, message): &Told| {
                let time = seconds(*last);
                el("li", "")
                    .child(button("link", &clock(time), move || state.go(time)))
                    .text(" ")
                    .child(el("span", "event-kind").text(head))
                    .text(times)
                    .child(el("span", "message").text(message))
            };
            let items = all.iter().take(SHOWN).map(item).collect();
            let mut parts = vec![el("ul", "events").all(items)];
            if let Some(more) = all.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                let more = i64::try_from(more).unwrap_or(i64::MAX);
                let more = counted(more, "earlier event", "earlier events");
                parts.push(el("p", "quiet").text(&more));
            }
            parts
        })
    };
    el("div", "").region(list)
}

fn as_of(event: &ClusterEvent, now: Timestamp) -> Option<Told> {
    let (last, count) = event.as_of(now)?;
    let about = match event.about {
        About::Autoscaler => "autoscaler",
        About::Workload => "workload",
        About::Pod => "pod",
        About::Node => "node",
    };
    let told = &event.event;
    let times = if count > 1 {
        format!(" ×{count} since {}", clock(seconds(event.first)))
    } else {
        String::new()
    };
    let head = format!("{} {about} {}", told.kind, told.reason);
    Some((last, head, times, told.message.to_string()))
}
