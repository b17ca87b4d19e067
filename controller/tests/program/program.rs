//! The program as a person and a cluster see it: exit status, table, pages, signals, arguments.

use std::time::Duration;

use serde_json::json;

use crate::process::{Folder, HEAD, begin, end, free_port, kubeconfig, run, stopped, terminate};
use fake_api_server::{HPA, POD_METRICS, SCALE, Server, cluster, page, pod_metrics, try_page};

#[tokio::test]
async fn once_shows_a_table_and_says_whether_something_needs_attention() {
    let folder = Folder::new("once");
    let server = cluster(2, "100m").await;
    let config = folder.write("kubeconfig", &kubeconfig(&server.address));
    let (code, out, log) = run(&["--once", "--kubeconfig", &config]).await;
    assert_eq!(code, 1, "{log}");
    assert_eq!(
        out,
        "NAMESPACE  NAME  TARGET          CURRENT  DESIRED  THEIRS  REASON\n\
         prod       web   Deployment/web  2        4        0       cpu resource utilization (percentage of request) above target\n"
    );
    // The other controller agrees, and nothing fails.
    let mut hpa = server.object(HPA);
    hpa["status"] = json!({"desiredReplicas": 2, "currentReplicas": 2});
    server.put(HPA, hpa);
    server.metrics(POD_METRICS, pod_metrics(2, "50m"));
    let (code, out, _) = run(&[
        "--once",
        "-o",
        "json",
        "--kubeconfig",
        &config,
        "--context",
        "fake",
    ])
    .await;
    assert_eq!(code, 0, "{out}");
    let line: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!((&line["desired"], &line["theirs"]), (&json!(2), &json!(2)));
    assert!(
        line["explanation"]
            .as_str()
            .unwrap()
            .contains("within tolerance"),
        "{out}"
    );
    // Nothing was written.
    server.with(|world| assert!(world.requests.iter().all(|request| request.method == "GET")));
    let (code, out, _) = run(&["--once", "--kubeconfig", &config, "-n", "elsewhere"]).await;
    assert_eq!((code, out.lines().count()), (0, 1), "only the head");
    let manifest = folder.write(
        "web.yaml",
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: prod}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 3\n  maxReplicas: 9\n",
    );
    let (_, out, _) = run(&["--once", "--kubeconfig", &config, "--what-if", &manifest]).await;
    assert!(
        out.contains("WHAT-IF") && out.contains("  2        2       3        "),
        "{out}"
    );
}

#[tokio::test]
async fn what_cannot_be_read_ends_with_2() {
    let folder = Folder::new("unreadable");
    let config = folder.write("kubeconfig", &kubeconfig("http://127.0.0.1:1"));
    let (code, _, log) = run(&["--once", "--kubeconfig", &config]).await;
    assert_eq!(code, 2, "{log}");
    assert!(
        log.contains("hpa-controller: Get \"http://127.0.0.1:1/version\""),
        "{log}"
    );
    // Nothing but what we say.
    assert_eq!(log.lines().count(), 1, "{log}");
    for arguments in [
        &["--no-such-flag"][..],
        &["--mode", "both"],
        &["--horizontal-pod-autoscaler-sync-period", "0s"],
        &["--horizontal-pod-autoscaler-tolerance", "-1"],
        &["--feature-gates", "HPAScaleToMoon=true"],
        &["--kubernetes-version", "1.12"],
        &["--kubeconfig", "/no/such/file"],
        &["--kubeconfig", &config, "--context", "elsewhere"],
        &[
            "--kubeconfig",
            &config,
            "--leader-elect-renew-deadline",
            "20s",
        ],
    ] {
        let (code, _, log) = run(arguments).await;
        assert_eq!(code, 2, "{arguments:?}: {log}");
        assert!(!log.contains("panicked"), "{log}");
    }
}

#[tokio::test]
async fn it_acts_serves_its_pages_and_ends_in_order() {
    let folder = Folder::new("acts");
    let server: Server = cluster(2, "100m").await;
    let config = folder.write("kubeconfig", &kubeconfig(&server.address));
    let address = free_port();
    let settings = folder.write(
        "settings.yaml",
        &format!("{HEAD}mode: active\nall-autoscalers: true\nbind-address: {address}\nhorizontal-pod-autoscaler-sync-period: 100ms\n"),
    );
    let child = begin(&["--kubeconfig", &config, "--config", &settings]);
    server
        .until("it has scaled", |world| {
            world
                .requests
                .iter()
                .any(|request| request.fits("PUT", SCALE) && request.status == 200)
        })
        .await;
    server
        .until("the event is written", |world| {
            world
                .requests
                .iter()
                .any(|request| request.fits("POST", "/events"))
        })
        .await;
    let lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/hpa-controller";
    let holder = |server: &Server| {
        server.object(lease)["spec"]["holderIdentity"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(!holder(&server).is_empty());
    assert!(page(&address, "/livez").starts_with("HTTP/1.1 200"));
    assert!(page(&address, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(page(&address, "/else").starts_with("HTTP/1.1 404"));
    let metrics = page(&address, "/metrics");
    for part in [
        "horizontal_pod_autoscaler_controller_reconciliations_total{action=\"scale_up\",error=\"none\"}",
        "horizontal_pod_autoscaler_controller_reconciliation_duration_seconds_bucket{action=\"scale_up\",error=\"none\",le=\"0.001\"}",
        "horizontal_pod_autoscaler_controller_reconciliation_duration_seconds_bucket{action=\"scale_up\",error=\"none\",le=\"16.384\"}",
        "horizontal_pod_autoscaler_controller_metric_computation_total{action=\"scale_up\",error=\"none\",metric_type=\"Resource\"}",
        "horizontal_pod_autoscaler_controller_metric_computation_duration_seconds_count{action=\"scale_up\",error=\"none\",metric_type=\"Resource\"}",
        "horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers 1",
        "horizontal_pod_autoscaler_controller_desired_replicas{namespace=\"prod\",hpa_name=\"web\"}",
        "hpa_controller_api_request_duration_seconds_count{verb=\"GET\",resource=\"deployments.apps\"}",
        "leader_election_master_status{name=\"hpa-controller\"} 1",
    ] {
        assert!(metrics.contains(part), "no {part} in\n{metrics}");
    }
    // A second one waits for the Lease, is ready for it, and writes nothing.
    let waiting = free_port();
    let arguments = ["--kubeconfig", &config, "--config", &settings];
    let second = begin(&[&arguments[..], &["--bind-address", &waiting]].concat());
    let first = holder(&server);
    let waits = "leader_election_master_status{name=\"hpa-controller\"} 0";
    let since = tokio::time::Instant::now();
    while !try_page(&waiting, "/metrics").is_some_and(|metrics| metrics.contains(waits)) {
        assert!(
            since.elapsed() < Duration::from_secs(20),
            "the second one does not come up"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(page(&waiting, "/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(holder(&server), first);
    drop(stopped(second));
    terminate(&child);
    let (code, _, log) = end(child).await;
    assert_eq!(code, 0, "{log}");
    assert_eq!(holder(&server), "", "the Lease is released");
    let decided = log
        .lines()
        .find(|line| line.contains("\"message\":\"decided\""))
        .unwrap();
    let line: serde_json::Value = serde_json::from_str(decided).unwrap();
    assert_eq!(line["hpa"], "prod/web");
    assert_eq!(line["role"], "active");
    assert_eq!(line["desired"], 4);
}
