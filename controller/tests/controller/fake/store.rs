//! The objects of the fake API server, their versions, and what watches see of them.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::{Value, json};

use super::Fault;

/// Everything that the server knows.
#[derive(Default)]
pub(crate) struct World {
    /// The last version that was given.
    pub(crate) version: u64,
    /// The objects by path.
    pub(crate) objects: BTreeMap<String, Value>,
    /// What happened to watched objects, oldest first.
    pub(crate) history: Vec<Event>,
    /// Versions before this one are forgotten.
    pub(crate) oldest: u64,
    /// Counted up to end all watches.
    pub(crate) hang_ups: u64,
    /// What the metrics APIs answer, by path.
    pub(crate) answers: BTreeMap<String, Value>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) requests: Vec<Request>,
    /// Groups that are served beside the usual ones.
    pub(crate) groups: BTreeMap<String, Vec<Version>>,
    /// Groups that are not served.
    pub(crate) absent: Vec<String>,
    pub(crate) watches: usize,
    /// How many objects have been given a status for the first time.
    pub(crate) statuses: usize,
    /// Requests without an answer yet, and how many of these there were at most.
    pub(crate) open: usize,
    pub(crate) most_open: usize,
    pub(crate) release: Option<String>,
    /// What the custom and external metrics APIs answer to any other path.
    pub(crate) any_metric: Option<AnyMetric>,
}

/// Answers of the custom and external metrics APIs, whatever the metric.
#[derive(Clone)]
pub(crate) struct AnyMetric {
    pub(crate) pods: Value,
    pub(crate) object: Value,
    pub(crate) external: Value,
}

/// A version of a group, with its resources and their kinds.
pub(crate) type Version = (String, Vec<(String, String)>);

/// What a watch sees.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) version: u64,
    pub(crate) kind: &'static str,
    pub(crate) path: String,
    pub(crate) object: Value,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Value,
    /// The answer's status code; 0 where the connection was cut.
    pub(crate) status: u16,
    pub(crate) at: tokio::time::Instant,
    /// The span that it belongs to: W3C's header `traceparent`.
    pub(crate) traceparent: Option<String>,
}

impl Request {
    pub(crate) fn fits(&self, method: &str, part: &str) -> bool {
        self.method == method && self.path.contains(part)
    }
}

impl World {
    /// Creates or replaces an object; its metadata gets name, namespace, uid and version.
    pub(crate) fn put(&mut self, path: &str, mut object: Value) -> Value {
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

    pub(crate) fn delete(&mut self, path: &str) {
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

    /// Forgets the past, as etcd does: watches from before have to begin with a list.
    pub(crate) fn compact(&mut self) {
        self.version += 1;
        self.oldest = self.version;
        self.history.clear();
    }

    /// The objects of a collection, which may be that of one namespace.
    pub(crate) fn list(&self, collection: &str, selector: &str) -> Vec<Value> {
        self.page(collection, selector, "", usize::MAX).0
    }

    /// Up to `limit` objects of a collection that come after the path `token`, and the path of the
    /// last one if there are more.
    pub(crate) fn page(
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

/// Whether an object's path lies in a collection: `/api/v1/pods` holds those of all namespaces.
pub(crate) fn belongs(path: &str, collection: &str) -> bool {
    let Some((parent, _)) = path.rsplit_once('/') else {
        return false;
    };
    let resource = |path: &str| path.rsplit('/').next().map(str::len);
    if resource(parent) != resource(collection) {
        // Most of many objects, at little cost.
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

/// Whether an object bears the labels of a selector such as `app=web`.
pub(crate) fn selected(object: &Value, selector: &str) -> bool {
    if selector.is_empty() {
        return true;
    }
    let selector = hpa_core::api::Selector::parse(selector).unwrap();
    let labels = object["metadata"]["labels"].clone();
    let labels = serde_json::from_value::<Option<_>>(labels).unwrap();
    selector.matches(&labels.unwrap_or_default())
}
