//! The recorded reconciles of the real controller, end to end: what this one writes to the fake API
//! server must equal what upstream wrote, step by step.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use hpa_core::api::Selector;
use hpa_core::autoscaler::{
    ControllerConfig, FeatureGate, FeatureGates, Histories, KubernetesVersion, ScaleEvent,
};
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::api_objects::Key;
use crate::args::Mode;
use crate::mutex::lock;
use crate::tests::harness::TestController;
use fake_api_server::fixtures::{HPA, POD_METRICS, SCALE, events, scale_of, scales};
use fake_api_server::{Answer, Fault, Server};

fn folder() -> std::path::PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    match std::env::var_os("HPA_VECTORS") {
        // Tests run in the package's directory; a relative path may be meant from the workspace's.
        Some(folder) => [package.join(&folder), package.join("..").join(&folder)]
            .into_iter()
            .find(|folder| folder.join("reconcile.jsonl.gz").is_file())
            .expect("HPA_VECTORS holds no reconcile.jsonl.gz"),
        None => package.join("../core/tests/vectors"),
    }
}

/// Replays every fourth case, starting at `part`, so that the quarters run in parallel.
fn replay(part: usize) {
    let file = std::fs::File::open(folder().join("reconcile.jsonl.gz")).unwrap();
    let lines = BufReader::new(MultiGzDecoder::new(file)).lines();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let mut steps = 0;
    for (index, line) in lines.enumerate() {
        if index % 4 == part {
            let case: Value = serde_json::from_str(&line.unwrap()).unwrap();
            steps += case["steps"].as_array().unwrap().len();
            runtime.block_on(Trace::new(&case)).run(&runtime, &case);
        }
    }
    assert!(steps > 1_000, "only {steps} reconciles were replayed");
}

#[test]
fn recorded_reconciles_first_quarter() {
    replay(0);
}

#[test]
fn recorded_reconciles_second_quarter() {
    replay(1);
}

#[test]
fn recorded_reconciles_third_quarter() {
    replay(2);
}

#[test]
fn recorded_reconciles_last_quarter() {
    replay(3);
}

/// One recorded trace.
struct Trace {
    controller: TestController,
    pods: BTreeMap<String, Value>,
    pod_events: u64,
    others: Vec<Key>,
    emitted: usize,
}

impl Trace {
    async fn new(case: &Value) -> Self {
        let server = Server::default();
        let mut hpa = case["hpa"].clone();
        hpa["apiVersion"] = json!("autoscaling/v2");
        hpa["metadata"]["generation"] = json!(1);
        let initial = case
            .get("initialStatus")
            .unwrap_or(&case["hpaInput"]["status"]);
        if !initial.is_null() {
            hpa["status"] = initial.clone();
        }
        server.put(HPA, hpa);
        let controller = TestController::with(server, Mode::Active, config(case), |_| {}).await;
        Self {
            controller,
            pods: BTreeMap::new(),
            pod_events: 0,
            others: Vec::new(),
            emitted: 0,
        }
    }

    fn run(mut self, runtime: &tokio::runtime::Runtime, case: &Value) {
        let id = case["id"].as_str().unwrap();
        for (index, step) in case["steps"].as_array().unwrap().iter().enumerate() {
            let found = runtime.block_on(self.step(case, step));
            if let Err(difference) = found {
                panic!("{id}, step {index} at {}: {difference}", step["now"]);
            }
        }
        let now = self.controller.clock.clock().now();
        let ours = histories(self.controller.state.autoscaler.histories(), now);
        for (name, ours) in ours {
            if let Err(difference) = same(name, &list(&case["final"][name]), &ours) {
                panic!("{id}, at the end: {difference}");
            }
        }
        runtime.block_on(
            self.controller
                .controller
                .shut_down(std::time::Duration::from_secs(1)),
        );
    }

    async fn step(&mut self, case: &Value, step: &Value) -> Result<(), String> {
        let (input, out) = (&step["in"], &step["out"]);
        let server = self.controller.server.clone();
        let now: Timestamp = serde_json::from_value(step["now"].clone()).unwrap();
        self.controller.clock.set(now);
        self.bring_about(case, input).await;
        server.with(|world| world.requests.clear());
        let before = server.object(HPA)["metadata"]["resourceVersion"].clone();
        let scaled_before = server.object(SCALE)["spec"]["replicas"].clone();

        let summary = self.controller.sync().await;
        // Events are written in the background: wait before this step's faults are removed.
        let expected: Vec<(String, String, String)> = out["events"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|event| {
                let field = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
                (field("type"), field("reason"), field("message"))
            })
            .collect();
        self.emitted = expected.len();
        let count = self.emitted;
        server
            .until("the events are written", |world| {
                let writes = |request: &&fake_api_server::Request| {
                    request.path.contains("/events") && request.status / 100 == 2
                };
                world.requests.iter().filter(writes).count() >= count
            })
            .await;

        same("events", &expected, &events(&server))?;
        let scaled = scales(&server).last().copied();
        same("scaledTo", &out["scaledTo"], &json!(scaled))?;
        let patches = server.requests("PATCH", "/status");
        same(
            "statusUpdateCalled",
            &out["statusUpdateCalled"],
            &json!(!patches.is_empty()),
        )?;
        let hpa = server.object(HPA);
        match out.get("status") {
            Some(status) => same("status", status, &as_recorded(&hpa["status"]))?,
            None => same("version", &before, &hpa["metadata"]["resourceVersion"])?,
        }
        if scaled.is_none() {
            same(
                "scale",
                &scaled_before,
                &server.object(SCALE)["spec"]["replicas"],
            )?;
        }
        let error = out.get("error").and_then(Value::as_str);
        same("error", &error, &summary.error.as_deref())
    }

    /// Puts the cluster into the state that the step observed.
    async fn bring_about(&mut self, case: &Value, input: &Value) {
        let server = self.controller.server.clone();
        server.mend();
        if let Some(spec) = input.get("hpaSpec") {
            let mut hpa = server.object(HPA);
            hpa["spec"] = spec.clone();
            hpa["metadata"]["generation"] =
                json!(hpa["metadata"]["generation"].as_i64().unwrap() + 1);
            server.put(HPA, hpa);
        }
        self.controller.saw_hpa().await;
        if let Some(pods) = input.get("pods") {
            self.put_pods(&case["podTemplate"], pods).await;
        }
        let scale = &input["scale"];
        let count = |name: &str| i32::try_from(scale[name].as_i64().unwrap_or(0)).unwrap();
        let selector = scale["selector"].as_str().unwrap_or_default();
        let object = scale_of(count("specReplicas"), count("statusReplicas"), selector);
        server.put(SCALE, object);
        for (field, method, path) in [
            ("scaleGetError", "GET", SCALE),
            ("scaleUpdateError", "PUT", SCALE),
            ("statusUpdateError", "PATCH", HPA),
        ] {
            if let Some(error) = input[field].as_str() {
                // Any code that is neither retried nor a conflict.
                let answer = Answer::Status(403, "Forbidden", error.to_owned());
                server.fault(Fault::always(method, path, answer));
            }
        }
        put_metrics(&server, &input["metrics"], &case["podTemplate"]["labels"]);
        self.put_others(&input["otherHPASelectors"]);
    }

    async fn put_pods(&mut self, template: &Value, pods: &Value) {
        let server = &self.controller.server;
        let mut present = BTreeMap::new();
        for pod in pods.as_array().unwrap() {
            let name = pod["name"].as_str().unwrap();
            let path = format!("/api/v1/namespaces/prod/pods/{name}");
            present.insert(path, object_of(pod, template));
        }
        for path in self.pods.keys().filter(|path| !present.contains_key(*path)) {
            server.delete(path);
            self.pod_events += 1;
        }
        for (path, pod) in &present {
            if self.pods.get(path) != Some(pod) {
                server.put(path, pod.clone());
                self.pod_events += 1;
            }
        }
        self.pods = present;
        self.controller.saw_pods(self.pod_events).await;
    }

    /// Sets the selectors of the other autoscalers, as their own syncs would have.
    fn put_others(&mut self, others: &Value) {
        let mut selectors = lock(&self.controller.controller.context.observer.selectors);
        for key in self.others.drain(..) {
            selectors.remove(&key);
        }
        for (key, selector) in others.as_object().into_iter().flatten() {
            let (namespace, name) = key.split_once('/').unwrap();
            let key = Key::new(namespace, name);
            let text = selector.as_str().unwrap();
            selectors.insert(&key, &text.into(), &Selector::parse(text).unwrap());
            self.others.push(key);
        }
    }
}

/// A list as Go encodes it: an empty one may be null.
fn list(recorded: &Value) -> Value {
    recorded.as_array().into_iter().flatten().cloned().collect()
}

/// The histories as the cases record them: slot by slot, with ages.
fn histories(histories: &Histories, now: Timestamp) -> [(&'static str, Value); 3] {
    let events = |events: &[ScaleEvent]| {
        let recorded = |event: &ScaleEvent| json!({"replicaChange": event.replica_change, "ageMs": (now - event.time).0, "outdated": event.outdated});
        events.iter().map(recorded).collect::<Value>()
    };
    let recommended = histories
        .recommendations
        .iter()
        .map(|past| json!({"replicas": past.replicas, "ageMs": (now - past.time).0}));
    [
        ("recommendations", recommended.collect::<Value>()),
        ("scaleUpEvents", events(&histories.scale_up_events)),
        ("scaleDownEvents", events(&histories.scale_down_events)),
    ]
}

/// The gates as a case records them; those that it leaves out are the release's.
fn feature_gates(recorded: &Value) -> FeatureGates {
    let recorded = recorded.as_object().into_iter().flatten();
    let set = |gates: FeatureGates, (name, on): (&String, &Value)| {
        let gate = FeatureGate::parse(name).expect("a gate of the model");
        gates.with(gate, *on == true)
    };
    recorded.fold(FeatureGates::default(), set)
}

fn config(case: &Value) -> ControllerConfig {
    let (config, gates) = (&case["config"], &case["gates"]);
    let millis = |name: &str| SignedDuration(config[name].as_i64().unwrap());
    let recorded = KubernetesVersion::from_minor(36).unwrap();
    let mut settings = ControllerConfig::of_version(recorded);
    settings.tolerance = config["tolerance"].as_f64().unwrap();
    settings.downscale_stabilization = millis("downscaleStabilizationWindowMs");
    settings.cpu_initialization_period = millis("cpuInitializationPeriodMs");
    settings.initial_readiness_delay = millis("initialReadinessDelayMs");
    settings.gates = feature_gates(gates);
    settings
}

/// A recorded pod as an API object.
fn object_of(pod: &Value, template: &Value) -> Value {
    let mut metadata = json!({"labels": template["labels"]});
    if let Some(time) = pod.get("deletionTimestamp").filter(|time| !time.is_null()) {
        metadata["deletionTimestamp"] = time.clone();
    }
    let mut status = json!({"phase": pod["phase"]});
    if let Some(time) = pod.get("startTime").filter(|time| !time.is_null()) {
        status["startTime"] = time.clone();
    }
    if let Some(ready) = pod["ready"].as_str() {
        status["conditions"] = json!([{"type": "Ready", "status": ready, "lastTransitionTime": pod["readyTransition"]}]);
    }
    json!({"metadata": metadata, "spec": template["spec"], "status": status})
}

/// Sets the responses of the metrics APIs in this step.
fn put_metrics(server: &Server, metrics: &Value, labels: &Value) {
    let custom = "/apis/custom.metrics.k8s.io/";
    let external = "/apis/external.metrics.k8s.io/v1beta1/namespaces/prod/";
    server.with(|world| world.answers.clear());
    let timestamp = &metrics["timestamp"];
    let fault = |path: &str, error: &str| {
        let answer = Answer::Status(403, "Forbidden", error.to_owned());
        server.fault(Fault::always("GET", path, answer));
    };
    let resource = &metrics["resource"];
    if let Some(error) = resource["error"].as_str() {
        fault(POD_METRICS, error);
    } else {
        let items: Vec<Value> = resource
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, containers)| {
                let containers: Vec<Value> = containers
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, usage)| json!({"name": name, "usage": {"cpu": usage[0], "memory": usage[1]}}))
                    .collect();
                json!({"metadata": {"name": name, "labels": labels}, "timestamp": timestamp, "window": metrics["window"], "containers": containers})
            })
            .collect();
        server.metrics(POD_METRICS, json!({"items": items}));
    }
    let error = |field: &str| metrics[field]["error"].as_str();
    if let Some(error) = error("pods") {
        fault(&format!("{custom}v1beta2/namespaces/prod/pods/"), error);
    }
    if let Some(error) = error("object") {
        fault(&format!("{custom}v1beta2/namespaces/prod/ingresses"), error);
        fault(&format!("{custom}v1beta2/namespaces/prod/services"), error);
        fault(&format!("{custom}v1beta2/namespaces/prod/metrics"), error);
    }
    if let Some(error) = error("external") {
        fault(external, error);
    }
    let list = |values: &Value, item: &dyn Fn(&Value) -> Value| {
        let items: Vec<Value> = values.as_array().into_iter().flatten().map(item).collect();
        json!({"items": items})
    };
    let pods = list(
        &metrics["pods"],
        &|item| json!({"describedObject": {"kind": "Pod", "name": item[0]}, "timestamp": timestamp, "value": item[1]}),
    );
    let object = json!({"items": [{"describedObject": {"kind": "Any"}, "timestamp": timestamp, "value": metrics["object"]}]});
    let series = list(
        &metrics["external"],
        &|value| json!({"metricName": "any", "metricLabels": {}, "timestamp": timestamp, "value": value}),
    );
    server.with(|world| {
        world.any_metric = Some(fake_api_server::AnyMetric {
            pods,
            object,
            external: series,
        });
    });
}

/// A status as the cases record it, without a zero count.
fn as_recorded(status: &Value) -> Value {
    let mut status = status.clone();
    let fields = status.as_object_mut().unwrap();
    if fields.get("currentReplicas") == Some(&json!(0)) {
        fields.remove("currentReplicas");
    }
    // Our merge patch removes a field that upstream writes as null.
    fields.entry("currentMetrics").or_insert(Value::Null);
    status
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(
    what: &str,
    recorded: &T,
    ours: &T,
) -> Result<(), String> {
    if recorded == ours {
        Ok(())
    } else {
        Err(format!(
            "{what}\n  recorded: {recorded:?}\n  ours:     {ours:?}"
        ))
    }
}
