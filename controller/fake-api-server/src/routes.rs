//! The responses of the fake API server.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::World;
use super::store::Version;

/// An answer.
pub(super) enum Reply {
    Json(u16, Value),
    Watch {
        collection: String,
        selector: String,
        from: u64,
    },
}

/// `metav1.Status`.
pub(super) fn status(code: u16, reason: &str, message: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message})
}

fn fail(code: u16, reason: &str, message: &str) -> Reply {
    Reply::Json(code, status(code, reason, message))
}

pub(super) fn answer(
    world: &mut World,
    method: &str,
    path: &str,
    query: &str,
    body: &Value,
) -> Reply {
    if let Some(value) = discovery(world, path) {
        return Reply::Json(200, value);
    }
    if let Some(value) = world.answers.get(path) {
        return Reply::Json(200, value.clone());
    }
    if let Some(any) = &world.any_metric {
        let value = if path.starts_with("/apis/external.metrics.k8s.io/") {
            Some(&any.external)
        } else if !path.starts_with("/apis/custom.metrics.k8s.io/") {
            None
        } else if path.contains("/pods/*/") {
            Some(&any.pods)
        } else {
            Some(&any.object)
        };
        if let Some(value) = value {
            return Reply::Json(200, value.clone());
        }
    }
    match method {
        "GET" if is_collection(path) => collection(world, path, query),
        "GET" => match world
            .objects
            .get(path)
            .cloned()
            .or_else(|| scale_of(world, path))
        {
            Some(object) => Reply::Json(200, object),
            None => not_found(path),
        },
        "DELETE" if world.objects.contains_key(path) => {
            world.delete(path);
            Reply::Json(200, json!({"kind": "Status", "status": "Success"}))
        }
        "DELETE" => not_found(path),
        "POST" => create(world, path, body),
        "PUT" => replace(world, path, body),
        "PATCH" => patch(world, path, body),
        _ => fail(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        ),
    }
}

fn not_found(path: &str) -> Reply {
    let mut parts = path.trim_end_matches("/scale").rsplit('/');
    let (name, resource) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    fail(404, "NotFound", &format!("{resource} \"{name}\" not found"))
}

fn is_collection(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or("");
    matches!(
        last,
        "pods" | "horizontalpodautoscalers" | "events" | "leases"
    )
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let parts = query.split('&').filter_map(|part| part.split_once('='));
    let value = parts
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value)
        .next()?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

fn collection(world: &World, path: &str, query: &str) -> Reply {
    let selector = parameter(query, "labelSelector").unwrap_or_default();
    if parameter(query, "watch").is_some() {
        let from = parameter(query, "resourceVersion").and_then(|text| text.parse().ok());
        let from = from.unwrap_or(0);
        if from < world.oldest {
            return fail(410, "Expired", "too old resource version");
        }
        return Reply::Watch {
            collection: path.to_owned(),
            selector,
            from,
        };
    }
    let limit = parameter(query, "limit").and_then(|text| text.parse().ok());
    let token = parameter(query, "continue").unwrap_or_default();
    let (items, next) = world.page(path, &selector, &token, limit.unwrap_or(usize::MAX));
    let mut metadata = json!({"resourceVersion": world.version.to_string()});
    if let Some(next) = next {
        metadata["continue"] = json!(next);
    }
    Reply::Json(
        200,
        json!({"kind": "List", "metadata": metadata, "items": items}),
    )
}

fn create(world: &mut World, path: &str, body: &Value) -> Reply {
    let name = body["metadata"]["name"].as_str().unwrap_or_default();
    let full = format!("{path}/{name}");
    if world.objects.contains_key(&full) {
        return fail(409, "AlreadyExists", &format!("\"{name}\" already exists"));
    }
    Reply::Json(201, world.put(&full, body.clone()))
}

/// The answer to a write over another version than the present one.
fn conflict(path: &str) -> Reply {
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts
        .iter()
        .position(|part| *part == "namespaces")
        .unwrap_or(0);
    let (resource, name) = (parts[at + 2], parts[at + 3]);
    fail(
        409,
        "Conflict",
        &format!(
            "Operation cannot be fulfilled on {resource} \"{name}\": the object has been modified; please apply your changes to the latest version and try again"
        ),
    )
}

/// The scale of an object that stands for itself, as the server of custom resources makes it.
fn scale_of(world: &World, path: &str) -> Option<Value> {
    let parent = world.objects.get(path.strip_suffix("/scale")?)?;
    Some(json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": parent["metadata"],
        "spec": {"replicas": parent["spec"]["replicas"]},
        "status": {
            "replicas": parent["status"]["replicas"].as_i64().unwrap_or(0),
            "selector": parent["status"]["selector"].as_str().unwrap_or_default(),
        },
    }))
}

fn is_outdated(object: &Value, body: &Value) -> bool {
    let version = &body["metadata"]["resourceVersion"];
    !version.is_null() && *version != object["metadata"]["resourceVersion"]
}

fn replace(world: &mut World, path: &str, body: &Value) -> Reply {
    if !world.objects.contains_key(path) && scale_of(world, path).is_some() {
        return rescale(world, path, body);
    }
    let Some(object) = world.objects.get(path) else {
        return not_found(path);
    };
    if is_outdated(object, body) {
        return conflict(path);
    }
    let mut next = body.clone();
    if path.ends_with("/scale") {
        // Only the spec can be written.
        next = object.clone();
        next["spec"] = body["spec"].clone();
    }
    Reply::Json(200, world.put(path, next))
}

/// Writes the count of an object that stands for itself through its scale.
fn rescale(world: &mut World, path: &str, body: &Value) -> Reply {
    let parent = path.trim_end_matches("/scale");
    let mut next = world.objects[parent].clone();
    if is_outdated(&next, body) {
        return conflict(parent);
    }
    next["spec"]["replicas"] = body["spec"]["replicas"].clone();
    world.put(parent, next);
    Reply::Json(200, scale_of(world, path).unwrap_or_default())
}

fn patch(world: &mut World, path: &str, body: &Value) -> Reply {
    let whole = path.trim_end_matches("/status");
    let Some(object) = world.objects.get(whole) else {
        return not_found(whole);
    };
    if is_outdated(object, body) {
        return conflict(whole);
    }
    let uid = &body["metadata"]["uid"];
    if !uid.is_null() && *uid != object["metadata"]["uid"] {
        return fail(
            409,
            "Conflict",
            "Precondition failed: UID in precondition differs",
        );
    }
    let mut next = object.clone();
    if whole == path {
        merge(&mut next, body);
    } else {
        world.statuses += usize::from(next["status"].is_null());
        merge(&mut next["status"], &body["status"]);
    }
    Reply::Json(200, world.put(whole, next))
}

/// RFC 7386.
fn merge(target: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in fields {
        if value.is_null() {
            target.as_object_mut().unwrap().remove(name);
        } else {
            merge(&mut target[name], value);
        }
    }
}

fn discovery(world: &World, path: &str) -> Option<Value> {
    let usual = |group: &str| -> Vec<Version> {
        let of = |version: &str, resources: &[(&str, &str)]| {
            let resources = resources
                .iter()
                .flat_map(|(resource, kind)| {
                    [
                        ((*resource).to_owned(), (*kind).to_owned()),
                        (format!("{resource}/scale"), String::from("Scale")),
                    ]
                })
                .collect();
            vec![(version.to_owned(), resources)]
        };
        match group {
            "" => of(
                "v1",
                &[
                    ("pods", "Pod"),
                    ("services", "Service"),
                    ("replicationcontrollers", "ReplicationController"),
                ],
            ),
            "apps" => of(
                "v1",
                &[
                    ("deployments", "Deployment"),
                    ("statefulsets", "StatefulSet"),
                    ("replicasets", "ReplicaSet"),
                ],
            ),
            "networking.k8s.io" => of("v1", &[("ingresses", "Ingress")]),
            "custom.metrics.k8s.io" => {
                let mut versions = of("v1beta2", &[]);
                versions.extend(of("v1beta1", &[]));
                versions
            }
            "external.metrics.k8s.io" | "metrics.k8s.io" => of("v1beta1", &[]),
            _ => Vec::new(),
        }
    };
    let versions_of = |group: &str| {
        if world.absent.iter().any(|absent| absent == group) {
            return Vec::new();
        }
        world
            .groups
            .get(group)
            .cloned()
            .unwrap_or_else(|| usual(group))
    };
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (group, version) = match parts.as_slice() {
        ["version"] => {
            let release = world.release.as_deref().unwrap_or("v1.37.2");
            return Some(json!({"major": "1", "gitVersion": release}));
        }
        ["api"] => return Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        ["api", version] => ("", *version),
        ["apis", group] => {
            let versions = versions_of(group);
            let (preferred, _) = versions.first()?;
            let named = |version: &str| json!({"groupVersion": format!("{group}/{version}"), "version": version});
            let all: Vec<Value> = versions.iter().map(|(version, _)| named(version)).collect();
            return Some(
                json!({"kind": "APIGroup", "name": group, "versions": all, "preferredVersion": named(preferred)}),
            );
        }
        ["apis", group, version] => (*group, *version),
        _ => return None,
    };
    let versions = versions_of(group);
    let (_, resources) = versions.iter().find(|(known, _)| known == version)?;
    let resources: Vec<Value> = resources
        .iter()
        .map(|(name, kind)| json!({"name": name, "kind": kind, "namespaced": true}))
        .collect();
    Some(json!({"kind": "APIResourceList", "resources": resources}))
}
