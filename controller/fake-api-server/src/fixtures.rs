//! Objects for tests: a Deployment `prod/web`, its pods and metrics, and an autoscaler.

use serde_json::{Value, json};

use crate::{Request, Server};

/// The path of the autoscaler.
pub const HPA: &str = "/apis/autoscaling/v2/namespaces/prod/horizontalpodautoscalers/web";
/// The path of its target's scale.
pub const SCALE: &str = "/apis/apps/v1/namespaces/prod/deployments/web/scale";
/// The path of the PodMetrics of its namespace.
pub const POD_METRICS: &str = "/apis/metrics.k8s.io/v1beta1/namespaces/prod/pods";

/// An autoscaler of the Deployment `web`, as the API server stores it.
pub fn hpa(min: i32, max: i32, metrics: &Value) -> Value {
    json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"generation": 1},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": min,
            "maxReplicas": max,
            "metrics": metrics,
        },
    })
}

/// A CPU metric with this target percentage of the request.
pub fn cpu(percent: i32) -> Value {
    json!([{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}}}])
}

/// The scale of a Deployment with as many pods as it should have.
pub fn scale(replicas: i32) -> Value {
    scale_of(replicas, replicas, "app=web")
}

/// A scale.
pub fn scale_of(spec: i32, status: i32, selector: &str) -> Value {
    json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "spec": {"replicas": spec},
        "status": {"replicas": status, "selector": selector},
    })
}

/// A pod that has been ready for two hours and requests 100m of CPU.
pub fn pod(labels: &Value) -> Value {
    json!({
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "main", "image": "web", "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}}}]},
        "status": {
            "phase": "Running",
            "startTime": "2026-01-01T10:00:00Z",
            "conditions": [
                {"type": "Initialized", "status": "True", "lastTransitionTime": "2026-01-01T10:00:00Z"},
                {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T10:00:10Z"},
            ],
        },
    })
}

/// The PodMetrics of `count` pods that use `cpu` each.
pub fn pod_metrics(count: usize, cpu: &str) -> Value {
    let items: Vec<Value> = (0..count)
        .map(|index| {
            json!({
                "metadata": {"name": format!("web-{index}"), "namespace": "prod", "labels": {"app": "web"}},
                "timestamp": "2026-01-01T11:59:50Z",
                "window": "15s",
                "containers": [{"name": "main", "usage": {"cpu": cpu, "memory": "64Mi"}}],
            })
        })
        .collect();
    json!({"kind": "PodMetricsList", "metadata": {}, "items": items})
}

/// A server with a Deployment of `count` pods that use `cpu_used` each, and an autoscaler with a target
/// of 50 percent of the 100m that they request.
pub fn cluster(count: usize, cpu_used: &str) -> Server {
    let server = Server::default();
    populate(&server, count, cpu_used);
    server
}

/// Adds what [`cluster`] has to a server.
pub fn populate(server: &Server, count: usize, cpu_used: &str) {
    server.put(HPA, hpa(1, 10, &cpu(50)));
    server.put(SCALE, scale(count.try_into().unwrap()));
    for index in 0..count {
        let path = format!("/api/v1/namespaces/prod/pods/web-{index}");
        server.put(&path, pod(&json!({"app": "web"})));
    }
    server.metrics(POD_METRICS, pod_metrics(count, cpu_used));
}

/// Type, reason and message of every event written so far, in order; a counted one appears again.
pub fn events(server: &Server) -> Vec<(String, String, String)> {
    let wrote = |request: &Request| (200..300).contains(&request.status);
    let told = |event: &Value| {
        ["type", "reason", "message"]
            .map(|field| event[field].as_str().unwrap_or_default().to_owned())
    };
    server.with(|world| {
        let requests = world.requests.iter().filter(|request| wrote(request));
        requests
            .filter(|request| request.path.contains("/events"))
            .filter_map(|request| match request.method.as_str() {
                "POST" => Some(told(&request.body)),
                "PATCH" => Some(told(&world.objects[&request.path])),
                _ => None,
            })
            .map(|[kind, reason, message]| (kind, reason, message))
            .collect()
    })
}

/// The replica counts written so far.
pub fn scales(server: &Server) -> Vec<i64> {
    server
        .requests("PUT", "/scale")
        .iter()
        .filter(|request| request.status == 200)
        .map(|request| request.body["spec"]["replicas"].as_i64().unwrap())
        .collect()
}
