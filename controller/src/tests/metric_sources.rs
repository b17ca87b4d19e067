//! All five metric sources over the three metrics APIs, and targets of any kind.

use hpa_core::autoscaler::ControllerConfig;
use serde_json::{Value, json};

use crate::api_objects::Key;
use crate::args::Mode;
use crate::tests::harness::TestController;
use fake_api_server::fixtures::{HPA, POD_METRICS, cluster, hpa, pod, pod_metrics, scale, scales};

const CUSTOM: &str = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/prod";
const EXTERNAL: &str = "/apis/external.metrics.k8s.io/v1beta1/namespaces/prod";

/// An autoscaler without stabilization and with generous policies.
fn quick(metrics: &Value) -> Value {
    let mut hpa = hpa(1, 10, metrics);
    let rules = json!({"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [{"type": "Percent", "value": 1_000, "periodSeconds": 15}]});
    hpa["spec"]["behavior"] = json!({"scaleUp": rules, "scaleDown": rules});
    hpa
}

/// Checks a metric of two pods: the request, and the decision that its response leads to.
async fn check(metric: Value, path: &str, query: &str, answer: Value, desired: i32) -> String {
    let server = cluster(2, "50m");
    server.put(HPA, quick(&json!([metric])));
    server.metrics(path, answer);
    let mut controller =
        TestController::new(server, Mode::Active, ControllerConfig::default()).await;
    let summary = controller.sync().await;
    assert_eq!(summary.error, None, "{path}");
    assert_eq!(summary.desired, Some(desired), "{path}");
    let asked = controller.server.requests("GET", path);
    assert_eq!(asked.len(), 1, "{path}");
    assert_eq!(asked[0].query, query, "{path}");
    controller.metrics()
}

fn values(items: &[(&str, &str)]) -> Value {
    let items: Vec<Value> = items
        .iter()
        .map(|(name, value)| {
            json!({"describedObject": {"kind": "Pod", "namespace": "prod", "name": name}, "metric": {"name": "m", "selector": null}, "timestamp": "2026-01-01T11:59:50Z", "value": value})
        })
        .collect();
    json!({"kind": "MetricValueList", "apiVersion": "custom.metrics.k8s.io/v1beta2", "items": items})
}

#[tokio::test(start_paused = true)]
async fn resource() {
    let metric = json!({"type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "32Mi"}}});
    check(metric, POD_METRICS, "", pod_metrics(2, "50m"), 4).await;
}

#[tokio::test(start_paused = true)]
async fn container_resource() {
    let metric = json!({"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "main", "target": {"type": "Utilization", "averageUtilization": 25}}});
    check(metric, POD_METRICS, "", pod_metrics(2, "50m"), 4).await;
}

#[tokio::test(start_paused = true)]
async fn pods_with_series() {
    let metric = json!({"type": "Pods", "pods": {"metric": {"name": "http_requests", "selector": {"matchLabels": {"verb": "GET"}}}, "target": {"type": "AverageValue", "averageValue": "10"}}});
    let path = format!("{CUSTOM}/pods/*/http_requests");
    let query = "labelSelector=app%3Dweb&metricLabelSelector=verb%3DGET";
    let answer = values(&[("web-0", "15"), ("web-1", "15500m")]);
    check(metric, &path, query, answer, 4).await;
}

#[tokio::test(start_paused = true)]
async fn object_by_value() {
    let metric = json!({"type": "Object", "object": {"metric": {"name": "rps"}, "describedObject": {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "main"}, "target": {"type": "Value", "value": "100"}}});
    let path = format!("{CUSTOM}/ingresses.networking.k8s.io/main/rps");
    check(metric, &path, "", values(&[("main", "250")]), 5).await;
}

#[tokio::test(start_paused = true)]
async fn object_that_is_the_namespace() {
    let metric = json!({"type": "Object", "object": {"metric": {"name": "queue/length"}, "describedObject": {"apiVersion": "v1", "kind": "Namespace", "name": "any"}, "target": {"type": "AverageValue", "averageValue": "10"}}});
    let path = format!("{CUSTOM}/metrics/queue/length");
    check(metric, &path, "", values(&[("prod", "65")]), 7).await;
}

#[tokio::test(start_paused = true)]
async fn external_series_are_summed() {
    let metric = json!({"type": "External", "external": {"metric": {"name": "queue_depth", "selector": {"matchLabels": {"queue": "q1"}}}, "target": {"type": "AverageValue", "averageValue": "10"}}});
    let path = format!("{EXTERNAL}/queue_depth");
    let answer = json!({"items": [
        {"metricName": "queue_depth", "metricLabels": {"shard": "a"}, "timestamp": "2026-01-01T11:59:50Z", "value": "20"},
        {"metricName": "queue_depth", "metricLabels": {"shard": "b"}, "timestamp": "2026-01-01T11:59:50Z", "value": "21"},
    ]});
    let page = check(metric, &path, "labelSelector=queue%3Dq1", answer, 5).await;
    // All external metrics share one label value.
    let series = "hpa_controller_api_requests_total{verb=\"GET\",resource=\"external.metrics.k8s.io\",code=\"200\"} 1";
    assert!(page.contains(series), "{page}");
}

#[tokio::test(start_paused = true)]
async fn the_older_version_of_the_custom_metrics_api_works_too() {
    let server = cluster(2, "50m");
    let metric = json!([{"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "10"}}}]);
    server.put(HPA, hpa(1, 10, &metric));
    server.with(|world| {
        let versions = vec![(String::from("v1beta1"), Vec::new())];
        world
            .groups
            .insert(String::from("custom.metrics.k8s.io"), versions);
    });
    // Its items have the name of the metric in another field.
    let answer = json!({"items": [{"describedObject": {"name": "web-0"}, "metricName": "m", "timestamp": "2026-01-01T11:59:50Z", "windowSeconds": 30, "value": "30", "selector": null}]});
    let path = CUSTOM.replace("v1beta2", "v1beta1") + "/pods/*/m";
    server.metrics(&path, answer);
    let mut controller =
        TestController::new(server, Mode::Shadow, ControllerConfig::default()).await;
    // One of the two pods has no value and counts as idle: 30 in total, at 10 per pod.
    assert_eq!(controller.sync().await.desired, Some(3));
}

#[tokio::test(start_paused = true)]
async fn absent_custom_and_external_metrics_apis_are_reported() {
    for (metric, text) in [
        (
            json!({"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "10"}}}),
            "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered",
        ),
        (
            json!({"type": "External", "external": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "10"}}}),
            "unable to fetch metrics from external metrics API",
        ),
    ] {
        let server = cluster(2, "50m");
        server.put(HPA, hpa(1, 10, &json!([metric])));
        server.with(|world| {
            world.absent = vec![
                String::from("custom.metrics.k8s.io"),
                String::from("external.metrics.k8s.io"),
            ];
        });
        let mut controller =
            TestController::new(server, Mode::Active, ControllerConfig::default()).await;
        let error = controller.sync().await.error.unwrap();
        assert!(error.contains(text), "{error}");
        assert_eq!(scales(&controller.server), [0_i64; 0]);
        // A metrics server that is installed later is found.
        controller.server.with(|world| world.absent.clear());
        let error = controller.sync().await.error.unwrap_or_default();
        assert!(!error.contains("registered"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn samples_of_deleted_pods_count_as_upstream() {
    let metric = json!([{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "50m"}}}]);
    for (labels, desired) in [
        (json!({"app": "web"}), 6),
        // A sample whose labels do not match is not counted.
        (json!({"app": "api"}), 4),
    ] {
        let server = cluster(2, "50m");
        server.put(HPA, quick(&metric));
        let mut list = pod_metrics(2, "100m");
        let mut gone = list["items"][0].clone();
        gone["metadata"] = json!({"name": "web-gone", "labels": labels});
        list["items"].as_array_mut().unwrap().push(gone);
        // A missing pod makes upstream count samples rather than ready pods.
        server.put(
            "/api/v1/namespaces/prod/pods/web-new",
            pod(&json!({"app": "web"})),
        );
        server.metrics(POD_METRICS, list);
        let mut controller =
            TestController::new(server, Mode::Shadow, ControllerConfig::default()).await;
        let summary = controller.sync().await;
        assert_eq!(summary.desired, Some(desired), "{:?}", summary.error);
    }
}

#[tokio::test(start_paused = true)]
async fn any_kind_with_a_scale_subresource_is_scaled() {
    for (api_version, kind, path) in [
        (
            "apps/v1",
            "StatefulSet",
            "/apis/apps/v1/namespaces/prod/statefulsets/web/scale",
        ),
        (
            "v1",
            "ReplicationController",
            "/api/v1/namespaces/prod/replicationcontrollers/web/scale",
        ),
        // The version in the reference does not matter; the preferred one is used.
        (
            "sand.example/v1",
            "Castle",
            "/apis/sand.example/v2/namespaces/prod/castles/web/scale",
        ),
    ] {
        let server = cluster(2, "100m");
        server.with(|world| {
            let castle = |version: &str| {
                let resources = [
                    ("castles", "Castle"),
                    ("castles/scale", "Scale"),
                    ("castles/status", "Castle"),
                ];
                let resources = resources.map(|(name, kind)| (name.to_owned(), kind.to_owned()));
                (version.to_owned(), resources.to_vec())
            };
            let versions = vec![castle("v2"), castle("v1")];
            world.groups.insert(String::from("sand.example"), versions);
        });
        let mut object = server.object(HPA);
        object["spec"]["scaleTargetRef"] =
            json!({"apiVersion": api_version, "kind": kind, "name": "web"});
        server.put(HPA, object);
        server.put(path, scale(2));
        let mut controller =
            TestController::new(server, Mode::Active, ControllerConfig::default()).await;
        assert_eq!(controller.sync().await.error, None, "{kind}");
        assert_eq!(
            controller.server.object(path)["spec"]["replicas"],
            4,
            "{kind}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn autoscalers_of_a_namespace_share_one_list_of_pod_metrics() {
    let server = cluster(2, "100m");
    for name in ["a", "b", "c"] {
        server.put(
            &HPA.replace("/web", &format!("/{name}")),
            server.object(HPA),
        );
    }
    let controller = TestController::with(
        server,
        Mode::Shadow,
        ControllerConfig::default(),
        |settings| {
            settings.metrics_max_age = std::time::Duration::from_mins(1);
        },
    )
    .await;
    for name in ["a", "b", "c"] {
        controller.sync_other(&Key::new("prod", name)).await;
    }
    assert_eq!(controller.server.requests("GET", POD_METRICS).len(), 1);
}
