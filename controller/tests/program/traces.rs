//! OpenTelemetry traces: what a collector receives, and that a failing one delays nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::sync::watch;

use fake_api_server::fixtures::{POD_METRICS, SCALE, cluster};
use fake_api_server::{Answer, Fault, Request as ApiRequest};

use crate::process::{Directory, HEAD, Program};

/// How a collector responds.
#[derive(Clone, Copy, PartialEq)]
enum Behavior {
    Accept,
    Refuse,
    NeverRespond,
}

/// After which time a test that waits for something fails.
const WATCHDOG: Duration = Duration::from_mins(1);

/// A collector on loopback.
#[derive(Clone)]
struct FakeCollector {
    spans: Arc<Mutex<Vec<Span>>>,
    services: Arc<Mutex<Vec<String>>>,
    came: watch::Sender<u64>,
    address: String,
}

impl FakeCollector {
    async fn start(behavior: Behavior) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let collector = Self {
            spans: Arc::default(),
            services: Arc::default(),
            came: watch::channel(0).0,
            address: format!("http://{}", listener.local_addr().unwrap()),
        };
        let serving = collector.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let collector = serving.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let collector = collector.clone();
                        async move { collector.take(request, behavior).await }
                    });
                    // The program ends without closing its connection.
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        collector
    }

    async fn take(
        &self,
        request: Request<Incoming>,
        behavior: Behavior,
    ) -> Result<Response<Full<Bytes>>, hyper::Error> {
        assert_eq!(request.uri().path(), "/v1/traces");
        let body = request.into_body().collect().await?.to_bytes();
        let batch = ExportTraceServiceRequest::decode(body).unwrap();
        for part in batch.resource_spans {
            let resource = part.resource.unwrap();
            let service = text(&resource.attributes, "service.name").unwrap();
            self.services.lock().unwrap().push(service);
            let spans = part.scope_spans.into_iter().flat_map(|part| part.spans);
            self.spans.lock().unwrap().extend(spans);
        }
        self.came.send_modify(|count| *count += 1);
        if behavior == Behavior::NeverRespond {
            std::future::pending::<()>().await;
        }
        let mut response = Response::new(Full::default());
        if behavior == Behavior::Refuse {
            *response.status_mut() = http::StatusCode::FORBIDDEN;
        }
        Ok(response)
    }

    /// Waits until `wanted` holds.
    async fn until(&self, what: &str, wanted: impl Fn(&[Span]) -> bool) {
        let mut came = self.came.subscribe();
        let wait = came.wait_for(|_| wanted(&self.spans.lock().unwrap()));
        let waited = tokio::time::timeout(WATCHDOG, wait).await;
        assert!(waited.is_ok(), "waited in vain until {what}");
    }

    /// The spans of the trace that contains one of that name.
    fn trace_with(&self, name: &str) -> Vec<Span> {
        let spans = self.spans.lock().unwrap();
        let found = spans.iter().find(|span| span.name == name);
        let trace = found
            .unwrap_or_else(|| panic!("no {name}"))
            .trace_id
            .clone();
        let same = |span: &&Span| span.trace_id == trace;
        spans.iter().filter(same).cloned().collect()
    }
}

fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    match found?.value.clone()? {
        AnyValue {
            value: Some(any_value::Value::StringValue(text)),
        } => Some(text),
        AnyValue {
            value: Some(any_value::Value::IntValue(number)),
        } => Some(number.to_string()),
        other => panic!("{other:?}"),
    }
}

/// Each span as its path from the root, in the order of their paths.
fn paths(spans: &[Span]) -> Vec<String> {
    let path = |span: &Span| {
        let mut names = vec![span.name.clone()];
        let mut parent = &span.parent_span_id;
        while let Some(above) = spans.iter().find(|span| span.span_id == *parent) {
            names.push(above.name.clone());
            parent = &above.parent_span_id;
        }
        names.reverse();
        names.join("/")
    };
    let mut paths: Vec<String> = spans.iter().map(path).collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn a_sync_is_one_trace_with_its_parts() {
    let directory = Directory::new();
    let server = cluster(2, "100m");
    let collector = FakeCollector::start(Behavior::Accept).await;
    let config = directory.kubeconfig(&server).await;
    let settings = directory.write(
        "settings.yaml",
        &format!("{HEAD}tracing-endpoint: {}\n", collector.address),
    );
    let arguments = [
        "--kubeconfig",
        &config,
        "--config",
        &settings,
        "--mode=active",
        "--all-autoscalers",
        "--leader-elect=false",
        "--bind-address=",
        "--horizontal-pod-autoscaler-sync-period=1h",
        // Its rules sync a new autoscaler at once.
        "--kubernetes-version=1.37",
    ];
    let program = Program::start_in(&[], &arguments);
    server
        .until("the status is written", |world| {
            let status = |request: &ApiRequest| request.fits("PATCH", "/status");
            world.requests.iter().any(status)
        })
        .await;
    // The shutdown exports the remaining spans.
    let ended = program.terminate().await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let spans = collector.trace_with("apply");
    assert_eq!(
        paths(&spans),
        [
            "sync",
            "sync/apply",
            "sync/apply/request",
            "sync/complete",
            "sync/complete/request",
            "sync/decide",
            "sync/observe",
            // Two discovery requests, the scale, and the metric.
            "sync/observe/metric",
            "sync/observe/metric/request",
            "sync/observe/request",
            "sync/observe/request",
            "sync/observe/request",
        ]
    );
    let find = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    for (span, attribute, expected) in [
        ("sync", "k8s.namespace.name", "prod"),
        ("sync", "k8s.hpa.name", "web"),
        ("sync", "hpa.role", "active"),
        ("sync", "hpa.current_replicas", "2"),
        ("sync", "hpa.desired_replicas", "4"),
        ("apply", "hpa.desired_replicas", "4"),
        ("metric", "hpa.metric.type", "Resource"),
        ("metric", "hpa.metric.name", "cpu"),
        ("request", "http.response.status_code", "200"),
    ] {
        let found = text(&find(span).attributes, attribute);
        assert_eq!(found.as_deref(), Some(expected), "{span}: {attribute}");
    }
    assert_eq!(collector.services.lock().unwrap()[0], "hpa-controller");
    // The API server's spans would be children of these.
    let put = &server.requests("PUT", SCALE)[0];
    let traceparent = put.traceparent.as_deref().unwrap();
    let of_path = |span: &&Span| {
        text(&span.attributes, "url.path").as_deref() == Some(SCALE)
            && text(&span.attributes, "http.request.method").as_deref() == Some("PUT")
    };
    let span = spans.iter().find(of_path).unwrap();
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat()
    };
    let expected = format!("00-{}-{}-01", hex(&span.trace_id), hex(&span.span_id));
    assert_eq!(traceparent, expected);
}

#[tokio::test]
async fn a_failed_sync_is_a_failed_span() {
    let directory = Directory::new();
    let server = cluster(2, "100m");
    let answer = Answer::Plain(503, "away");
    server.fault(Fault::always("GET", POD_METRICS, answer));
    let collector = FakeCollector::start(Behavior::Accept).await;
    let config = directory.kubeconfig(&server).await;
    let program = Program::start_in(
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.address),
            ("OTEL_SERVICE_NAME", "shadow"),
        ],
        &["--once", "--kubeconfig", &config],
    );
    let ended = program.ended().await;
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(
        ended.output.contains("unable to fetch metrics"),
        "{ended:?}"
    );
    let spans = collector.trace_with("sync");
    for (name, part) in [
        ("sync", "unable to fetch metrics from resource metrics API"),
        ("request", "the server is currently unable to handle"),
    ] {
        let failed = spans.iter().filter(|span| span.name == name);
        let mut statuses = failed.filter_map(|span| span.status.as_ref());
        assert!(
            statuses.any(|status| status.code == 2 && status.message.contains(part)),
            "{name}: {spans:#?}"
        );
    }
    assert_eq!(collector.services.lock().unwrap()[0], "shadow");
}

#[tokio::test]
async fn a_collector_that_fails_delays_nothing() {
    let absent = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let refuses = FakeCollector::start(Behavior::Refuse).await;
    let silent = FakeCollector::start(Behavior::NeverRespond).await;
    for (collector, problem) in [
        (absent.as_str(), "Connection refused"),
        (&refuses.address, "403"),
        (&silent.address, ""),
    ] {
        let directory = Directory::new();
        let server = cluster(2, "100m");
        let config = directory.kubeconfig(&server).await;
        let arguments = [
            "--kubeconfig",
            &config,
            "--tracing-endpoint",
            collector,
            "--bind-address=",
            "--horizontal-pod-autoscaler-sync-period=20ms",
        ];
        let program = Program::start_in(&[("OTEL_BSP_SCHEDULE_DELAY", "20")], &arguments);
        server
            .until("it has synced often", |world| {
                let reads = |request: &&ApiRequest| request.fits("GET", SCALE);
                world.requests.iter().filter(reads).count() >= 20
            })
            .await;
        if collector == silent.address {
            silent
                .until("it has received a span", |spans| !spans.is_empty())
                .await;
        }
        // Two seconds for the collector, and as many more as a busy machine may need.
        let ending = tokio::time::timeout(Duration::from_secs(8), program.terminate());
        let ended = ending
            .await
            .unwrap_or_else(|_| panic!("{collector} delays the end"));
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.log.contains(problem), "{problem}: {ended:?}");
        // Logged once, however often it fails.
        let logged = ended.log.matches("traces cannot be exported").count();
        assert_eq!(logged, usize::from(!problem.is_empty()), "{ended:?}");
    }
}
