//! The pods of a sync by group, for each metric that is calculated per pod.

use std::sync::Arc;

use hpa_core::autoscaler::explanation::{Calculation, MissingFill, PodsCalculation};
use hpa_simulation::cluster::SyncDetail;
use leptos::prelude::*;

use crate::state::Playground;

/// A group of pods, its size, and how it is counted.
type Row = (&'static str, u32, &'static str);

/// The pods of the sync at the cursor by group.
#[component]
pub(super) fn PodGroups() -> impl IntoView {
    let state = expect_context::<Playground>();
    let groups = Memo::new(move |_| state.detail.get().map(|detail| groups(&detail)));
    move || {
        let groups = groups.get()?;
        let none = groups.is_empty().then(|| {
            view! { <p class="quiet">"No metric of this sync is calculated per pod."</p> }
        });
        let tables = groups
            .into_iter()
            .map(|(metric, rows)| view! { <Groups metric rows /> });
        Some(view! {
            {none}
            {tables.collect_view()}
        })
    }
}

#[component]
fn Groups(
    /// The name of the metric.
    metric: Arc<str>,
    /// Its groups.
    rows: Vec<Row>,
) -> impl IntoView {
    let row = |(group, count, counts_as): Row| {
        view! {
            <tr>
                <th scope="row">{group}</th>
                <td class="count">{count}</td>
                <td>{counts_as}</td>
            </tr>
        }
    };
    view! {
        <table class="groups">
            <caption>{metric}</caption>
            <thead class="visually-hidden">
                <tr>
                    <th scope="col">"Group"</th>
                    <th scope="col">"Pods"</th>
                    <th scope="col">"Counts as"</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

/// The groups of pods for each metric that is calculated per pod, by the metric's name.
fn groups(detail: &SyncDetail) -> Vec<(Arc<str>, Vec<Row>)> {
    let metrics = detail.explanation.metrics.iter();
    let groups = metrics.filter_map(|metric| match &metric.calculation {
        Calculation::Pods(pods) => Some((Arc::clone(&metric.name), rows(pods))),
        _ => None,
    });
    groups.collect()
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
