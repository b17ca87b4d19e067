//! The controller under load: many autoscalers, with and without failing metrics, or one with many
//! pods, over HTTP on loopback.
//!
//! Measures the program from outside: its CPU time, memory, and how often each autoscaler was synced.
//! `cargo bench -p hpa-controller --bench controller -- 1000` takes other sizes.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, sleep};

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// The number of autoscalers per namespace.
const PER_NAMESPACE: usize = 100;

/// How a metrics API fails.
#[derive(Clone, Copy)]
enum Broken {
    Fails,
    TalksNonsense,
    NeverAnswers,
}

/// The newest release, which syncs new autoscalers at once, and the one before it, which does not.
const NEWEST: &str = "v1.37.2";
const BEFORE: &str = "v1.36.2";

/// Whether some metrics fail.
#[derive(Clone, Copy, PartialEq)]
enum Metrics {
    Whole,
    /// In every tenth namespace.
    BrokenInPart,
}

/// A cluster with prepared responses, so that serving them costs little.
struct Cluster {
    hpas: Vec<String>,
    pods: Vec<String>,
    metrics: BTreeMap<String, Bytes>,
    pods_each: usize,
    /// The server's version.
    release: &'static str,
    /// How metrics APIs fail, by path.
    broken: BTreeMap<String, Broken>,
    /// When each autoscaler's scale was read.
    syncs: Mutex<BTreeMap<String, Vec<Instant>>>,
}

impl Cluster {
    fn new(hpas: usize, pods_each: usize, metrics: Metrics, release: &'static str) -> Self {
        let mut cluster = Self {
            hpas: Vec::new(),
            pods: Vec::new(),
            metrics: BTreeMap::new(),
            pods_each,
            release,
            broken: BTreeMap::new(),
            syncs: Mutex::default(),
        };
        let mut items: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for index in 0..hpas {
            let namespace = format!("team-{}", index / PER_NAMESPACE);
            let name = format!("app-{index}");
            cluster.hpas.push(hpa(&namespace, &name, index));
            for number in 0..pods_each {
                let pod = format!("{name}-6d5f8c7b9-{number:05}");
                cluster.pods.push(pod_object(&namespace, &name, &pod));
                items
                    .entry(namespace.clone())
                    .or_default()
                    .push(pod_metrics(&namespace, &name, &pod));
            }
        }
        for (namespace, items) in items {
            let path = format!("/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods");
            let list = format!(
                "{{\"kind\":\"PodMetricsList\",\"apiVersion\":\"metrics.k8s.io/v1beta1\",\"metadata\":{{}},\"items\":[{}]}}",
                items.join(",")
            );
            let number: usize = namespace["team-".len()..].parse().unwrap();
            if metrics == Metrics::BrokenInPart && number.is_multiple_of(10) {
                let broken = match number / 10 {
                    // No more than the maximum number of concurrent slow syncs.
                    0 | 1 => Broken::NeverAnswers,
                    number if number.is_multiple_of(2) => Broken::Fails,
                    _ => Broken::TalksNonsense,
                };
                cluster.broken.insert(path.clone(), broken);
            }
            cluster.metrics.insert(path, list.into());
        }
        cluster
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Body> {
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or_default();
        if query.contains("watch=true") {
            // Nothing changes.
            return silence();
        }
        match self.broken.get(path) {
            Some(Broken::Fails) => {
                let mut response = whole("etcd is on fire".into());
                *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                return response;
            }
            Some(Broken::TalksNonsense) => return whole("{\"items\":[{\"metadata\":7}]}".into()),
            Some(Broken::NeverAnswers) => return silence(),
            None => {}
        }
        if let Some(list) = self.metrics.get(path) {
            return whole(list.clone());
        }
        if path.ends_with("/scale") {
            return whole(self.scale(path));
        }
        whole(match path {
            "/version" => format!("{{\"gitVersion\":\"{}\"}}", self.release).into(),
            "/apis/apps" => "{\"versions\":[{\"version\":\"v1\"}],\"preferredVersion\":{\"version\":\"v1\"}}".into(),
            "/apis/apps/v1" => "{\"resources\":[{\"name\":\"deployments\",\"kind\":\"Deployment\"},{\"name\":\"deployments/scale\",\"kind\":\"Scale\"}]}".into(),
            "/apis/autoscaling/v2/horizontalpodautoscalers" => page(&self.hpas, query),
            "/api/v1/pods" => page(&self.pods, query),
            other => panic!("{other}"),
        })
    }

    fn scale(&self, path: &str) -> Bytes {
        let parts: Vec<&str> = path.split('/').collect();
        let (namespace, name) = (parts[5], parts[7]);
        let mut syncs = self.syncs.lock().unwrap();
        syncs
            .entry(name.to_owned())
            .or_default()
            .push(Instant::now());
        let replicas = self.pods_each;
        format!("{{\"kind\":\"Scale\",\"apiVersion\":\"autoscaling/v1\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"{namespace}\",\"uid\":\"6b9c5f3a-0000-4000-8000-000000000000\",\"resourceVersion\":\"1\",\"creationTimestamp\":\"2026-01-01T00:00:00Z\"}},\"spec\":{{\"replicas\":{replicas}}},\"status\":{{\"replicas\":{replicas},\"selector\":\"app={name}\"}}}}").into()
    }
}

/// A response that never ends.
fn silence() -> Response<Body> {
    let silence = stream::pending::<Result<Frame<Bytes>, Infallible>>();
    Response::new(StreamBody::new(silence).boxed_unsync())
}

fn whole(body: Bytes) -> Response<Body> {
    Response::new(Full::new(body).boxed_unsync())
}

/// A page of a list, as the API server sends it.
fn page(items: &[String], query: &str) -> Bytes {
    let number = |name: &str| {
        let parts = query.split('&').filter_map(|part| part.split_once('='));
        parts
            .filter(|(key, _)| *key == name)
            .find_map(|(_, value)| value.parse::<usize>().ok())
    };
    let begin = number("continue").unwrap_or(0);
    let end = (begin + number("limit").unwrap_or(items.len())).min(items.len());
    let next = if end < items.len() {
        end.to_string()
    } else {
        String::new()
    };
    format!(
        "{{\"metadata\":{{\"resourceVersion\":\"1\",\"continue\":\"{next}\"}},\"items\":[{}]}}",
        items[begin..end].join(",")
    )
    .into()
}

fn hpa(namespace: &str, name: &str, index: usize) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"{namespace}","uid":"00000000-0000-4000-8000-{index:012}","resourceVersion":"1","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z","labels":{{"app":"{name}"}},"annotations":{{"kubectl.kubernetes.io/last-applied-configuration":"{long}"}}}},"spec":{{"scaleTargetRef":{{"kind":"Deployment","name":"{name}","apiVersion":"apps/v1"}},"minReplicas":2,"maxReplicas":2000,"metrics":[{{"type":"Resource","resource":{{"name":"cpu","target":{{"type":"Utilization","averageUtilization":50}}}}}}],"behavior":{{"scaleUp":{{"stabilizationWindowSeconds":0,"selectPolicy":"Max","policies":[{{"type":"Pods","value":4,"periodSeconds":15}},{{"type":"Percent","value":100,"periodSeconds":15}}]}},"scaleDown":{{"selectPolicy":"Max","policies":[{{"type":"Percent","value":100,"periodSeconds":15}}]}}}}}},"status":{{"lastScaleTime":"2026-01-01T00:00:00Z","currentReplicas":10,"desiredReplicas":10,"currentMetrics":[{{"type":"Resource","resource":{{"name":"cpu","current":{{"averageUtilization":50,"averageValue":"50m"}}}}}}],"conditions":[{{"type":"AbleToScale","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"ReadyForNewScale","message":"recommended size matches current size"}},{{"type":"ScalingActive","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"ValidMetricFound","message":"the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)"}},{{"type":"ScalingLimited","status":"False","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"DesiredWithinRange","message":"the desired count is within the acceptable range"}}]}}}}"#,
        long = "x".repeat(600)
    )
}

fn pod_object(namespace: &str, app: &str, name: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","generateName":"{app}-6d5f8c7b9-","namespace":"{namespace}","uid":"6b9c5f3a-0000-4000-8000-000000000000","resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z","labels":{{"app":"{app}","pod-template-hash":"6d5f8c7b9"}},"annotations":{{"note":"{long}"}},"ownerReferences":[{{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"{app}-6d5f8c7b9","uid":"6b9c5f3a-0000-4000-8000-000000000000","controller":true}}]}},"spec":{{"volumes":[{{"name":"token","projected":{{"sources":[]}}}}],"containers":[{{"name":"main","image":"registry.example/{app}:1","ports":[{{"containerPort":8080}}],"env":[{{"name":"A","value":"b"}},{{"name":"C","value":"d"}}],"resources":{{"limits":{{"cpu":"1","memory":"256Mi"}},"requests":{{"cpu":"100m","memory":"128Mi"}}}},"volumeMounts":[]}}],"nodeName":"node-1","tolerations":[]}},"status":{{"phase":"Running","conditions":[{{"type":"PodReadyToStartContainers","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}},{{"type":"Initialized","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}},{{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:05Z"}},{{"type":"ContainersReady","status":"True","lastTransitionTime":"2026-01-01T00:00:05Z"}},{{"type":"PodScheduled","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}}],"hostIP":"10.0.0.1","podIP":"10.1.0.1","startTime":"2026-01-01T00:00:00Z","containerStatuses":[{{"name":"main","ready":true,"restartCount":0}}]}}}}"#,
        long = "x".repeat(300)
    )
}

fn pod_metrics(namespace: &str, app: &str, name: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"{namespace}","creationTimestamp":"2026-01-01T00:00:00Z","labels":{{"app":"{app}","pod-template-hash":"6d5f8c7b9"}}}},"timestamp":"2026-01-01T00:00:00Z","window":"15.012s","containers":[{{"name":"main","usage":{{"cpu":"50123456n","memory":"65536Ki"}}}}]}}"#
    )
}

async fn serve(cluster: Arc<Cluster>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let _ = stream.set_nodelay(true);
            let cluster = Arc::clone(&cluster);
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let response = cluster.answer(&request);
                    async move { Ok::<_, Infallible>(response) }
                });
                let _ = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

/// The program under test; dropping it kills it.
struct Program {
    child: Child,
    pages: String,
    kubeconfig: std::path::PathBuf,
}

impl Program {
    fn begin(address: &str, period: &str) -> Self {
        let pages = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string();
        let kubeconfig =
            std::env::temp_dir().join(format!("hpa-controller-bench-{}", std::process::id()));
        let config = format!(
            r#"{{"apiVersion":"v1","kind":"Config","clusters":[{{"name":"a","cluster":{{"server":"http://{address}"}}}}],"users":[{{"name":"a","user":{{}}}}],"contexts":[{{"name":"a","context":{{"cluster":"a","user":"a"}}}}],"current-context":"a"}}"#
        );
        std::fs::write(&kubeconfig, config).unwrap();
        let binary = std::env::var_os("CARGO_BIN_EXE_hpa-controller").expect("cargo sets it");
        let child = Command::new(binary)
            .arg("--kubeconfig")
            .arg(&kubeconfig)
            .args(["--bind-address", &pages])
            .args(["--horizontal-pod-autoscaler-sync-period", period])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            pages,
            kubeconfig,
        }
    }

    /// The CPU time so far of the thread that does the work.
    fn cpu(&self) -> Duration {
        let file = format!("/proc/{}/schedstat", self.child.id());
        let text = std::fs::read_to_string(file).unwrap();
        Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
    }

    /// A line of /proc/PID/status \[MB\].
    fn memory(&self, what: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<f64>()
            .unwrap()
            / 1024.0
    }

    /// How many autoscalers want another count than that.
    fn others_than(&self, replicas: usize) -> usize {
        let page = self.metrics();
        let wanted = page.lines().filter(|line| {
            line.starts_with("horizontal_pod_autoscaler_controller_desired_replicas{")
        });
        let end = format!(" {replicas}");
        wanted.filter(|line| !line.ends_with(&end)).count()
    }

    /// Its Prometheus metrics.
    fn metrics(&self) -> String {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(&self.pages).unwrap();
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    }

    /// The 99th percentile of the delay of syncs \[s\].
    fn delay(&self) -> f64 {
        let page = self.metrics();
        let count = |line: &str| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap();
        let all = page
            .lines()
            .find(|line| line.starts_with("hpa_controller_sync_delay_seconds_count"))
            .map_or(0.0, count);
        page.lines()
            .filter(|line| line.starts_with("hpa_controller_sync_delay_seconds_bucket"))
            .find(|line| count(line) >= 0.99 * all)
            .and_then(|line| line.split('"').nth(1)?.parse().ok())
            .unwrap_or(f64::INFINITY)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.kubeconfig);
    }
}

/// Measures `hpas` autoscalers with `pods_each` pods each over several periods.
async fn measure(
    hpas: usize,
    pods_each: usize,
    period: Duration,
    metrics: Metrics,
    release: &'static str,
) {
    let cluster = Arc::new(Cluster::new(hpas, pods_each, metrics, release));
    let address = serve(Arc::clone(&cluster)).await;
    let begin = Instant::now();
    let program = Program::begin(&address, &format!("{}ms", period.as_millis()));
    while cluster.syncs.lock().unwrap().is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    let (first, used) = (begin.elapsed(), program.cpu());
    let head = match metrics {
        Metrics::Whole => format!("controller, {hpas} x {pods_each}, {release}"),
        Metrics::BrokenInPart => {
            format!("controller, {hpas} x {pods_each}, metrics of every tenth namespace broken")
        }
    };
    println!(
        "{head}, start to first sync: {:.0} ms",
        first.as_secs_f64() * 1e3
    );
    println!(
        "{head}, processor until then: {:.0} ms",
        used.as_secs_f64() * 1e3
    );
    // Wait until every autoscaler was synced once.
    while cluster.syncs.lock().unwrap().len() < hpas {
        sleep(Duration::from_millis(50)).await;
    }
    sleep(period / 10).await;
    let rounds = (Duration::from_secs(15).as_millis() / period.as_millis()).clamp(3, 15);
    let rounds = u32::try_from(rounds).unwrap();
    cluster.syncs.lock().unwrap().clear();
    let (since, before) = (Instant::now(), program.cpu());
    sleep(period * rounds).await;
    let (took, used) = (since.elapsed(), program.cpu().saturating_sub(before));
    let counts: Vec<usize> = {
        let syncs = cluster.syncs.lock().unwrap();
        syncs.values().map(Vec::len).collect()
    };
    let total: usize = counts.iter().sum();
    let late = hpas
        - counts
            .iter()
            .filter(|count| **count >= rounds as usize)
            .count();
    #[expect(clippy::cast_precision_loss, reason = "a mean for people")]
    let each = used.as_secs_f64() * 1e3 / total as f64;
    let share = 100.0 * used.as_secs_f64() / took.as_secs_f64();
    // Usage is at its target, so no autoscaler may scale.
    assert_eq!(program.others_than(pods_each), 0, "scaled by mistake");
    println!(
        "{head}: {total} syncs in {:.1} s, {late} autoscalers synced less than {rounds} times, 99 of 100 syncs began within {} s, {share:.1} % of a processor",
        took.as_secs_f64(),
        program.delay(),
    );
    println!("{head}, processor a sync: {each:.4} ms");
    println!("{head}, memory at most: {:.1} MB", program.memory("VmHWM"));
}

fn main() {
    let sizes: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        vec![1_000, 10_000]
    } else {
        sizes
    };
    let binary = std::env::var_os("CARGO_BIN_EXE_hpa-controller").expect("cargo sets it");
    let size = std::fs::metadata(binary).unwrap().len();
    println!(
        "controller, binary: {:.1} MB",
        f64::from(u32::try_from(size / 1_000).unwrap()) / 1e3
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let most = sizes.iter().max().copied();
    for hpas in sizes {
        let period = Duration::from_secs(15);
        for release in [NEWEST, BEFORE] {
            runtime.block_on(measure(hpas, 10, period, Metrics::Whole, release));
        }
    }
    if let Some(most) = most {
        runtime.block_on(measure(
            most,
            10,
            Duration::from_secs(15),
            Metrics::BrokenInPart,
            NEWEST,
        ));
    }
    let period = Duration::from_secs(1);
    runtime.block_on(measure(1, 1_000, period, Metrics::Whole, NEWEST));
}
