//! OpenTelemetry traces, if asked for: one span for each sync, with those of its parts beneath it.
//!
//! Spans go through `tracing` under a target of their own, so that the log knows nothing of them and
//! that they cost next to nothing where nobody asked. They are sent in batches, aside: a thread of
//! OpenTelemetry's gathers them and drops what its queue cannot hold, and the program's own runtime
//! carries the bytes. Neither a slow collector nor an absent one delays a sync.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{HeaderMap, Request, Response, Uri};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Bytes;
use kube::client::Body;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HeaderInjector, HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

use super::api_objects::Key;
use super::args::Args;
use super::clock::std_duration;

/// The target of all spans; the log leaves it out.
pub(crate) const TARGET: &str = "hpa_controller::spans";
/// Where a collector takes traces in, if its address says nothing else. Upstream: OTLP/HTTP.
const PATH: &str = "/v1/traces";
/// The longest answer of a collector that is read \[bytes\].
const MAX_ANSWER: usize = 1 << 20;
/// How long the end waits for spans that are on their way.
const PATIENCE: Duration = Duration::from_secs(2);
/// The name under which the traces appear, unless the environment gives one.
const SERVICE: &str = "hpa-controller";

/// Sends spans to a collector.
#[derive(Debug)]
pub(crate) struct Exporter {
    provider: SdkTracerProvider,
}

/// Which collector, and how much it is sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Collector {
    /// Where traces are taken in.
    pub(crate) address: Uri,
    /// Which part of the syncs is traced, from 0 to 1; `None` leaves it to the environment's
    /// `OTEL_TRACES_SAMPLER`, without which it is all of them.
    pub(crate) share: Option<f64>,
    /// How long one delivery may take.
    pub(crate) timeout: Duration,
}

impl Collector {
    /// The collector that the arguments name, or else OpenTelemetry's own variables of the
    /// environment, which `variable` reads. `None` if nobody asks for traces.
    ///
    /// # Errors
    /// What is wrong with its address.
    pub(crate) fn find(
        args: &Args,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, String> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_off = variable("OTEL_SDK_DISABLED").is_some_and(|value| value == "true");
        if is_off {
            return Ok(None);
        }
        let given = [
            ("--tracing-endpoint", args.tracing_endpoint.clone()),
            (
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
            ),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                variable("OTEL_EXPORTER_OTLP_ENDPOINT"),
            ),
        ];
        let found = given
            .into_iter()
            .find_map(|(name, address)| Some((name, address?)));
        let Some((name, address)) = found else {
            return Ok(None);
        };
        let exporter = variable("OTEL_TRACES_EXPORTER");
        if args.tracing_endpoint.is_none() && exporter.is_some_and(|exporter| exporter == "none") {
            return Ok(None);
        }
        // The address of traces is taken as it is, that of all signals is a beginning: so says
        // OpenTelemetry's specification.
        let is_whole = name == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        let address = uri(&address, is_whole).map_err(|error| {
            format!(
                "{name} {address}: {error}; an address is expected such as http://localhost:4318"
            )
        })?;
        let rate = args.tracing_sampling_rate_per_million;
        Ok(Some(Self {
            address,
            share: rate.map(|rate| f64::from(rate) / 1e6),
            timeout: std_duration(args.request_timeout),
        }))
    }
}

fn uri(address: &str, is_whole: bool) -> Result<Uri, String> {
    let parsed: Uri = address
        .parse()
        .map_err(|error: http::uri::InvalidUri| error.to_string())?;
    if !matches!(parsed.scheme_str(), Some("http" | "https")) {
        return Err(String::from("it begins with neither http:// nor https://"));
    }
    let path = parsed.path().trim_end_matches('/');
    if is_whole || path.ends_with(PATH) {
        return Ok(parsed);
    }
    let mut parts = parsed.clone().into_parts();
    let whole = format!("{path}{PATH}").parse();
    parts.path_and_query = Some(whole.map_err(|error: http::uri::InvalidUri| error.to_string())?);
    Uri::from_parts(parts).map_err(|error| error.to_string())
}

impl Exporter {
    /// An exporter whose bytes `runtime` carries.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub(crate) fn begin(collector: &Collector, runtime: Handle) -> Result<Self, String> {
        // Requests name the path; kube's client puts what stands here before it.
        let mut base = collector.address.clone().into_parts();
        base.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
        let base = Uri::from_parts(base).map_err(|error| error.to_string())?;
        let mut config = kube::Config::new(base);
        config.default_retry = false;
        config.connect_timeout = Some(collector.timeout);
        let client = {
            let _inside = runtime.enter();
            kube::Client::try_from(config).map_err(|error| error.to_string())?
        };
        let carrier = Carrier {
            client,
            runtime,
            timeout: collector.timeout,
            address: collector.address.to_string(),
            failing: AtomicBool::new(false),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(carrier)
            .with_endpoint(collector.address.to_string())
            .with_timeout(collector.timeout)
            .build()
            .map_err(|error| error.to_string())?;
        let mut builder = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter);
        if let Some(share) = collector.share {
            let sampler = Sampler::TraceIdRatioBased(share);
            builder = builder.with_sampler(Sampler::ParentBased(Box::new(sampler)));
        }
        Ok(Self {
            provider: builder.build(),
        })
    }

    /// What hands the spans of a program over.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        let layer: OpenTelemetryLayer<S, SdkTracer> = tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            // Where a span begins in the source, and in which of one threads, tells nobody anything.
            .with_location(false)
            .with_threads(false)
            .with_target(false);
        layer.with_filter(Targets::new().with_target(TARGET, LevelFilter::TRACE))
    }

    /// Sends what is left, for two seconds at most.
    pub(crate) async fn end(self) {
        // It waits for its own thread, which in turn waits for this runtime.
        let ending =
            tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(PATIENCE));
        let _ = ending.await;
    }
}

fn resource() -> Resource {
    let resource = Resource::builder().build();
    let name = resource.get(&"service.name".into());
    let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let builder = Resource::builder().with_attribute(opentelemetry::KeyValue::new(
        "service.version",
        env!("CARGO_PKG_VERSION"),
    ));
    if is_named {
        builder.build()
    } else {
        builder.with_service_name(SERVICE).build()
    }
}

/// Carries batches to the collector, from another thread than the runtime's.
struct Carrier {
    client: kube::Client,
    runtime: Handle,
    timeout: Duration,
    address: String,
    /// Whether the last delivery failed, so that it is told once.
    failing: AtomicBool,
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carrier")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl HttpClient for Carrier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let timeout = self.timeout;
        let sent = self.runtime.spawn(async move {
            tokio::time::timeout(timeout, send(client, request))
                .await
                .map_err(|_| String::from("no answer in time"))?
        });
        // A runtime that ends takes its tasks with it: then there is nobody to be told.
        let result = sent.await?;
        let problem = match &result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(response.status().to_string()),
            Err(error) => Some(error.clone()),
        };
        let was_failing = self.failing.swap(problem.is_some(), Ordering::Relaxed);
        match problem {
            Some(problem) if !was_failing => {
                tracing::warn!(
                    collector = self.address,
                    error = problem,
                    "traces are not taken"
                );
            }
            None if was_failing => {
                tracing::info!(collector = self.address, "traces are taken again");
            }
            _ => {}
        }
        Ok(result?)
    }
}

async fn send(client: kube::Client, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
    let sent = client.send(request.map(Body::from)).await;
    let (head, body) = sent
        .map_err(|error| super::client::innermost(&error))?
        .into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await;
    let body = body.map_err(|error| error.to_string())?.to_bytes();
    Ok(Response::from_parts(head, body))
}

/// One sync of one autoscaler.
pub(crate) fn sync(key: &Key) -> Span {
    info_span!(
        target: TARGET,
        parent: None,
        "sync",
        k8s.namespace.name = &*key.namespace,
        k8s.hpa.name = &*key.name,
        hpa.role = Empty,
        hpa.current_replicas = Empty,
        hpa.desired_replicas = Empty,
        otel.status_code = Empty,
        otel.status_description = Empty,
    )
}

/// All reads of a sync.
pub(crate) fn observe() -> Span {
    info_span!(target: TARGET, "observe")
}

/// The algorithm.
pub(crate) fn decide() -> Span {
    info_span!(target: TARGET, "decide")
}

/// The write of the scale.
pub(crate) fn apply(replicas: i32) -> Span {
    info_span!(target: TARGET, "apply", hpa.desired_replicas = replicas)
}

/// The wording and writing of the status, and the events.
pub(crate) fn complete() -> Span {
    info_span!(target: TARGET, "complete")
}

/// The read of one metric.
pub(crate) fn metric(kind: &str, name: &str) -> Span {
    info_span!(target: TARGET, "metric", hpa.metric.type = kind, hpa.metric.name = name)
}

/// One request within a sync; those of watches and the Lease are not traced.
pub(crate) fn request(method: &str, path: &str) -> Span {
    if Span::current().is_none() {
        return Span::none();
    }
    info_span!(
        target: TARGET,
        "request",
        otel.kind = "client",
        http.request.method = method,
        url.path = path.split('?').next(),
        http.response.status_code = Empty,
        otel.status_code = Empty,
        otel.status_description = Empty,
    )
}

/// Marks a span as failed.
pub(crate) fn failed(span: &Span, error: &str) {
    if !span.is_none() {
        span.record("otel.status_code", "ERROR");
        span.record("otel.status_description", error);
    }
}

/// Lets the API server's own spans appear beneath the current one.
pub(crate) fn propagate(headers: &mut HeaderMap) {
    let span = Span::current();
    if !span.is_none() {
        TraceContextPropagator::new().inject_context(&span.context(), &mut HeaderInjector(headers));
    }
}
