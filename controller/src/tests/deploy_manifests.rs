//! `controller/deploy`: the manifests fit together, and the roles allow what is requested and no more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::manifest;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::args::Mode;
use crate::clock::Clock;
use crate::leader_election::{Candidate, Timing};
use crate::tests::harness::{TestController, client};
use crate::tests::telemetry::all_metrics;
use fake_api_server::fixtures::{HPA, cpu, hpa, populate};
use fake_api_server::{Request, Server};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn value(node: &manifest::Node) -> Value {
    match &node.value {
        manifest::Value::Null => Value::Null,
        manifest::Value::Bool(value) => json!(value),
        manifest::Value::Number(manifest::Number::Int(number)) => json!(number),
        manifest::Value::Number(number) => json!(number.to_string()),
        manifest::Value::String(text) => json!(text),
        manifest::Value::List(items) => items.iter().map(value).collect(),
        manifest::Value::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|entry| (entry.key.clone(), value(&entry.value)))
                .collect(),
        ),
    }
}

#[track_caller]
fn documents(text: &str) -> Vec<Value> {
    let (documents, problems) = manifest::read(text);
    assert!(problems.is_empty(), "{problems:#?}");
    documents
        .iter()
        .map(|document| value(&document.root))
        .collect()
}

fn strings(value: &Value) -> Vec<&str> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).collect()
}

/// The files of a kustomization, including those of its bases.
fn resources(folder: &Path) -> Vec<PathBuf> {
    let kustomization = documents(&read(&folder.join("kustomization.yaml"))).remove(0);
    strings(&kustomization["resources"])
        .into_iter()
        .map(|name| folder.join(name))
        .flat_map(|path| {
            if path.is_dir() {
                resources(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// An overlay as `kubectl kustomize` renders it; `None` if kubectl is not installed.
fn rendered(overlay: &str) -> Option<Vec<Value>> {
    let output = Command::new("kubectl")
        .arg("kustomize")
        .arg(folder().join(overlay))
        .output()
        .ok()?;
    let problems = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "kubectl kustomize {overlay}: {problems}"
    );
    Some(documents(&String::from_utf8(output.stdout).unwrap()))
}

/// The objects of an overlay: rendered, or else as in its files.
fn objects(overlay: &str) -> Vec<Value> {
    rendered(overlay).unwrap_or_else(|| {
        let files = resources(&folder().join(overlay));
        files
            .iter()
            .flat_map(|file| documents(&read(file)))
            .collect()
    })
}

fn of_kind<'a>(objects: &'a [Value], kinds: &'a [&str]) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| {
        object["kind"]
            .as_str()
            .is_some_and(|kind| kinds.contains(&kind))
    })
}

#[test]
fn every_resource_exists_and_every_file_is_used() {
    let mut named: BTreeSet<PathBuf> = BTreeSet::new();
    for overlay in ["base", "read-only", "active", "monitoring"] {
        let folder = folder().join(overlay);
        named.insert(folder.join("kustomization.yaml"));
        named.extend(resources(&folder).iter().map(|path| {
            path.canonicalize()
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        }));
    }
    named.insert(folder().join("monitoring/dashboard.json"));
    named.insert(folder().join("Dockerfile"));
    let mut present = BTreeSet::new();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                present.insert(path);
            }
        }
    }
    assert_eq!(named, present);
}

#[test]
fn overlays_render() {
    for (overlay, kinds) in [
        (
            "read-only",
            &[
                "ClusterRole",
                "ClusterRoleBinding",
                "Deployment",
                "Namespace",
                "Service",
                "ServiceAccount",
            ][..],
        ),
        (
            "active",
            &[
                "ClusterRole",
                "ClusterRole",
                "ClusterRoleBinding",
                "ClusterRoleBinding",
                "Deployment",
                "Namespace",
                "Role",
                "RoleBinding",
                "Service",
                "ServiceAccount",
            ],
        ),
    ] {
        let objects = objects(overlay);
        let mut found: Vec<&str> = objects
            .iter()
            .filter_map(|object| object["kind"].as_str())
            .collect();
        found.sort_unstable();
        assert_eq!(found, kinds, "{overlay}");
    }
    // The patches of an overlay show only if it is rendered.
    if let Some(active) = rendered("active") {
        let deployment = of_kind(&active, &["Deployment"]).next().unwrap();
        assert_eq!(deployment["spec"]["replicas"], 2);
        let args = &deployment["spec"]["template"]["spec"]["containers"][0]["args"];
        assert_eq!(
            strings(args),
            [
                "--mode=active",
                "--leader-elect-resource-namespace=hpa-controller"
            ]
        );
    }
}

#[test]
fn the_pod_is_unprivileged() {
    for overlay in ["read-only", "active"] {
        let objects = objects(overlay);
        let deployment = of_kind(&objects, &["Deployment"]).next().unwrap();
        let pod = &deployment["spec"]["template"]["spec"];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        let container = &pod["containers"][0]["securityContext"];
        assert_eq!(container["allowPrivilegeEscalation"], false);
        assert_eq!(container["readOnlyRootFilesystem"], true);
        assert_eq!(container["capabilities"], json!({"drop": ["ALL"]}));
    }
}

#[test]
fn the_flags_of_the_deployments_are_valid() {
    for overlay in ["read-only", "active"] {
        let objects = objects(overlay);
        let deployment = of_kind(&objects, &["Deployment"]).next().unwrap();
        let args = &deployment["spec"]["template"]["spec"]["containers"][0]["args"];
        let all = std::iter::once("hpa-controller").chain(strings(args));
        crate::args::Args::read(all.map(Into::into)).unwrap();
    }
}

/// The attributes of a request that RBAC decides on; `None` for discovery, which is always allowed.
fn attributes(request: &Request) -> Option<(String, String, String, String)> {
    let parts: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
    let (group, rest) = match parts.as_slice() {
        ["api", _version, rest @ ..] => ("", rest),
        ["apis", group, _version, rest @ ..] => (*group, rest),
        _ => return None,
    };
    let rest = match rest {
        ["namespaces", _namespace, rest @ ..] if !rest.is_empty() => rest,
        rest => rest,
    };
    let (resource, name) = match rest {
        [] => return None,
        [resource] => ((*resource).to_owned(), ""),
        [resource, name] => ((*resource).to_owned(), *name),
        [resource, name, subresource @ ..] => {
            (format!("{resource}/{}", subresource.join("/")), *name)
        }
    };
    let verb = match request.method.as_str() {
        "GET" if request.query.contains("watch=true") => "watch",
        "GET" if name.is_empty() => "list",
        "GET" => "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        other => panic!("{other} {}", request.path),
    };
    Some((group.to_owned(), resource, name.to_owned(), verb.to_owned()))
}

/// The rules of roles, split up: group, resource, verb, and the names that they are limited to.
fn atoms(roles: &[Value]) -> Vec<(String, String, String, Vec<String>)> {
    let mut atoms = Vec::new();
    for role in of_kind(roles, &["Role", "ClusterRole"]) {
        for rule in role["rules"].as_array().unwrap() {
            let names: Vec<String> = strings(&rule["resourceNames"])
                .into_iter()
                .map(str::to_owned)
                .collect();
            for group in strings(&rule["apiGroups"]) {
                for resource in strings(&rule["resources"]) {
                    for verb in strings(&rule["verbs"]) {
                        atoms.push((
                            group.to_owned(),
                            resource.to_owned(),
                            verb.to_owned(),
                            names.clone(),
                        ));
                    }
                }
            }
        }
    }
    atoms
}

/// Does everything that a controller in that mode can do, and returns its requests.
async fn everything(mode: Mode) -> Vec<Request> {
    let server = Server::default();
    populate(&server, 2, "100m");
    let mut controller =
        TestController::new(server.clone(), mode, ControllerConfig::default()).await;
    let custom = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/prod";
    let one = json!({"items": [{"describedObject": {"name": "web-0"}, "value": "1", "timestamp": "2026-01-01T12:00:00Z"}]});
    server.metrics(&format!("{custom}/pods/*/m"), one.clone());
    server.metrics(&format!("{custom}/services/web/m"), one.clone());
    server.metrics(&format!("{custom}/metrics/m"), one.clone());
    server.metrics(
        "/apis/external.metrics.k8s.io/v1beta1/namespaces/prod/m",
        one,
    );
    let target = json!({"type": "Value", "value": "1"});
    let average = json!({"type": "AverageValue", "averageValue": "1"});
    let object = |kind: &str| json!({"type": "Object", "object": {"metric": {"name": "m"}, "describedObject": {"apiVersion": "v1", "kind": kind, "name": "web"}, "target": target}});
    let mut metrics = cpu(50).as_array().unwrap().clone();
    metrics.extend([
        json!({"type": "Pods", "pods": {"metric": {"name": "m"}, "target": average}}),
        object("Service"),
        object("Namespace"),
        json!({"type": "External", "external": {"metric": {"name": "m"}, "target": average}}),
    ]);
    // The second of two equal events is counted, which takes another verb.
    for _ in 0..2 {
        controller.sync().await;
        controller.server.put(
            fake_api_server::fixtures::SCALE,
            fake_api_server::fixtures::scale(2),
        );
        controller
            .clock
            .advance(hpa_core::time::SignedDuration::from_secs(400));
    }
    server.put(HPA, hpa(1, 10, &json!(metrics)));
    controller.saw_hpa().await;
    assert_eq!(controller.sync().await.error, None);
    if mode == Mode::Active {
        server
            .until("an event is counted", |world| {
                world
                    .requests
                    .iter()
                    .any(|request| request.fits("PATCH", "/events/"))
            })
            .await;
        let (client, telemetry) = client(&server, Duration::from_secs(2));
        let candidate = Candidate {
            client,
            clock: Clock::system(),
            telemetry,
            namespace: String::from("hpa-controller"),
            name: String::from("hpa-controller"),
            identity: String::from("me"),
            timing: Timing {
                lease_duration: Duration::from_secs(15),
                renew_deadline: Duration::from_secs(10),
                retry_period: Duration::from_secs(2),
            },
        };
        candidate.acquire().await;
        let (permit, _) = watch::channel(false);
        let (stop, stopped) = watch::channel(false);
        let renewed = async {
            server
                .until("the Lease is renewed", |world| {
                    world
                        .requests
                        .iter()
                        .any(|request| request.fits("PUT", "/leases/"))
                })
                .await;
            stop.send_replace(true);
        };
        tokio::join!(candidate.hold(&permit, stopped), renewed);
        candidate.release().await;
    }
    server.requests_all()
}

#[tokio::test(start_paused = true)]
async fn roles_allow_what_is_requested_and_no_more() {
    for (overlay, mode) in [("read-only", Mode::Shadow), ("active", Mode::Active)] {
        let asked: BTreeSet<_> = everything(mode)
            .await
            .iter()
            .filter_map(attributes)
            .collect();
        let atoms = atoms(&objects(overlay));
        let allows = |(group, resource, verb, names): &(String, String, String, Vec<String>),
                      (asked_group, asked_resource, name, asked_verb): &(
            String,
            String,
            String,
            String,
        )| {
            let subresource = asked_resource
                .split_once('/')
                .map(|(_, sub)| format!("*/{sub}"));
            (group == "*" || group == asked_group)
                && (resource == "*"
                    || resource == asked_resource
                    || Some(resource) == subresource.as_ref())
                && verb == asked_verb
                && (names.is_empty() || names.contains(name))
        };
        for request in &asked {
            assert!(
                atoms.iter().any(|atom| allows(atom, request)),
                "{overlay} forbids {request:?}"
            );
        }
        for atom in &atoms {
            assert!(
                asked.iter().any(|request| allows(atom, request)),
                "{overlay} allows {atom:?}, which nothing asks for"
            );
        }
    }
}

#[test]
fn the_dashboard_shows_metrics_that_exist() {
    let page = all_metrics();
    let text = read(&folder().join("monitoring/dashboard.json"));
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 5);
    let mut shown = 0;
    for target in panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().unwrap())
    {
        let expression = target["expr"].as_str().unwrap();
        let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for name in words.filter(|word| word.starts_with('h') && word.contains("_controller_")) {
            let line = format!("\n{name}");
            assert!(format!("\n{page}").contains(&line), "there is no {name}");
            shown += 1;
        }
    }
    assert!(
        shown > 5,
        "only {shown} metrics were found in the dashboard"
    );
}

#[test]
fn the_image_is_what_the_manifests_name() {
    let dockerfile = read(&folder().join("Dockerfile"));
    let last = dockerfile
        .rfind("\nFROM scratch\n")
        .expect("an empty image at the end");
    let end = &dockerfile[last..];
    assert!(end.contains("\nUSER 65532:65532\n"), "not as root");
    assert!(end.contains("ENTRYPOINT [\"/hpa-controller\"]"));
    assert!(dockerfile.contains("cargo build --release --locked"));
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(
        dockerfile.contains(&format!("rust:{rust}-alpine")),
        "Rust {rust}"
    );
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        dockerfile.contains(&format!("hpa-controller:{version}")),
        "{version}"
    );
    let base = documents(&read(&folder().join("base/kustomization.yaml"))).remove(0);
    assert_eq!(base["images"][0]["newTag"], version);
    // The build needs every member of the workspace.
    for line in dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
    {
        let from = line.split(' ').next().unwrap();
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert!(
            from.starts_with("--from") || top.join(from).exists(),
            "{from}"
        );
    }
}
