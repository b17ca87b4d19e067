//! The objects of the fake API server, their versions, and the events that watches deliver.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::{Value, json};

use super::Fault;

/// The state of the server.
#[derive(Debug, Default)]
pub struct World {
    /// The latest resource version.
    pub version: u64,
    /// The objects by path.
    pub objects: BTreeMap<String, Value>,
    /// The events of watched objects, oldest first.
    pub history: Vec<Event>,
    /// Resource versions before this one have expired.
    pub oldest: u64,
    /// Increment it to close all watches.
    pub hang_ups: u64,
    /// Responses of the metrics APIs by path.
    pub answers: BTreeMap<String, Value>,
    /// The active faults; the first that fits counts.
    pub faults: Vec<Fault>,
    /// All requests so far.
    pub requests: Vec<Request>,
    /// Groups that are served in addition to the usual ones.
    pub groups: BTreeMap<String, Vec<Version>>,
    /// Groups that are not served.
    pub absent: Vec<String>,
    /// The number of open watches.
    pub watches: usize,
    /// How many objects got their first status.
    pub statuses: usize,
    /// The number of unanswered requests, and its maximum.
    pub open: usize,
    pub most_open: usize,
    /// The server's version; `None` is `v1.37.2`.
    pub release: Option<String>,
    /// Responses of the custom and external metrics APIs for all other paths.
    pub any_metric: Option<AnyMetric>,
}

/// Responses of the custom and external metrics APIs, whatever the metric.
#[derive(Clone, Debug)]
pub struct AnyMetric {
    pub pods: Value,
    pub object: Value,
    pub external: Value,
}

/// A version of a group: its name, and its resources with their kinds.
pub type Version = (String, Vec<(String, String)>);

/// An event of a watch.
#[derive(Clone, Debug)]
pub struct Event {
    pub version: u64,
    pub kind: &'static str,
    pub path: String,
    pub object: Value,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub body: Value,
    /// The response's status code; 0 if there was no response.
    pub status: u16,
    pub at: tokio::time::Instant,
    /// The W3C header `traceparent`.
    pub traceparent: Option<String>,
}

impl Request {
    /// Whether it has that method and a path that contains `part`.
    pub fn fits(&self, method: &str, part: &str) -> bool {
        self.method == method && self.path.contains(part)
    }
}

impl World {
    /// Creates or replaces an object, and sets the name, namespace, uid and version in its metadata.
    pub fn put(&mut self, path: &str, mut object: Value) -> Value {
        self.version += 1;
        let version = self.version;
        let before = self.objects.get(path);
        let kind = if before.is_some() {
            "MODIFIED"
        } else {
            "ADDED"
        };
        let parts: Vec<&str> = path.split('/').collect();
        let at = parts.iter().position(|part| *part == "namespaces");
        let metadata = &mut object["metadata"];
        if metadata.is_null() {
            *metadata = json!({});
        }
        let is_subresource = path.ends_with("/scale");
        let name = parts[parts.len() - 1 - usize::from(is_subresource)];
        metadata["name"] = json!(name);
        if let Some(at) = at {
            metadata["namespace"] = json!(parts[at + 1]);
        }
        let uid = before.map(|before| before["metadata"]["uid"].clone());
        metadata["uid"] = uid.unwrap_or_else(|| json!(format!("uid-{version}")));
        metadata["resourceVersion"] = json!(version.to_string());
        self.objects.insert(path.to_owned(), object.clone());
        self.note(kind, path, object.clone());
        object
    }

    /// Deletes an object.
    pub fn delete(&mut self, path: &str) {
        if let Some(mut object) = self.objects.remove(path) {
            self.version += 1;
            object["metadata"]["resourceVersion"] = json!(self.version.to_string());
            self.note("DELETED", path, object);
        }
    }

    fn note(&mut self, kind: &'static str, path: &str, object: Value) {
        if is_watched(path) {
            self.history.push(Event {
                version: self.version,
                kind,
                path: path.to_owned(),
                object,
            });
        }
    }

    /// Expires all resource versions, as etcd does: watches have to list again.
    pub fn compact(&mut self) {
        self.version += 1;
        self.oldest = self.version;
        self.history.clear();
    }

    /// The objects of a collection, which may be that of one namespace.
    pub fn list(&self, collection: &str, selector: &str) -> Vec<Value> {
        self.page(collection, selector, "", usize::MAX).0
    }

    /// Up to `limit` objects of a collection after the path `token`, and the path of the last one if
    /// there are more.
    pub fn page(
        &self,
        collection: &str,
        selector: &str,
        token: &str,
        limit: usize,
    ) -> (Vec<Value>, Option<String>) {
        let after = (Bound::Excluded(token), Bound::Unbounded);
        let mut objects = self
            .objects
            .range::<str, _>(after)
            .filter(|(path, object)| belongs(path, collection) && selected(object, selector));
        let mut last = None;
        let mut found = Vec::new();
        for (path, object) in objects.by_ref().take(limit) {
            last = Some(path);
            found.push(object.clone());
        }
        let is_more = objects.next().is_some();
        (found, last.filter(|_| is_more).cloned())
    }
}

fn is_watched(path: &str) -> bool {
    path.contains("/pods/") || path.contains("/horizontalpodautoscalers/")
}

/// Whether an object belongs to a collection; `/api/v1/pods` contains the pods of all namespaces.
pub(super) fn belongs(path: &str, collection: &str) -> bool {
    let Some((parent, _)) = path.rsplit_once('/') else {
        return false;
    };
    let resource = |path: &str| path.rsplit('/').next().map(str::len);
    if resource(parent) != resource(collection) {
        // Rules out most objects cheaply.
        return false;
    }
    if parent == collection {
        return true;
    }
    let parts: Vec<&str> = parent.split('/').collect();
    let Some(at) = parts.iter().position(|part| *part == "namespaces") else {
        return false;
    };
    let mut everywhere = parts.clone();
    everywhere.drain(at..at + 2);
    everywhere.join("/") == collection
}

/// Whether an object matches a label selector such as `app=web`.
pub(super) fn selected(object: &Value, selector: &str) -> bool {
    if selector.is_empty() {
        return true;
    }
    let selector = hpa_core::api::Selector::parse(selector).unwrap();
    let labels = object["metadata"]["labels"].clone();
    let labels = serde_json::from_value::<Option<_>>(labels).unwrap();
    selector.matches(&labels.unwrap_or_default())
}
