//! The program as users and clusters see it: exit status, table, pages, signals.

use expect_test::expect;
use fake_api_server::Server;
use fake_api_server::fixtures::{HPA, POD_METRICS, SCALE, cluster, pod_metrics};
use serde_json::{Value, json};

use crate::process::{Directory, HEAD, Program, kubeconfig, page, run};

#[tokio::test]
async fn once_prints_a_table_and_its_exit_status_says_whether_something_needs_attention() {
    let directory = Directory::new();
    let server = cluster(2, "100m");
    let config = directory.kubeconfig(&server).await;
    let ended = run(&["--once", "--kubeconfig", &config]).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    expect![[r#"
        NAMESPACE  NAME  TARGET          CURRENT  DESIRED  THEIRS  REASON
        prod       web   Deployment/web  2        4        0       cpu resource utilization (percentage of request) above target
    "#]]
    .assert_eq(&ended.output);
    let manifest = directory.write(
        "web.yaml",
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: prod}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 3\n  maxReplicas: 3\n",
    );
    let ended = run(&["--once", "--kubeconfig", &config, "--what-if", &manifest]).await;
    expect![[r#"
        NAMESPACE  NAME  TARGET          CURRENT  DESIRED  THEIRS  WHAT-IF  REASON
        prod       web   Deployment/web  2        4        0       3        cpu resource utilization (percentage of request) above target
    "#]]
    .assert_eq(&ended.output);
    // The other controller agrees, and nothing fails.
    let mut hpa = server.object(HPA);
    hpa["status"] = json!({"desiredReplicas": 2, "currentReplicas": 2});
    server.put(HPA, hpa);
    server.metrics(POD_METRICS, pod_metrics(2, "50m"));
    let json = ["--once", "-o", "json", "--context", "fake", "--kubeconfig"];
    let ended = run(&[&json[..], &[&config]].concat()).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let line: Value = serde_json::from_str(ended.output.trim()).unwrap();
    assert_eq!((&line["desired"], &line["theirs"]), (&json!(2), &json!(2)));
    let explanation = line["explanation"].as_str().unwrap();
    assert!(explanation.contains("within tolerance"), "{explanation}");
    let ended = run(&["--once", "--kubeconfig", &config, "-n", "elsewhere"]).await;
    let lines = ended.output.lines().count();
    assert_eq!((ended.code, lines), (0, 1), "only the headings");
    // Nothing was written.
    server.with(|world| assert!(world.requests.iter().all(|request| request.method == "GET")));
}

#[tokio::test]
async fn invalid_input_ends_with_status_2() {
    let directory = Directory::new();
    let config = directory.write("kubeconfig", &kubeconfig("http://127.0.0.1:1"));
    let ended = run(&["--once", "--kubeconfig", &config]).await;
    assert_eq!(ended.code, 2, "{ended:?}");
    // One line, and only ours.
    let message = "hpa-controller: Get \"http://127.0.0.1:1/version\"";
    assert!(ended.log.starts_with(message), "{ended:?}");
    assert_eq!(ended.log.lines().count(), 1, "{ended:?}");
    let mut wrong = Vec::new();
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
        &["--tracing-endpoint", "nowhere"],
    ] {
        let ended = run(arguments).await;
        if ended.code != 2 || ended.log.contains("panicked") {
            wrong.push((arguments.to_vec(), ended));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The Lease's holder; empty if it was released.
fn holder(server: &Server) -> String {
    let lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/hpa-controller";
    let holder = &server.object(lease)["spec"]["holderIdentity"];
    holder.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn it_acts_serves_its_pages_and_shuts_down() {
    let directory = Directory::new();
    let server = cluster(2, "100m");
    let config = directory.kubeconfig(&server).await;
    let settings = directory.write(
        "settings.yaml",
        &format!("{HEAD}mode: active\nall-autoscalers: true\nbind-address: 127.0.0.1:0\nhorizontal-pod-autoscaler-sync-period: 100ms\n"),
    );
    let arguments = ["--kubeconfig", &config, "--config", &settings];
    let mut first = Program::start(&arguments);
    let address = first.address().await;
    for (what, method, path) in [
        ("it has scaled", "PUT", SCALE),
        ("the event is written", "POST", "/events"),
    ] {
        server
            .until(what, |world| {
                world
                    .requests
                    .iter()
                    .any(|request| request.fits(method, path) && request.status / 100 == 2)
            })
            .await;
    }
    let decided = first.logged("decided").await;
    assert_eq!(
        (&decided["hpa"], &decided["role"], &decided["desired"]),
        (&json!("prod/web"), &json!("active"), &json!(4))
    );
    assert!(!holder(&server).is_empty());
    for (path, status) in [("/livez", 200), ("/readyz", 200), ("/else", 404)] {
        let response = page(&address, path).await;
        let expected = format!("HTTP/1.1 {status}");
        assert!(response.starts_with(&expected), "{path}: {response}");
    }
    let metrics = page(&address, "/metrics").await;
    let missing: Vec<&str> = [
        "content-type: text/plain; version=0.0.4",
        "horizontal_pod_autoscaler_controller_reconciliations_total{action=\"scale_up\",error=\"none\"}",
        "horizontal_pod_autoscaler_controller_reconciliation_duration_seconds_bucket{action=\"scale_up\",error=\"none\",le=\"0.001\"}",
        "horizontal_pod_autoscaler_controller_reconciliation_duration_seconds_bucket{action=\"scale_up\",error=\"none\",le=\"16.384\"}",
        "horizontal_pod_autoscaler_controller_metric_computation_total{action=\"scale_up\",error=\"none\",metric_type=\"Resource\"}",
        "horizontal_pod_autoscaler_controller_metric_computation_duration_seconds_count{action=\"scale_up\",error=\"none\",metric_type=\"Resource\"}",
        "horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers 1",
        "horizontal_pod_autoscaler_controller_desired_replicas{namespace=\"prod\",hpa_name=\"web\"}",
        "hpa_controller_api_request_duration_seconds_count{verb=\"GET\",resource=\"deployments.apps\"}",
        "leader_election_master_status{name=\"hpa-controller\"} 1",
    ]
    .into_iter()
    .filter(|part| !metrics.contains(part))
    .collect();
    assert_eq!(missing, [""; 0], "{metrics}");
    // A second replica waits for the Lease, is ready, and writes nothing.
    let mut second = Program::start(&arguments);
    let waiting = second.address().await;
    second.logged("waiting for the Lease").await;
    let metrics = page(&waiting, "/metrics").await;
    let follows = "leader_election_master_status{name=\"hpa-controller\"} 0";
    assert!(metrics.contains(follows), "{metrics}");
    assert!(page(&waiting, "/readyz").await.starts_with("HTTP/1.1 200"));
    second.kill().await;
    let ended = first.terminate().await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(holder(&server), "", "the Lease is released");
}
