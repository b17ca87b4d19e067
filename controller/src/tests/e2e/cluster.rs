//! A cluster that scenarios run against: the fake API server, or the one that a kubeconfig names.
//!
//! Both are called through the controller's own client, so that a scenario does not depend on which of
//! the two it runs against. Scenarios create objects in one namespace, and the definition of [`KIND`];
//! a real cluster is left as it was found.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use http::Method;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::args::Mode;
use crate::client::{Call, Client, Failure};
use crate::clock::Clock;
use crate::controller::{Controller, Settings};
use crate::mutex::lock;
use crate::telemetry::Telemetry;
use crate::tests::harness::{client, settings};
use fake_api_server::{Answer, Fault, Server};

/// The namespace of all scenarios.
pub(super) const NAMESPACE: &str = "hpa-playground-e2e";
/// The group of our own kind, which no built-in controller touches.
const GROUP: &str = "e2e.hpa-playground.example";
/// Our own kind; it has a scale subresource.
pub(super) const KIND: &str = "Castle";
/// The timeout of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// After which time a scenario that waits for something fails.
const WATCHDOG: Duration = Duration::from_secs(30);
/// After which time we finalize the deleted namespace ourselves.
const FINALIZE_AFTER: Duration = Duration::from_secs(5);

/// A cluster.
#[derive(Clone)]
pub(super) struct Cluster {
    pub(super) client: Client,
    pub(super) telemetry: Arc<Telemetry>,
}

impl Cluster {
    /// The fake API server.
    pub(super) fn fake() -> Self {
        let server = Server::default();
        let name = |name: &str, kind: &str| (name.to_owned(), kind.to_owned());
        let resources = vec![name("castles", KIND), name("castles/scale", "Scale")];
        server.with(|world| {
            let versions = vec![(String::from("v1"), resources)];
            world.groups.insert(GROUP.to_owned(), versions);
        });
        // As on an API server without metrics.
        let absent = Answer::Plain(404, "404 page not found");
        server.fault(Fault::always("GET", "/apis/metrics.k8s.io/", absent));
        let (client, telemetry) = client(&server, REQUEST_TIMEOUT);
        Self { client, telemetry }
    }

    /// The cluster of a kubeconfig's current context.
    pub(super) async fn real(kubeconfig: &Path) -> Self {
        let file = Kubeconfig::read_from(kubeconfig).unwrap();
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(file, &options).await;
        let cluster = Self::of(config.unwrap());
        cluster.remove_everything().await;
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
        cluster.create("/api/v1/namespaces", namespace).await;
        // Pods need it, and a bare API server has no controller that creates it.
        let account =
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}});
        let path = format!("/api/v1/namespaces/{NAMESPACE}/serviceaccounts");
        match cluster.send(Method::POST, &path, &account).await {
            Ok(_) | Err(Failure::Refused { code: 409, .. }) => {}
            Err(failure) => panic!("{failure}"),
        }
        cluster.create(DEFINITIONS, definition()).await;
        let served = async || cluster.find(&format!("/apis/{GROUP}/v1")).await.is_some();
        cluster.until("the definition is served", served).await;
        cluster
    }

    fn of(config: kube::Config) -> Self {
        let telemetry = Arc::new(Telemetry::default());
        let client = Client::new(config, REQUEST_TIMEOUT, Arc::clone(&telemetry)).unwrap();
        Self { client, telemetry }
    }

    /// A controller for the namespace, which has listed everything.
    pub(super) async fn controller(
        &self,
        mode: Mode,
        change: impl FnOnce(&mut Settings),
    ) -> (Controller, watch::Sender<bool>) {
        let mut settings = settings(mode, ControllerConfig::default(), Clock::system());
        settings.namespace = Some(String::from(NAMESPACE));
        change(&mut settings);
        let (permit, permitted) = watch::channel(true);
        let mut controller = Controller::start(&self.client, &self.telemetry, permitted, settings);
        controller.listed().await;
        (controller, permit)
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Result<Value, Failure> {
        let content = serde_json::to_vec(body).unwrap();
        let call = Call::json(method, path.to_owned(), "", "", content);
        self.client.call(call).await
    }

    /// Creates an object in a collection.
    #[track_caller]
    pub(super) fn create(&self, collection: &str, object: Value) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            let created = self.send(Method::POST, collection, &object).await;
            created.unwrap_or_else(|failure| panic!("{place}: {failure}: {object:#}"))
        }
    }

    /// The object at that path, if there is one.
    pub(super) async fn find(&self, path: &str) -> Option<Value> {
        match self.client.call(Call::get(path.to_owned(), "", "")).await {
            Ok(object) => Some(object),
            Err(failure) if failure.is_not_found() => None,
            Err(failure) => panic!("{path}: {failure}"),
        }
    }

    /// The object at that path.
    pub(super) async fn read(&self, path: &str) -> Value {
        let found = self.find(path).await;
        found.unwrap_or_else(|| panic!("there is no {path}"))
    }

    /// Changes an object.
    pub(super) async fn patch(&self, path: &str, patch: Value) -> Value {
        let patched = self.send(Method::PATCH, path, &patch).await;
        patched.unwrap_or_else(|failure| panic!("{path}: {failure}"))
    }

    pub(super) async fn delete(&self, path: &str) {
        let options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0});
        match self.send(Method::DELETE, path, &options).await {
            Ok(_) => {}
            Err(failure) if failure.is_not_found() => {}
            Err(failure) => panic!("{path}: {failure}"),
        }
    }

    /// Waits until `wanted` holds.
    pub(super) async fn until(&self, what: &str, wanted: impl AsyncFn() -> bool) {
        let begin = tokio::time::Instant::now();
        while !wanted().await {
            assert!(begin.elapsed() < WATCHDOG, "waited in vain until {what}");
            // A real cluster has to be polled. On the fake one the clock is paused, and no time passes.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until a controller knows the autoscaler as the cluster has it.
    pub(super) async fn until_known(&self, controller: &Controller, name: &str) {
        let path = autoscaler_path(name);
        let version = self.read(&path).await["metadata"]["resourceVersion"].clone();
        let key = key(name);
        let known = async || {
            let known = lock(&controller.context.hpas).get(&key);
            known.is_some_and(|hpa| version == *hpa.resource_version)
        };
        self.until(&format!("{name} is known"), known).await;
    }

    /// Type, reason, message and count of the events about an autoscaler, the oldest first.
    pub(super) async fn events(&self, name: &str) -> Vec<(String, String, String, i64)> {
        let list = self
            .read(&format!("/api/v1/namespaces/{NAMESPACE}/events"))
            .await;
        let mut events: Vec<Value> = list["items"].as_array().unwrap().clone();
        events.retain(|event| event["involvedObject"]["name"] == name);
        events.sort_by_key(|event| event["metadata"]["name"].to_string());
        let text = |event: &Value, field: &str| event[field].as_str().unwrap().to_owned();
        events
            .iter()
            .map(|event| {
                let [kind, reason, message] =
                    ["type", "reason", "message"].map(|field| text(event, field));
                (kind, reason, message, event["count"].as_i64().unwrap())
            })
            .collect()
    }

    /// An object of a kind of our own with that many replicas.
    pub(super) async fn castle(&self, name: &str, replicas: i32, selector: &str) {
        let castle = json!({
            "apiVersion": format!("{GROUP}/v1"),
            "kind": KIND,
            "metadata": {"name": name},
            "spec": {"replicas": replicas},
        });
        self.create(&castles(), castle).await;
        let status = json!({"status": {"replicas": replicas, "selector": selector}});
        self.patch(&format!("{}/status", castle_path(name)), status)
            .await;
    }

    /// How many replicas it has been given.
    pub(super) async fn replicas(&self, name: &str) -> i64 {
        let castle = self.read(&castle_path(name)).await;
        castle["spec"]["replicas"].as_i64().unwrap()
    }

    /// An autoscaler of the castle of that name, for CPU at half of what is requested.
    pub(super) async fn autoscaler(&self, name: &str, min: i32, max: i32) {
        self.create(&autoscalers(), autoscaler(name, min, max))
            .await;
    }

    /// A pod that no scheduler takes, ready for long.
    pub(super) async fn pod(&self, name: &str, labels: &Value) {
        let mut pod = fake_api_server::fixtures::pod(labels);
        pod["apiVersion"] = json!("v1");
        pod["kind"] = json!("Pod");
        pod["metadata"]["name"] = json!(name);
        pod["spec"]["schedulerName"] = json!("nobody");
        // On a bare API server nobody makes the token.
        pod["spec"]["automountServiceAccountToken"] = json!(false);
        let status = pod.as_object_mut().unwrap().remove("status");
        let status = json!({"status": status});
        let collection = format!("/api/v1/namespaces/{NAMESPACE}/pods");
        self.create(&collection, pod).await;
        self.patch(&format!("{collection}/{name}/status"), status)
            .await;
    }

    /// Removes what scenarios have made.
    pub(super) async fn remove_objects(&self) {
        for collection in [
            autoscalers(),
            castles(),
            format!("/api/v1/namespaces/{NAMESPACE}/pods"),
            format!("/api/v1/namespaces/{NAMESPACE}/events"),
            format!("/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"),
        ] {
            self.delete(&collection).await;
        }
    }

    /// Removes what [`Cluster::real`] has made.
    pub(super) async fn remove_everything(&self) {
        let path = format!("/api/v1/namespaces/{NAMESPACE}");
        let definition = format!("{DEFINITIONS}/castles.{GROUP}");
        if self.find(&path).await.is_some() {
            self.remove_objects().await;
            self.delete(&path).await;
        }
        self.delete(&definition).await;
        let begin = tokio::time::Instant::now();
        while let Some(mut namespace) = self.find(&path).await {
            if begin.elapsed() > FINALIZE_AFTER {
                // A bare API server has no controller that finalizes namespaces.
                namespace["spec"]["finalizers"] = json!([]);
                let _ = self
                    .send(Method::PUT, &format!("{path}/finalize"), &namespace)
                    .await;
            }
            assert!(
                begin.elapsed() < WATCHDOG,
                "the namespace {NAMESPACE} stays"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let gone = async || self.find(&definition).await.is_none();
        self.until("the definition is gone", gone).await;
    }
}

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

fn definition() -> Value {
    let scale = json!({
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    });
    let schema = json!({"type": "object", "properties": {
        "spec": {"type": "object", "properties": {"replicas": {"type": "integer"}}},
        "status": {"type": "object", "properties": {"replicas": {"type": "integer"}, "selector": {"type": "string"}}},
    }});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("castles.{GROUP}")},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "castles", "singular": "castle", "kind": KIND},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": schema},
                "subresources": {"status": {}, "scale": scale},
            }],
        },
    })
}

pub(super) fn key(name: &str) -> crate::api_objects::Key {
    crate::api_objects::Key::new(NAMESPACE, name)
}

pub(super) fn autoscalers() -> String {
    format!("/apis/autoscaling/v2/namespaces/{NAMESPACE}/horizontalpodautoscalers")
}

pub(super) fn autoscaler_path(name: &str) -> String {
    format!("{}/{name}", autoscalers())
}

pub(super) fn castle_path(name: &str) -> String {
    format!("{}/{name}", castles())
}

fn castles() -> String {
    format!("/apis/{GROUP}/v1/namespaces/{NAMESPACE}/castles")
}

/// An autoscaler of the castle of that name, for CPU at half of what is requested.
pub(super) fn autoscaler(name: &str, min: i32, max: i32) -> Value {
    let mut object = fake_api_server::fixtures::hpa(min, max, &fake_api_server::fixtures::cpu(50));
    object["metadata"] = json!({"name": name, "namespace": NAMESPACE});
    object["spec"]["scaleTargetRef"] =
        json!({"apiVersion": format!("{GROUP}/v1"), "kind": KIND, "name": name});
    object
}
