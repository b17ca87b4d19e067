//! OpenTelemetry traces: what a collector gets, and that one which fails delays nothing.

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

use crate::process::{Folder, begin_in, end, kubeconfig, run, terminate};
use fake_api_server::Server;
use fake_api_server::{POD_METRICS, SCALE, cluster};

/// What a collector does with what it gets.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Takes,
    Refuses,
    NeverAnswers,
}

/// A collector on loopback.
#[derive(Clone)]
struct FakeCollector {
    spans: Arc<Mutex<Vec<Span>>>,
    services: Arc<Mutex<Vec<String>>>,
    came: watch::Sender<u64>,
    address: String,
}

impl FakeCollector {
    async fn start(manner: Manner) -> Self {
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
                        async move { collector.take(request, manner).await }
                    });
                    // The program ends with its connection open.
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
        manner: Manner,
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
        if manner == Manner::NeverAnswers {
            std::future::pending::<()>().await;
        }
        let mut response = Response::new(Full::default());
        if manner == Manner::Refuses {
            *response.status_mut() = http::StatusCode::FORBIDDEN;
        }
        Ok(response)
    }

    /// Waits until the spans are as wanted.
    async fn until(&self, what: &str, wanted: impl Fn(&[Span]) -> bool) {
        let mut came = self.came.subscribe();
        let wait = came.wait_for(|_| wanted(&self.spans.lock().unwrap()));
        let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
        assert!(waited.is_ok(), "waited in vain until {what}");
    }

    /// The spans of the trace in which there is one of that name.
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
    let folder = Folder::new("traces");
    let server = cluster(2, "100m").await;
    let collector = FakeCollector::start(Manner::Takes).await;
    let config = folder.write("kubeconfig", &kubeconfig(&server.address));
    let settings = folder.write(
        "settings.yaml",
        &format!(
            "{}tracing-endpoint: {}\n",
            crate::process::HEAD,
            collector.address
        ),
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
    ];
    let child = begin_in(&[], &arguments);
    server
        .until("the status is written", |world| {
            let status = |request: &fake_api_server::Request| request.fits("PATCH", "/status");
            world.requests.iter().any(status)
        })
        .await;
    // What is left is sent at the end.
    terminate(&child);
    let (code, _, log) = end(child).await;
    assert_eq!(code, 0, "{log}");
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
            // What kinds there are, twice, the scale, and the metric.
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
    // The API server's spans would stand beneath these.
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
    let folder = Folder::new("traces-failed");
    let server = cluster(2, "100m").await;
    let answer = fake_api_server::Answer::Plain(503, "away");
    server.fault(fake_api_server::Fault::always("GET", POD_METRICS, answer));
    let collector = FakeCollector::start(Manner::Takes).await;
    let config = folder.write("kubeconfig", &kubeconfig(&server.address));
    let child = begin_in(
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.address),
            ("OTEL_SERVICE_NAME", "shadow"),
        ],
        &["--once", "--kubeconfig", &config],
    );
    let (code, out, log) = end(child).await;
    assert_eq!(code, 1, "{log}");
    assert!(out.contains("unable to fetch metrics"), "{out}");
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
    let refuses = FakeCollector::start(Manner::Refuses).await;
    let silent = FakeCollector::start(Manner::NeverAnswers).await;
    for (collector, problem) in [
        (absent.as_str(), "Connection refused"),
        (&refuses.address, "403"),
        (&silent.address, ""),
    ] {
        let folder = Folder::new("traces-absent");
        let server: Server = cluster(2, "100m").await;
        let config = folder.write("kubeconfig", &kubeconfig(&server.address));
        let arguments = [
            "--kubeconfig",
            &config,
            "--tracing-endpoint",
            collector,
            "--bind-address=",
            "--horizontal-pod-autoscaler-sync-period=20ms",
        ];
        let child = begin_in(&[("OTEL_BSP_SCHEDULE_DELAY", "20")], &arguments);
        server
            .until("it has synced often", |world| {
                let reads = |request: &&fake_api_server::Request| request.fits("GET", SCALE);
                world.requests.iter().filter(reads).count() >= 20
            })
            .await;
        if collector == silent.address {
            silent
                .until("it has got something", |spans| !spans.is_empty())
                .await;
        }
        terminate(&child);
        let since = tokio::time::Instant::now();
        let (code, _, log) = end(child).await;
        assert_eq!(code, 0, "{log}");
        // Two seconds for the collector, and the time of a busy machine.
        assert!(since.elapsed() < Duration::from_secs(8), "{collector}");
        assert!(log.contains(problem), "{problem}: {log}");
        // Once, however often it fails.
        let told = log.matches("traces are not taken").count();
        assert_eq!(told, usize::from(!problem.is_empty()), "{log}");
    }
}

#[tokio::test]
async fn a_collector_without_an_address_ends_with_2() {
    let (code, _, log) = run(&["--tracing-endpoint", "nowhere"]).await;
    assert_eq!(code, 2, "{log}");
    assert!(log.contains("--tracing-endpoint nowhere"), "{log}");
}
