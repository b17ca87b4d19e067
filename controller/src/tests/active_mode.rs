//! When the controller acts and when it only tells; and that it never fights.

use std::time::Duration;

use hpa_core::autoscaler::{ControllerConfig, KubernetesVersion};
use hpa_core::time::Duration as Span;
use serde_json::json;

use crate::args::Mode;
use crate::hpa_store::MANAGED_BY;
use crate::sync::{Role, Scope};
use crate::tests::harness::Bench;
use fake_api_server::{Answer, Fault};
use fake_api_server::{HPA, SCALE, cluster, events, scale, scales};

fn writes(bench: &Bench) -> usize {
    ["PUT", "POST", "PATCH", "DELETE"]
        .iter()
        .map(|method| bench.server.requests(method, "/").len())
        .sum()
}

/// A controller that acts on what names it.
async fn named(name: Option<&str>, mode: Mode) -> Bench {
    let server = cluster(2, "100m").await;
    let mut hpa = server.object(HPA);
    if let Some(name) = name {
        hpa["metadata"]["annotations"] = json!({MANAGED_BY: name});
    }
    server.put(HPA, hpa);
    Bench::with(server, mode, ControllerConfig::default(), |settings| {
        settings.authority.scope = Scope::Named("hpa-controller".into());
    })
    .await
}

#[tokio::test]
async fn it_acts_on_what_names_it_and_only_when_told_to() {
    for (name, mode, acts) in [
        (Some("hpa-controller"), Mode::Active, true),
        (Some("another"), Mode::Active, false),
        (None, Mode::Active, false),
        (Some("hpa-controller"), Mode::Shadow, false),
    ] {
        let mut bench = named(name, mode).await;
        let summary = bench.sync().await;
        assert_eq!(summary.desired, Some(4), "it decides in any case");
        assert_eq!(summary.role == Role::Active, acts, "{name:?} {mode:?}");
        assert_eq!(writes(&bench) > 0, acts, "{name:?} {mode:?}");
    }
}

#[tokio::test]
async fn a_rescale_is_written_with_status_and_event() {
    let mut bench = named(Some("hpa-controller"), Mode::Active).await;
    bench.sync().await;
    let status = bench.server.object(HPA)["status"].clone();
    assert_eq!(status["currentReplicas"], 2);
    assert_eq!(status["desiredReplicas"], 4);
    assert_eq!(status["lastScaleTime"], "2026-01-01T12:00:00Z");
    assert_eq!(
        status["currentMetrics"][0]["resource"]["current"],
        json!({"averageUtilization": 100, "averageValue": "100m"})
    );
    assert!(status.get("observedGeneration").is_none(), "1.36 has none");
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
        ]
    );
    bench
        .server
        .until("the event is written", |world| {
            world
                .requests
                .iter()
                .any(|request| request.path.ends_with("/events") && request.status == 201)
        })
        .await;
    assert_eq!(
        events(&bench.server),
        [(
            String::from("Normal"),
            String::from("SuccessfulRescale"),
            String::from(
                "New size: 4; reason: cpu resource utilization (percentage of request) above target"
            ),
        )]
    );
    let event = bench
        .server
        .with(|world| world.list("/api/v1/events", "").remove(0));
    assert_eq!(event["source"]["component"], "horizontal-pod-autoscaler");
    assert_eq!(event["involvedObject"]["apiVersion"], "autoscaling/v2");
    assert_eq!(
        event["involvedObject"]["uid"],
        bench.server.object(HPA)["metadata"]["uid"]
    );
}

#[tokio::test]
async fn a_status_is_written_only_if_it_changes() {
    let mut bench = named(Some("hpa-controller"), Mode::Active).await;
    bench.server.metrics(
        fake_api_server::POD_METRICS,
        fake_api_server::pod_metrics(2, "50m"),
    );
    for _ in 0..3 {
        bench.sync().await;
        bench.hands.pass(Span::from_secs(15));
    }
    assert_eq!(bench.server.requests("PATCH", "/status").len(), 1);
    assert_eq!(scales(&bench.server), [0_i64; 0]);
}

#[tokio::test]
async fn from_1_37_on_the_status_names_the_generation() {
    let server = cluster(2, "100m").await;
    let version = KubernetesVersion::parse("1.37").unwrap();
    let mut bench = Bench::new(server, Mode::Active, ControllerConfig::of_version(version)).await;
    bench.sync().await;
    let status = bench.server.object(HPA)["status"].clone();
    assert_eq!(status["observedGeneration"], 1);
    assert_eq!(status["conditions"][0]["observedGeneration"], 1);
}

#[tokio::test]
async fn another_writer_of_the_status_is_not_fought() {
    let mut bench = named(Some("hpa-controller"), Mode::Active).await;
    let mut roles = Vec::new();
    for round in 0..4 {
        roles.push(bench.sync().await.role);
        // The other controller undoes it each time.
        let mut hpa = bench.server.object(HPA);
        hpa["status"] = json!({"currentReplicas": 2, "desiredReplicas": 2, "lastScaleTime": format!("2026-01-01T12:00:0{round}Z")});
        bench.server.put(HPA, hpa);
        bench.server.put(SCALE, scale(2));
        bench.saw_hpa().await;
        bench.hands.pass(Span::from_secs(15));
    }
    assert_eq!(roles[..3], [Role::Active; 3]);
    assert!(matches!(roles[3], Role::Contested(_)), "{roles:?}");
    let rescaled = scales(&bench.server).len();
    assert_eq!(rescaled, 3);
    bench
        .server
        .until("the warning is written", |world| {
            world
                .requests
                .iter()
                .any(|request| request.body["reason"] == "ConflictingController")
        })
        .await;
    // It stays away while the other one writes, and for a while after.
    for _ in 0..18 {
        bench.hands.pass(Span::from_secs(15));
        assert!(matches!(bench.sync().await.role, Role::Contested(_)));
    }
    bench.hands.pass(Span::from_secs(15));
    assert_eq!(bench.sync().await.role, Role::Active);
    let warned = events(&bench.server);
    let warned = warned
        .iter()
        .filter(|(_, reason, _)| reason == "ConflictingController");
    assert_eq!(warned.count(), 1);
}

#[tokio::test]
async fn what_others_change_besides_the_status_is_no_fight() {
    let mut bench = named(Some("hpa-controller"), Mode::Active).await;
    for round in 0..8 {
        assert_eq!(bench.sync().await.role, Role::Active);
        let mut hpa = bench.server.object(HPA);
        hpa["metadata"]["labels"] = json!({"round": round.to_string()});
        hpa["spec"]["maxReplicas"] = json!(10 + round);
        bench.server.put(HPA, hpa);
        bench.saw_hpa().await;
        bench.hands.pass(Span::from_secs(15));
    }
}

#[tokio::test]
async fn a_permit_that_is_lost_stops_every_write() {
    let mut bench = named(Some("hpa-controller"), Mode::Active).await;
    bench.permit.send_replace(false);
    let summary = bench.sync().await;
    assert_eq!(summary.desired, Some(4));
    assert_eq!(writes(&bench), 0);
    assert!(!bench.remembers_scaling_up());
}

#[tokio::test]
async fn a_permit_that_is_lost_during_a_write_ends_it() {
    for path in [SCALE, HPA] {
        let mut bench = named(Some("hpa-controller"), Mode::Active).await;
        let server = bench.server.clone();
        for method in ["PUT", "PATCH"] {
            server.fault(Fault::always(
                method,
                path,
                Answer::Late(Duration::from_secs(1)),
            ));
        }
        let permit = bench.permit.clone();
        let losing = async {
            server
                .until("the write is on its way", |world| {
                    world.faults.iter().any(|fault| fault.times < usize::MAX)
                })
                .await;
            permit.send_replace(false);
        };
        let begin = tokio::time::Instant::now();
        let (summary, ()) = tokio::join!(bench.sync(), losing);
        assert!(begin.elapsed() < Duration::from_millis(900), "at once");
        assert!(summary.error.unwrap().contains("does not hold the Lease"));
        assert!(summary.events.is_empty());
        assert!(server.requests("POST", "/events").is_empty());
    }
}
