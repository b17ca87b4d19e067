//! Active mode: which autoscalers the controller acts on, and that it yields to another controller.

use std::time::Duration;

use hpa_core::autoscaler::{ControllerConfig, KubernetesVersion};
use hpa_core::time::SignedDuration;
use serde_json::json;

use crate::args::Mode;
use crate::authority::{Role, Scope};
use crate::hpa_store::MANAGED_BY;
use crate::tests::harness::TestController;
use fake_api_server::fixtures::{HPA, SCALE, cluster, events, scale, scales};
use fake_api_server::{Answer, Fault};

fn writes(controller: &TestController) -> usize {
    ["PUT", "POST", "PATCH", "DELETE"]
        .iter()
        .map(|method| controller.server.requests(method, "/").len())
        .sum()
}

/// A controller that acts on autoscalers that name it, and one that names `name`.
async fn named(name: Option<&str>, mode: Mode) -> TestController {
    let server = cluster(2, "100m");
    let mut hpa = server.object(HPA);
    if let Some(name) = name {
        hpa["metadata"]["annotations"] = json!({MANAGED_BY: name});
    }
    server.put(HPA, hpa);
    TestController::with(server, mode, ControllerConfig::default(), |settings| {
        settings.authority.scope = Scope::Named("hpa-controller".into());
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn acts_only_in_active_mode_and_on_autoscalers_that_name_it() {
    for (name, mode, acts) in [
        (Some("hpa-controller"), Mode::Active, true),
        (Some("another"), Mode::Active, false),
        (None, Mode::Active, false),
        (Some("hpa-controller"), Mode::Shadow, false),
    ] {
        let mut controller = named(name, mode).await;
        let summary = controller.sync().await;
        assert_eq!(summary.desired, Some(4), "it always decides");
        assert_eq!(summary.role == Role::Active, acts, "{name:?} {mode:?}");
        assert_eq!(writes(&controller) > 0, acts, "{name:?} {mode:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rescale_is_written_with_status_and_event() {
    let mut controller = named(Some("hpa-controller"), Mode::Active).await;
    controller.sync().await;
    let status = controller.server.object(HPA)["status"].clone();
    assert_eq!(status["currentReplicas"], 2);
    assert_eq!(status["desiredReplicas"], 4);
    assert_eq!(status["lastScaleTime"], "2026-01-01T12:00:00Z");
    assert_eq!(
        status["currentMetrics"][0]["resource"]["current"],
        json!({"averageUtilization": 100, "averageValue": "100m"})
    );
    assert_eq!(status["observedGeneration"], 1);
    let kinds: Vec<_> = status["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|condition| {
            [
                &condition["type"],
                &condition["status"],
                &condition["reason"],
            ]
            .map(|text| text.as_str().unwrap().to_owned())
            .join(" ")
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "AbleToScale True SucceededRescale",
            "ScalingActive True ValidMetricFound",
            "ScalingLimited False DesiredWithinRange",
            "ScaledToZero False NotScaledToZero",
        ]
    );
    controller
        .server
        .until("the event is written", |world| {
            world
                .requests
                .iter()
                .any(|request| request.path.ends_with("/events") && request.status == 201)
        })
        .await;
    assert_eq!(
        events(&controller.server),
        [(
            String::from("Normal"),
            String::from("SuccessfulRescale"),
            String::from(
                "New size: 4; reason: cpu resource utilization (percentage of request) above target"
            ),
        )]
    );
    let event = controller
        .server
        .with(|world| world.list("/api/v1/events", "").remove(0));
    assert_eq!(event["source"]["component"], "horizontal-pod-autoscaler");
    assert_eq!(event["involvedObject"]["apiVersion"], "autoscaling/v2");
    assert_eq!(
        event["involvedObject"]["uid"],
        controller.server.object(HPA)["metadata"]["uid"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_status_is_not_written() {
    let mut controller = named(Some("hpa-controller"), Mode::Active).await;
    controller.server.metrics(
        fake_api_server::fixtures::POD_METRICS,
        fake_api_server::fixtures::pod_metrics(2, "50m"),
    );
    for _ in 0..3 {
        controller.sync().await;
        controller.clock.advance(SignedDuration::from_secs(15));
    }
    assert_eq!(controller.server.requests("PATCH", "/status").len(), 1);
    assert_eq!(scales(&controller.server), [0_i64; 0]);
}

#[tokio::test(start_paused = true)]
async fn from_1_37_on_the_status_names_the_generation() {
    let server = cluster(2, "100m");
    let version = KubernetesVersion::parse("1.37").unwrap();
    let mut controller =
        TestController::new(server, Mode::Active, ControllerConfig::of_version(version)).await;
    controller.sync().await;
    let status = controller.server.object(HPA)["status"].clone();
    assert_eq!(status["observedGeneration"], 1);
    let condition = &status["conditions"][0];
    assert!(
        condition.get("observedGeneration").is_none(),
        "the controller sets none"
    );
}

#[tokio::test(start_paused = true)]
async fn yields_to_another_writer_of_the_status() {
    let mut controller = named(Some("hpa-controller"), Mode::Active).await;
    let mut roles = Vec::new();
    for round in 0..4 {
        roles.push(controller.sync().await.role);
        // The other controller reverts it each time.
        let mut hpa = controller.server.object(HPA);
        hpa["status"] = json!({"currentReplicas": 2, "desiredReplicas": 2, "lastScaleTime": format!("2026-01-01T12:00:0{round}Z")});
        controller.server.put(HPA, hpa);
        controller.server.put(SCALE, scale(2));
        controller.saw_hpa().await;
        controller.clock.advance(SignedDuration::from_secs(15));
    }
    assert_eq!(roles[..3], [Role::Active; 3]);
    assert!(matches!(roles[3], Role::Contested(_)), "{roles:?}");
    let rescaled = scales(&controller.server).len();
    assert_eq!(rescaled, 3);
    controller
        .server
        .until("the warning is written", |world| {
            world
                .requests
                .iter()
                .any(|request| request.body["reason"] == "ConflictingController")
        })
        .await;
    // It yields while the other controller writes, and for 20 periods after.
    for _ in 0..18 {
        controller.clock.advance(SignedDuration::from_secs(15));
        assert!(matches!(controller.sync().await.role, Role::Contested(_)));
    }
    controller.clock.advance(SignedDuration::from_secs(15));
    assert_eq!(controller.sync().await.role, Role::Active);
    let warned = events(&controller.server);
    let warned = warned
        .iter()
        .filter(|(_, reason, _)| reason == "ConflictingController");
    assert_eq!(warned.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn changes_of_labels_and_spec_are_no_conflict() {
    let mut controller = named(Some("hpa-controller"), Mode::Active).await;
    for round in 0..8 {
        assert_eq!(controller.sync().await.role, Role::Active);
        let mut hpa = controller.server.object(HPA);
        hpa["metadata"]["labels"] = json!({"round": round.to_string()});
        hpa["spec"]["maxReplicas"] = json!(10 + round);
        controller.server.put(HPA, hpa);
        controller.saw_hpa().await;
        controller.clock.advance(SignedDuration::from_secs(15));
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_permit_nothing_is_written() {
    let mut controller = named(Some("hpa-controller"), Mode::Active).await;
    controller.permit.send_replace(false);
    let summary = controller.sync().await;
    assert_eq!(summary.desired, Some(4));
    assert_eq!(writes(&controller), 0);
    assert!(!controller.remembers_scaling_up());
}

#[tokio::test(start_paused = true)]
async fn losing_the_permit_aborts_a_write() {
    for path in [SCALE, HPA] {
        let mut controller = named(Some("hpa-controller"), Mode::Active).await;
        let server = controller.server.clone();
        for method in ["PUT", "PATCH"] {
            server.fault(Fault::always(
                method,
                path,
                Answer::Late(Duration::from_secs(1)),
            ));
        }
        let permit = controller.permit.clone();
        let losing = async {
            server
                .until("the write is on its way", |world| {
                    world.faults.iter().any(|fault| fault.times < usize::MAX)
                })
                .await;
            permit.send_replace(false);
        };
        let begin = tokio::time::Instant::now();
        let (summary, ()) = tokio::join!(controller.sync(), losing);
        assert!(
            begin.elapsed() <= Duration::from_millis(1),
            "{path}: at once"
        );
        assert!(summary.error.unwrap().contains("no longer holds the Lease"));
        assert!(summary.events.is_empty());
        assert!(server.requests("POST", "/events").is_empty());
    }
}
