//! Faults between controller and cluster: none of them scales by mistake, loses an event, or makes
//! the controller spin.

use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::SignedDuration;
use serde_json::json;

use crate::api_objects::Key;
use crate::args::Mode;
use crate::tests::harness::TestController;
use fake_api_server::fixtures::{
    HPA, POD_METRICS, SCALE, cluster, cpu, events, hpa, pod, pod_metrics, scale, scale_of, scales,
};
use fake_api_server::{Answer, Fault, Server};

/// Checks a fault on reads: nothing is scaled, an event says why, and after the fault it scales.
async fn check_read(fault: Fault, reason: &str, text: &str) {
    let mut controller = TestController::overloaded(Mode::Active).await;
    controller.server.fault(fault);
    let summary = controller.sync().await;
    assert_eq!(scales(&controller.server), [0_i64; 0], "{reason}: scaled");
    let emitted: Vec<_> = summary
        .events
        .iter()
        .map(|event| event.reason.to_string())
        .collect();
    assert!(
        emitted.iter().any(|emitted| emitted == reason),
        "{reason}: {emitted:?}"
    );
    let error = summary.error.unwrap_or_default();
    assert!(error.contains(text), "{reason}: {error}");
    let expected = summary.events.len();
    controller
        .server
        .until("the events are written", |world| {
            world
                .requests
                .iter()
                .filter(|request| request.path.contains("/events"))
                .count()
                >= expected
        })
        .await;
    assert_eq!(
        events(&controller.server).len(),
        expected,
        "an event was lost"
    );
    controller.server.mend();
    controller.clock.advance(SignedDuration::from_secs(15));
    let summary = controller.sync().await;
    assert_eq!(summary.error, None, "{reason}");
    assert_eq!(scales(&controller.server), [4], "{reason}");
}

const METRIC: &str = "FailedGetResourceMetric";

#[tokio::test(start_paused = true)]
async fn the_metrics_api_fails() {
    let answer = Answer::Status(500, "InternalError", String::from("etcd is on fire"));
    check_read(
        Fault::always("GET", POD_METRICS, answer),
        METRIC,
        "etcd is on fire",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_metrics_api_is_absent() {
    let answer = Answer::Plain(503, "service unavailable");
    let text = "unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)";
    check_read(Fault::always("GET", POD_METRICS, answer), METRIC, text).await;
    let answer = Answer::Plain(404, "404 page not found");
    let text = "the server could not find the requested resource (get pods.metrics.k8s.io)";
    check_read(Fault::always("GET", POD_METRICS, answer), METRIC, text).await;
}

#[tokio::test(start_paused = true)]
async fn the_connection_to_the_metrics_api_breaks() {
    for (answer, text) in [
        (Answer::Half, "Get \"http"),
        (Answer::Lost, "Get \"http"),
        (Answer::Never, "context deadline exceeded"),
    ] {
        check_read(Fault::always("GET", POD_METRICS, answer), METRIC, text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn metrics_are_malformed() {
    for garbage in [
        "<html>502</html>",
        "{\"items\": [{\"metadata\": {\"name\": \"web-0\"}, \"containers\": 1}]}",
        "{\"items\": [{\"metadata\": {\"name\": \"web-0\"}, \"timestamp\": \"yesterday\"}]}",
        "{\"items\": [{\"metadata\": {\"name\": \"web-0\"}, \"containers\": [{\"name\": \"main\", \"usage\": {\"cpu\": \"100mm\"}}]}]}",
        "{\"items\": [{\"metadata\": {\"name\": \"web-0\"}, \"containers\": [{\"name\": \"main\", \"usage\": {\"cpu\": \"1e2147483647\"}}]}]}",
    ] {
        let fault = Fault::always("GET", POD_METRICS, Answer::Garbage(garbage));
        check_read(fault, METRIC, "couldn't decode the response").await;
    }
}

#[tokio::test(start_paused = true)]
async fn metrics_are_empty() {
    let fault = Fault::always("GET", POD_METRICS, Answer::Garbage("{\"items\": []}"));
    let text = "no metrics returned from resource metrics API";
    check_read(fault, METRIC, text).await;
    // Go encodes an empty list as null.
    let fault = Fault::always("GET", POD_METRICS, Answer::Garbage("{\"items\": null}"));
    check_read(fault, METRIC, text).await;
}

#[tokio::test(start_paused = true)]
async fn the_scale_cannot_be_read() {
    const REASON: &str = "FailedGetScale";
    let answer = Answer::Status(500, "InternalError", String::from("etcd is on fire"));
    check_read(
        Fault::always("GET", SCALE, answer),
        REASON,
        "etcd is on fire",
    )
    .await;
    check_read(
        Fault::always("GET", SCALE, Answer::Half),
        REASON,
        "Get \"http",
    )
    .await;
    check_read(
        Fault::always("GET", SCALE, Answer::Never),
        REASON,
        "deadline",
    )
    .await;
    let answer = Answer::Garbage("{\"spec\": {\"replicas\": \"two\"}}");
    check_read(
        Fault::always("GET", SCALE, answer),
        REASON,
        "couldn't decode",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn discovery_fails() {
    let answer = Answer::Status(500, "InternalError", String::from("no discovery"));
    let text = "unable to determine resource for scale target reference: no discovery";
    check_read(
        Fault::always("GET", "/apis/apps", answer),
        "FailedGetScale",
        text,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_target_does_not_exist() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    controller.server.delete(SCALE);
    let summary = controller.sync().await;
    let error = summary.error.unwrap();
    let text =
        "failed to query scale subresource for Deployment/prod/web: deployments \"web\" not found";
    assert_eq!(&*error, text);
    assert_eq!(scales(&controller.server), [0_i64; 0]);
}

/// Checks the event about an invalid target or selector.
async fn check_refusal(change: impl FnOnce(&Server), reason: &str, text: &str) {
    let server = cluster(2, "100m");
    change(&server);
    let mut controller =
        TestController::new(server, Mode::Active, ControllerConfig::default()).await;
    let summary = controller.sync().await;
    assert_eq!(scales(&controller.server), [0_i64; 0], "{reason}: scaled");
    assert_eq!(summary.events[0].reason.to_string(), reason);
    assert_eq!(summary.events[0].message.to_string(), text);
}

#[tokio::test(start_paused = true)]
async fn the_target_or_its_selector_is_invalid() {
    let selector =
        |selector: &'static str| move |server: &Server| server.put(SCALE, scale_of(2, 2, selector));
    check_refusal(selector(""), "SelectorRequired", "selector is required").await;
    let text = "couldn't convert selector into a corresponding internal selector object: unable to parse requirement: found '=', expected: identifier";
    let server = cluster(2, "100m");
    server.put(SCALE, scale_of(2, 2, "=web"));
    let mut controller =
        TestController::new(server, Mode::Active, ControllerConfig::default()).await;
    let summary = controller.sync().await;
    assert_eq!(summary.events[0].reason.to_string(), "InvalidSelector");
    let told = summary.events[0].message.to_string();
    assert!(
        told.starts_with(&text[..text.find(": unable").unwrap()]),
        "{told}"
    );
    assert_eq!(scales(&controller.server), [0_i64; 0]);
    let target = |api_version: &'static str, kind: &'static str| {
        move |server: &Server| {
            let mut hpa = server.object(HPA);
            hpa["spec"]["scaleTargetRef"] =
                json!({"apiVersion": api_version, "kind": kind, "name": "web"});
            server.put(HPA, hpa);
        }
    };
    let text = "no matches for kind \"Castle\" in group \"apps\"";
    check_refusal(target("apps/v1", "Castle"), "FailedGetScale", text).await;
    let text = "no matches for kind \"Castle\" in group \"sand.example\"";
    check_refusal(target("sand.example/v1", "Castle"), "FailedGetScale", text).await;
    let text = "unexpected GroupVersion string: a/b/c";
    check_refusal(target("a/b/c", "Castle"), "FailedGetScale", text).await;
}

#[tokio::test(start_paused = true)]
async fn conflicts_on_the_scale_are_retried() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    let conflict = || Answer::Status(409, "Conflict", String::from("modified"));
    controller
        .server
        .fault(Fault::times(3, "PUT", SCALE, conflict()));
    let summary = controller.sync().await;
    assert_eq!(summary.error, None);
    assert_eq!(scales(&controller.server), [4]);
    assert_eq!(controller.server.requests("PUT", SCALE).len(), 4);
    // It was read again before each retry.
    assert_eq!(controller.server.requests("GET", SCALE).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn persistent_conflicts_fail_the_rescale() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    let conflict = Answer::Status(409, "Conflict", String::from("modified"));
    controller
        .server
        .fault(Fault::always("PUT", SCALE, conflict));
    let summary = controller.sync().await;
    assert_eq!(controller.server.requests("PUT", SCALE).len(), 5);
    assert_eq!(
        summary.error.as_deref(),
        Some("failed to rescale Deployment/prod/web: modified")
    );
    assert!(!controller.remembers_scaling_up());
    let reasons: Vec<_> = summary
        .events
        .iter()
        .map(|event| event.reason.to_string())
        .collect();
    assert_eq!(reasons, ["FailedRescale"]);
}

#[tokio::test(start_paused = true)]
async fn someone_else_scales_at_the_same_time() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    let server = controller.server.clone();
    // By then the resource version is outdated, and the server refuses the write.
    let late = Fault::times(1, "PUT", SCALE, Answer::Late(Duration::from_millis(200)));
    server.fault(late);
    let meanwhile = async {
        server
            .until("the write is on its way", |world| {
                world.faults[0].times == 0
            })
            .await;
        server.put(SCALE, scale(3));
    };
    let (summary, ()) = tokio::join!(controller.sync(), meanwhile);
    assert_eq!(summary.error, None);
    assert_eq!(scales(&server), [4]);
    assert_eq!(server.requests("PUT", SCALE)[0].status, 409);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_on_the_status_is_reported() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    let conflict = Answer::Status(409, "Conflict", String::from("modified"));
    controller
        .server
        .fault(Fault::times(1, "PATCH", HPA, conflict));
    let summary = controller.sync().await;
    assert_eq!(scales(&controller.server), [4]);
    assert_eq!(
        summary.error.as_deref(),
        Some("failed to update status for web: modified")
    );
    let reasons: Vec<_> = summary
        .events
        .iter()
        .map(|event| event.reason.to_string())
        .collect();
    assert_eq!(reasons, ["SuccessfulRescale", "FailedUpdateStatus"]);
    // The next sync stores it.
    controller.server.put(SCALE, scale(4));
    controller.sync().await;
    assert_eq!(
        controller.server.object(HPA)["status"]["desiredReplicas"],
        4
    );
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honored() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    controller
        .server
        .fault(Fault::times(1, "GET", SCALE, Answer::RetryAfter(429, 1)));
    controller
        .server
        .fault(Fault::times(1, "PUT", SCALE, Answer::RetryAfter(503, 0)));
    let summary = controller.sync().await;
    assert_eq!(summary.error, None);
    assert_eq!(scales(&controller.server), [4]);
    let reads = controller.server.requests("GET", SCALE);
    assert_eq!(reads.len(), 2);
    let waited = reads[1].at - reads[0].at;
    assert!(waited >= Duration::from_secs(1), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_beyond_the_timeout_fails_the_sync() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    controller
        .server
        .fault(Fault::always("GET", SCALE, Answer::RetryAfter(429, 3_600)));
    let summary = controller.sync().await;
    assert!(summary.error.unwrap().contains("slow down"));
    assert_eq!(controller.server.requests("GET", SCALE).len(), 1);
    controller.server.mend();
    // Without a wait, the number of retries is limited.
    controller
        .server
        .fault(Fault::always("GET", SCALE, Answer::RetryAfter(429, 0)));
    controller.sync().await;
    assert_eq!(controller.server.requests("GET", SCALE).len(), 1 + 11);
}

#[tokio::test(start_paused = true)]
async fn a_write_without_a_response_does_not_count_as_done() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    controller
        .server
        .fault(Fault::times(1, "PUT", SCALE, Answer::Lost));
    let summary = controller.sync().await;
    assert!(summary.error.unwrap().starts_with("failed to rescale"));
    assert!(!controller.remembers_scaling_up());
    // It was carried out nevertheless: the next sync finds four replicas and keeps them.
    assert_eq!(controller.server.object(SCALE)["spec"]["replicas"], 4);
    for index in 2..4 {
        let path = format!("/api/v1/namespaces/prod/pods/web-{index}");
        controller.server.put(&path, pod(&json!({"app": "web"})));
    }
    controller.saw_pods(4).await;
    controller
        .server
        .metrics(POD_METRICS, pod_metrics(4, "50m"));
    let summary = controller.sync().await;
    assert_eq!((summary.error, summary.desired), (None, Some(4)));
    assert_eq!(controller.server.requests("PUT", SCALE).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_autoscaler_that_is_deleted_during_its_sync_is_left_alone() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    let server = controller.server.clone();
    server.fault(Fault::times(
        1,
        "GET",
        POD_METRICS,
        Answer::Late(Duration::from_millis(300)),
    ));
    let meanwhile = async {
        server
            .until("metrics are asked for", |world| world.faults[0].times == 0)
            .await;
        server.delete(HPA);
    };
    let (summary, ()) = tokio::join!(controller.try_sync(), meanwhile);
    assert!(summary.is_none());
    assert_eq!(scales(&server), [0_i64; 0]);
    assert!(server.requests("PATCH", HPA).is_empty());
    assert!(events(&server).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_autoscaler_of_the_same_name_inherits_nothing() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    controller.sync().await;
    assert_eq!(
        controller
            .state
            .autoscaler
            .histories()
            .scale_up_events
            .len(),
        0
    );
    assert_eq!(
        controller
            .state
            .autoscaler
            .histories()
            .recommendations
            .len(),
        2
    );
    controller.server.delete(HPA);
    controller.server.put(HPA, hpa(1, 10, &cpu(50)));
    controller.saw_hpa().await;
    controller.server.put(SCALE, scale(2));
    controller.sync().await;
    assert_eq!(
        controller
            .state
            .autoscaler
            .histories()
            .recommendations
            .len(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn setting_the_clock_changes_no_decision() {
    let mut hpa = hpa(1, 10, &cpu(50));
    hpa["spec"]["behavior"] = json!({
        "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]},
        "scaleDown": {"stabilizationWindowSeconds": 60, "selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]},
    });
    for step in [0, -3_600, 3_600] {
        let server = cluster(2, "100m");
        server.put(HPA, hpa.clone());
        let mut controller =
            TestController::new(server, Mode::Active, ControllerConfig::default()).await;
        assert_eq!(controller.sync().await.desired, Some(3));
        controller.clock.step_wall(SignedDuration::from_secs(step));
        controller.clock.advance(SignedDuration::from_secs(30));
        // One pod a minute, and half a minute has passed, whatever the wall clock says.
        assert_eq!(controller.sync().await.desired, Some(3), "set by {step} s");
        controller.clock.advance(SignedDuration::from_secs(31));
        assert_eq!(controller.sync().await.desired, Some(4), "set by {step} s");
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_goes_down_and_comes_back() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    controller
        .server
        .fault(Fault::always("GET", "/", Answer::Lost));
    controller.server.with(|world| world.hang_ups += 1);
    let summary = controller.sync().await;
    assert!(summary.error.unwrap().contains("Get \"http"));
    assert_eq!(scales(&controller.server), [0_i64; 0]);
    controller.server.mend();
    controller.server.put(HPA, hpa(1, 3, &cpu(50)));
    controller.saw_hpa().await;
    assert_eq!(controller.sync().await.desired, Some(3));
}

#[tokio::test(start_paused = true)]
async fn overlapping_selectors_are_ambiguous() {
    let server = cluster(2, "100m");
    let other = HPA.replace("/web", "/other");
    let mut twin = hpa(1, 10, &cpu(50));
    twin["spec"]["scaleTargetRef"]["name"] = json!("other");
    server.put(&other, twin);
    server.put(
        &SCALE.replace("/web/", "/other/"),
        scale_of(1, 1, "app in (web,api)"),
    );
    let mut controller =
        TestController::new(server, Mode::Active, ControllerConfig::default()).await;
    controller.sync_other(&Key::new("prod", "other")).await;
    let summary = controller.sync().await;
    let text =
        "pods by selector app=web are controlled by more than one HPA (e.g. [prod/other prod/web])";
    assert_eq!(summary.events[0].message.to_string(), text);
    assert!(controller.server.requests("PUT", SCALE).is_empty());
}
