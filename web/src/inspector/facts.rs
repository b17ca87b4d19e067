//! What stands around a sync: pods by group, conditions, events.

use hpa_core::autoscaler::explanation::{Calculation, MissingFill, PodsCalculation};
use hpa_core::autoscaler::{Condition, ConditionStatus};
use hpa_core::simulation::{About, SyncDetail};
use leptos::prelude::*;

use crate::format::{clock, counted};
use crate::model::{seconds, timestamp};
use crate::state::Playground;

/// How the pods counted for each metric that looks at them one by one.
pub(super) fn pods(detail: &SyncDetail) -> impl IntoView + use<> {
    let metrics: Vec<_> = detail
        .explanation
        .metrics
        .iter()
        .filter_map(|metric| match &metric.calculation {
            Calculation::Pods(pods) => Some((metric.name.to_string(), rows(pods))),
            _ => None,
        })
        .collect();
    if metrics.is_empty() {
        return view! { <p class="quiet">"No metric of this sync was computed from single pods."</p> }
            .into_any();
    }
    metrics
        .into_iter()
        .map(|(name, rows)| {
            let rows = rows.into_iter().map(|(group, count, how)| {
                view! {
                    <tr><th scope="row">{group}</th><td class="count">{count}</td><td>{how}</td></tr>
                }
            });
            view! {
                <table class="groups">
                    <caption>{name}</caption>
                    <thead class="visually-hidden"><tr><th scope="col">"Group"</th><th scope="col">"Pods"</th><th scope="col">"Counts as"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            }
        })
        .collect_view()
        .into_any()
}

/// The groups that are not empty, how many they are, and what they contribute.
fn rows(pods: &PodsCalculation) -> Vec<(&'static str, u32, &'static str)> {
    let groups = pods.groups;
    let missing = match pods.missing_filled {
        MissingFill::None => "no sample; left out",
        MissingFill::Full => "no sample; as if at the target, or at its request if that is more",
        MissingFill::Zero => "no sample; as if using nothing",
    };
    let unready = if pods.unready_filled {
        "set aside; as if using nothing"
    } else {
        "set aside; left out"
    };
    [
        ("Ready", groups.ready, "its sample counts"),
        ("Unready", groups.unready, unready),
        ("Missing", groups.missing, missing),
        (
            "Ignored",
            groups.ignored,
            "deleted or failed; not looked at",
        ),
        (
            "Foreign",
            groups.foreign,
            "a sample of no listed pod; counts in averages",
        ),
    ]
    .into_iter()
    .filter(|(group, count, _)| *count > 0 || *group == "Ready")
    .collect()
}

/// The conditions after a sync.
pub(super) fn conditions(detail: &SyncDetail) -> impl IntoView + use<> {
    let conditions = detail.status.conditions.as_slice().iter().map(condition);
    view! { <dl class="conditions" data-testid="conditions">{conditions.collect_view()}</dl> }
}

fn condition(condition: &Condition) -> impl IntoView + use<> {
    let class = match condition.status {
        ConditionStatus::True => "condition-status is-true",
        ConditionStatus::False => "condition-status is-false",
        ConditionStatus::Unknown => "condition-status is-unknown",
    };
    view! {
        <div class="condition">
            <dt>{condition.kind.to_string()}</dt>
            <dd>
                <span class=class>{condition.status.as_str()}</span>
                <span class="reason">{condition.reason.to_string()}</span>
                <span class="message">{condition.message.to_string()}</span>
            </dd>
        </div>
    }
}

/// The longest list of events; earlier ones are counted.
const SHOWN: usize = 50;

/// Kubernetes events until the cursor, the latest first.
pub(super) fn events(state: Playground) -> impl IntoView {
    let told = Memo::new(move |_| {
        let now = timestamp(state.now());
        state.latest.with(|latest| {
            let events = latest.trace().into_iter().flat_map(|trace| &trace.events);
            let known = events.filter_map(|event| {
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
            });
            let mut known: Vec<_> = known.collect();
            known.sort_by(|a, b| b.0.cmp(&a.0));
            known
        })
    });
    move || {
        let mut all = told.get();
        if all.is_empty() {
            return view! { <p class="quiet">"none"</p> }.into_any();
        }
        let more = all.len().saturating_sub(SHOWN);
        all.truncate(SHOWN);
        let items = all.into_iter().map(|(last, head, times, message)| {
            let time = seconds(last);
            view! {
                <li>
                    <button type="button" class="link" on:click=move |_| state.go(time)>{clock(time)}</button>" "
                    <span class="event-kind">{head}</span>{times}
                    <span class="message">{message}</span>
                </li>
            }
        });
        let earlier = (more > 0).then(|| {
            let more = i64::try_from(more).unwrap_or(i64::MAX);
            view! { <p class="quiet">{counted(more, "earlier event", "earlier events")}</p> }
        });
        view! { <ul class="events">{items.collect_view()}</ul>{earlier} }.into_any()
    }
}
