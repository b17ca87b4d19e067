//! Scenarios that must work on the fake API server and on real clusters.
//!
//! None of them needs a metrics API: an API server alone suffices for limits, errors, conflicts, roles
//! and leader election.

use std::pin::Pin;
use std::time::Duration;

use hpa_core::api::HorizontalPodAutoscalerStatus;
use hpa_core::autoscaler::Rules;
use hpa_core::time::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::cluster::{
    Cluster, NAMESPACE, autoscaler, autoscaler_path, autoscalers, castle_path, key,
};
use crate::apply;
use crate::args::Mode;
use crate::authority::{Role, Scope};
use crate::clock::Clock;
use crate::controller::{Controller, Settings};
use crate::hpa_store::MANAGED_BY;
use crate::leader_election::{Candidate, Timing};
use crate::mutex::lock;
use crate::sync::{State, Summary, sync};
use crate::what_if::WhatIf;
use crate::write_permit::WritePermit;

/// One scenario.
pub(super) type Scenario = fn(Cluster) -> Pin<Box<dyn Future<Output = ()>>>;

/// All of them by name.
pub(super) const ALL: [(&str, Scenario); 14] = [
    ("the maximum is below the count", |cluster| {
        Box::pin(maximum(cluster))
    }),
    ("the minimum is above the count", |cluster| {
        Box::pin(minimum(cluster))
    }),
    ("scaling is disabled at zero replicas", |cluster| {
        Box::pin(zero(cluster))
    }),
    ("the target is missing", |cluster| {
        Box::pin(missing_target(cluster))
    }),
    ("the kind is unknown", |cluster| {
        Box::pin(unknown_kind(cluster))
    }),
    ("two selectors overlap", |cluster| {
        Box::pin(ambiguous(cluster))
    }),
    ("there are no metrics", |cluster| {
        Box::pin(no_metrics(cluster))
    }),
    ("someone else scales at the same time", |cluster| {
        Box::pin(scale_conflict(cluster))
    }),
    ("someone else writes at the same time", |cluster| {
        Box::pin(status_conflict(cluster))
    }),
    (
        "an autoscaler is created, changed, deleted and created again",
        |cluster| Box::pin(life(cluster)),
    ),
    ("shadow writes nothing", |cluster| Box::pin(shadow(cluster))),
    ("a changed manifest is decided on too", |cluster| {
        Box::pin(what_if(cluster))
    }),
    ("equal events are counted", |cluster| {
        Box::pin(equal_events(cluster))
    }),
    ("one of two holds the Lease", |cluster| {
        Box::pin(lease(cluster))
    }),
];

/// A controller that a scenario syncs step by step.
struct Actor {
    cluster: Cluster,
    controller: Controller,
    /// Writes are allowed while it exists.
    _permit: watch::Sender<bool>,
    state: State,
}

impl Actor {
    async fn new(cluster: &Cluster, mode: Mode) -> Self {
        Self::with(cluster, mode, |_| {}).await
    }

    async fn with(cluster: &Cluster, mode: Mode, change: impl FnOnce(&mut Settings)) -> Self {
        let (controller, permit) = cluster.controller(mode, change).await;
        Self {
            cluster: cluster.clone(),
            state: State::new(&controller.context.config),
            controller,
            _permit: permit,
        }
    }

    async fn sync(&mut self, name: &str) -> Summary {
        self.cluster.until_known(&self.controller, name).await;
        let synced = sync(&self.controller.context, &key(name), &mut self.state).await;
        synced.unwrap_or_else(|| panic!("{name} is gone"))
    }

    /// Waits until events with these reasons are written, and no others.
    async fn told(&self, name: &str, expected: &[(&str, &str)]) {
        let told = async || {
            let events = self.cluster.events(name).await;
            let reasons: Vec<&str> = events
                .iter()
                .map(|(_, reason, ..)| reason.as_str())
                .collect();
            let expected: Vec<&str> = expected.iter().map(|(reason, _)| *reason).collect();
            reasons == expected
        };
        self.cluster
            .until(&format!("{expected:?} is told"), told)
            .await;
        for ((_, _, message, _), (_, part)) in self.cluster.events(name).await.iter().zip(expected)
        {
            assert!(message.contains(part), "{message}");
        }
    }

    async fn status(&self, name: &str) -> Value {
        self.cluster.read(&autoscaler_path(name)).await["status"].clone()
    }
}

/// Status and reason of a condition.
#[track_caller]
fn condition(status: &Value, kind: &str, expected: (&str, &str)) -> String {
    let conditions = status["conditions"].as_array().expect("conditions");
    let found = conditions
        .iter()
        .find(|condition| condition["type"] == kind);
    let found = found.unwrap_or_else(|| panic!("no {kind} in {status:#}"));
    assert_eq!(
        (&found["status"], &found["reason"]),
        (&json!(expected.0), &json!(expected.1))
    );
    found["message"].as_str().unwrap().to_owned()
}

async fn maximum(cluster: Cluster) {
    cluster.castle("web", 5, "app=web").await;
    cluster.autoscaler("web", 1, 3).await;
    let mut actor = Actor::new(&cluster, Mode::Active).await;
    let summary = actor.sync("web").await;
    assert_eq!((summary.error, summary.desired), (None, Some(3)));
    assert_eq!(cluster.replicas("web").await, 3);
    let status = actor.status("web").await;
    assert_eq!(
        (&status["currentReplicas"], &status["desiredReplicas"]),
        (&json!(5), &json!(3))
    );
    let scaled = status["lastScaleTime"].as_str().unwrap();
    assert!(Timestamp::parse(scaled).is_ok(), "{scaled}");
    let message = condition(&status, "AbleToScale", ("True", "SucceededRescale"));
    assert_eq!(
        message,
        "the HPA controller was able to update the target scale to 3"
    );
    let told = "New size: 3; reason: Current number of replicas above Spec.MaxReplicas";
    actor.told("web", &[("SuccessfulRescale", told)]).await;
    let path = format!("/api/v1/namespaces/{NAMESPACE}/events");
    let event = cluster.read(&path).await["items"][0].clone();
    assert_eq!(event["type"], "Normal");
    assert_eq!(event["source"]["component"], "horizontal-pod-autoscaler");
    let hpa = cluster.read(&autoscaler_path("web")).await;
    assert_eq!(event["involvedObject"]["uid"], hpa["metadata"]["uid"]);
    // The response to the write is stored without waiting for the watch.
    let version = hpa["metadata"]["resourceVersion"].clone();
    let known = lock(&actor.controller.context.hpas)
        .get(&key("web"))
        .unwrap();
    assert_eq!(version, *known.resource_version);
}

async fn minimum(cluster: Cluster) {
    cluster.castle("web", 1, "app=web").await;
    cluster.autoscaler("web", 2, 9).await;
    let mut actor = Actor::new(&cluster, Mode::Active).await;
    actor.sync("web").await;
    assert_eq!(cluster.replicas("web").await, 2);
    let told = "New size: 2; reason: Current number of replicas below Spec.MinReplicas";
    actor.told("web", &[("SuccessfulRescale", told)]).await;
    // Raise it while the controller watches.
    cluster
        .patch(&autoscaler_path("web"), json!({"spec": {"minReplicas": 4}}))
        .await;
    assert_eq!(actor.sync("web").await.desired, Some(4));
    assert_eq!(cluster.replicas("web").await, 4);
}

async fn zero(cluster: Cluster) {
    cluster.castle("web", 0, "app=web").await;
    cluster.autoscaler("web", 1, 9).await;
    let mut actor = Actor::new(&cluster, Mode::Active).await;
    let summary = actor.sync("web").await;
    assert_eq!((summary.error, summary.rescale), (None, None));
    assert_eq!(cluster.replicas("web").await, 0);
    let status = actor.status("web").await;
    let message = condition(&status, "ScalingActive", ("False", "ScalingDisabled"));
    assert_eq!(
        message,
        "scaling is disabled since the replica count of the target is zero"
    );
    // The status is unchanged: it is not written again.
    let before = cluster.read(&autoscaler_path("web")).await;
    actor.sync("web").await;
    assert_eq!(cluster.read(&autoscaler_path("web")).await, before);
}

async fn missing_target(cluster: Cluster) {
    cluster.autoscaler("web", 1, 9).await;
    let mut actor = Actor::new(&cluster, Mode::Active).await;
    let error = actor.sync("web").await.error.unwrap();
    assert!(
        error.starts_with("failed to query scale subresource for Castle/"),
        "{error}"
    );
    let status = actor.status("web").await;
    let message = condition(&status, "AbleToScale", ("False", "FailedGetScale"));
    assert!(message.contains("\"web\" not found"), "{message}");
    actor
        .told("web", &[("FailedGetScale", "\"web\" not found")])
        .await;
}

async fn unknown_kind(cluster: Cluster) {
    let mut object = autoscaler("web", 1, 9);
    object["spec"]["scaleTargetRef"]["kind"] = json!("Cottage");
    cluster.create(&autoscalers(), object).await;
    let mut actor = Actor::new(&cluster, Mode::Active).await;
    actor.sync("web").await;
    let text = "no matches for kind \"Cottage\" in group";
    actor.told("web", &[("FailedGetScale", text)]).await;
}

async fn ambiguous(cluster: Cluster) {
    for name in ["first", "second"] {
        cluster.castle(name, 1, "app=web").await;
        cluster.autoscaler(name, 1, 9).await;
    }
    cluster.pod("web-0", &json!({"app": "web"})).await;
    let mut actor = Actor::new(&cluster, Mode::Active).await;
    actor.sync("first").await;
    let error = actor.sync("second").await.error.unwrap();
    let text = format!(
        "pods by selector app=web are controlled by more than one HPA (e.g. [{NAMESPACE}/first {NAMESPACE}/second])"
    );
    assert!(error.contains(&text), "{error}");
    let status = actor.status("second").await;
    condition(&status, "ScalingActive", ("False", "AmbiguousSelector"));
}

async fn no_metrics(cluster: Cluster) {
    cluster.castle("web", 1, "app=web").await;
    cluster.autoscaler("web", 1, 9).await;
    cluster.pod("web-0", &json!({"app": "web"})).await;
    let mut actor = Actor::new(&cluster, Mode::Active).await;
    let error = actor.sync("web").await.error.unwrap();
    // Clusters that serve metrics have none of this pod.
    assert!(
        error.contains("unable to fetch metrics from resource metrics API")
            || error.contains("no metrics returned from resource metrics API"),
        "{error}"
    );
    assert_eq!(cluster.replicas("web").await, 1);
    let status = actor.status("web").await;
    condition(
        &status,
        "ScalingActive",
        ("False", "FailedGetResourceMetric"),
    );
    let told = [
        ("FailedGetResourceMetric", "resource metrics API"),
        (
            "FailedComputeMetricsReplicas",
            "invalid metrics (1 invalid out of 1)",
        ),
    ];
    actor.told("web", &told).await;
}

async fn scale_conflict(cluster: Cluster) {
    cluster.castle("web", 5, "app=web").await;
    cluster.autoscaler("web", 1, 3).await;
    let actor = Actor::new(&cluster, Mode::Active).await;
    let context = &actor.controller.context;
    let hpa = lock(&context.hpas).get(&key("web")).unwrap();
    let observed = context.observer.observe(&hpa).await;
    let handle = observed.scale.unwrap();
    cluster
        .patch(&castle_path("web"), json!({"spec": {"replicas": 7}}))
        .await;
    let (_allowed, permit) = watch::channel(true);
    let written = apply::scale(
        &cluster.client,
        &WritePermit(permit),
        &handle,
        3,
        Rules::default(),
    )
    .await;
    assert_eq!(written, Ok(()));
    assert_eq!(cluster.replicas("web").await, 3);
    let page = cluster.telemetry.render();
    let refused = page
        .lines()
        .any(|line| line.contains("verb=\"PUT\"") && line.contains("code=\"409\""));
    assert!(refused, "the first attempt must conflict: {page}");
}

async fn status_conflict(cluster: Cluster) {
    cluster.castle("web", 1, "app=web").await;
    cluster.autoscaler("web", 1, 3).await;
    let actor = Actor::new(&cluster, Mode::Active).await;
    let hpa = lock(&actor.controller.context.hpas)
        .get(&key("web"))
        .unwrap();
    let labels = json!({"metadata": {"labels": {"touched": "yes"}}});
    cluster.patch(&autoscaler_path("web"), labels).await;
    let (_allowed, permit) = watch::channel(true);
    let mut status = HorizontalPodAutoscalerStatus::default();
    status.desired_replicas = 2;
    let write = async |hpa: &crate::hpa_store::Hpa| {
        apply::status(&cluster.client, &WritePermit(permit.clone()), hpa, &status).await
    };
    let refused = write(&hpa).await.unwrap_err();
    assert!(refused.is_conflict(), "{refused:?}");
    cluster.until_known(&actor.controller, "web").await;
    let hpa = lock(&actor.controller.context.hpas)
        .get(&key("web"))
        .unwrap();
    write(&hpa).await.unwrap();
    assert_eq!(actor.status("web").await["desiredReplicas"], 2);
    // A new object of the same name is not written to.
    cluster.delete(&autoscaler_path("web")).await;
    cluster.autoscaler("web", 1, 3).await;
    assert!(write(&hpa).await.unwrap_err().is_conflict());
}

async fn life(cluster: Cluster) {
    let mut actor = Actor::new(&cluster, Mode::Active).await;
    cluster.castle("web", 5, "app=web").await;
    cluster.autoscaler("web", 1, 4).await;
    assert_eq!(actor.sync("web").await.desired, Some(4));
    cluster
        .patch(&autoscaler_path("web"), json!({"spec": {"maxReplicas": 2}}))
        .await;
    assert_eq!(actor.sync("web").await.desired, Some(2));
    assert_eq!(cluster.replicas("web").await, 2);
    let remembered = |actor: &Actor| actor.state.autoscaler.histories().scale_down_events.len();
    cluster.delete(&autoscaler_path("web")).await;
    let context = std::sync::Arc::clone(&actor.controller.context);
    let gone = async || lock(&context.hpas).get(&key("web")).is_none();
    cluster.until("it is known to be gone", gone).await;
    assert!(
        sync(&context, &key("web"), &mut actor.state)
            .await
            .is_none()
    );
    cluster.autoscaler("web", 3, 4).await;
    let before = remembered(&actor);
    assert_eq!(actor.sync("web").await.desired, Some(3));
    assert!(remembered(&actor) < before.max(1), "it inherits nothing");
}

async fn shadow(cluster: Cluster) {
    cluster.castle("web", 5, "app=web").await;
    cluster.autoscaler("web", 1, 3).await;
    let before = cluster.read(&autoscaler_path("web")).await;
    let mut actor = Actor::new(&cluster, Mode::Shadow).await;
    let summary = actor.sync("web").await;
    assert_eq!((summary.role, summary.desired), (Role::Shadow, Some(3)));
    // Nor does an active controller act on autoscalers that do not name it.
    let other = |settings: &mut Settings| settings.authority.scope = Scope::Named("other".into());
    let mut actor = Actor::with(&cluster, Mode::Active, other).await;
    assert_eq!(actor.sync("web").await.role, Role::Shadow);
    assert_eq!(cluster.replicas("web").await, 5);
    assert_eq!(cluster.read(&autoscaler_path("web")).await, before);
    assert!(cluster.events("web").await.is_empty());
    let annotations = json!({"metadata": {"annotations": {MANAGED_BY: "other"}}});
    cluster.patch(&autoscaler_path("web"), annotations).await;
    assert_eq!(actor.sync("web").await.role, Role::Active);
    assert_eq!(cluster.replicas("web").await, 3);
}

async fn what_if(cluster: Cluster) {
    cluster.castle("web", 5, "app=web").await;
    cluster.autoscaler("web", 1, 4).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("web.json");
    std::fs::write(&file, autoscaler("web", 1, 3).to_string()).unwrap();
    let changed = WhatIf::read(&file, &hpa_core::autoscaler::ControllerConfig::default());
    let mut actor = Actor::with(&cluster, Mode::Shadow, |settings| {
        settings.what_if = changed.unwrap();
    })
    .await;
    let summary = actor.sync("web").await;
    assert_eq!((summary.desired, summary.what_if), (Some(4), Some(3)));
    assert_eq!(cluster.replicas("web").await, 5);
}

async fn equal_events(cluster: Cluster) {
    cluster.autoscaler("web", 1, 9).await;
    let mut actor = Actor::new(&cluster, Mode::Active).await;
    for _ in 0..3 {
        actor.sync("web").await;
    }
    let counted = async || {
        let events = cluster.events("web").await;
        events.iter().map(|(.., count)| *count).collect::<Vec<_>>() == [3]
    };
    cluster.until("three events are one", counted).await;
}

async fn lease(cluster: Cluster) {
    let candidate = |identity: &str| Candidate {
        client: cluster.client.clone(),
        clock: Clock::system(),
        telemetry: std::sync::Arc::clone(&cluster.telemetry),
        namespace: String::from(NAMESPACE),
        name: String::from("hpa-controller"),
        identity: identity.to_owned(),
        timing: Timing {
            lease_duration: Duration::from_mins(1),
            renew_deadline: Duration::from_secs(40),
            retry_period: Duration::from_millis(50),
        },
    };
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases/hpa-controller");
    let (first, second) = (candidate("first"), candidate("second"));
    first.acquire().await;
    let held = cluster.read(&path).await;
    assert_eq!(held["spec"]["holderIdentity"], "first");
    assert_eq!(held["spec"]["leaseDurationSeconds"], 60);
    let (permit, permitted) = watch::channel(false);
    let (end, ended) = watch::channel(false);
    let renewing = async {
        let renewed = async || {
            let now = cluster.read(&path).await;
            now["spec"]["renewTime"] != held["spec"]["renewTime"]
        };
        cluster.until("it is renewed", renewed).await;
        assert!(*permitted.borrow());
        end.send_replace(true);
    };
    tokio::join!(first.hold(&permit, ended), renewing);
    let releasing = async {
        assert_eq!(cluster.read(&path).await["spec"]["holderIdentity"], "first");
        first.release().await;
    };
    tokio::join!(second.acquire(), releasing);
    let held = cluster.read(&path).await;
    assert_eq!(held["spec"]["holderIdentity"], "second");
    assert_eq!(held["spec"]["leaseTransitions"], 1);
}
