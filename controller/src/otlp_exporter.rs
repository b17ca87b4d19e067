//! Exports traces of the syncs to an OpenTelemetry collector, if asked to.
//!
//! A thread of OpenTelemetry's gathers spans into batches and drops what its queue cannot hold; the
//! program's own runtime sends them. So neither a slow collector nor an absent one delays a sync.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::uri::{InvalidUri, InvalidUriParts};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Bytes;
use kube::client::Body;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{
    ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

use crate::args::Args;
use crate::client::root_cause;
use crate::clock::std_duration;
use crate::spans;

/// The path of OTLP/HTTP for traces.
const PATH: &str = "/v1/traces";
/// The longest response of a collector that is read \[bytes\].
const MAX_RESPONSE: usize = 1 << 20;
/// How long a shutdown waits for the last batch.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);
/// The service name, unless the environment sets one.
const SERVICE: &str = "hpa-controller";

/// Why traces cannot be exported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExporterError {
    /// The collector's address is invalid.
    #[error("{setting} {address}: {problem}; expected an address such as http://localhost:4318")]
    Address {
        /// The flag or variable that it comes from.
        setting: &'static str,
        address: String,
        problem: AddressProblem,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Client(#[from] kube::Error),
    #[error(transparent)]
    Exporter(#[from] ExporterBuildError),
}

/// What is wrong with a collector's address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddressProblem {
    #[error(transparent)]
    Uri(#[from] InvalidUri),
    #[error(transparent)]
    Parts(#[from] InvalidUriParts),
    #[error("it starts with neither http:// nor https://")]
    Scheme,
}

/// Sends spans to a collector.
#[derive(Debug)]
pub(crate) struct Exporter {
    provider: SdkTracerProvider,
}

/// Which collector to export to, and how much.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Collector {
    /// Where traces are posted.
    pub(crate) address: Uri,
    /// The fraction of syncs that are traced, from 0 to 1; `None` leaves it to the environment's
    /// `OTEL_TRACES_SAMPLER`, whose default is all.
    pub(crate) sampling_ratio: Option<f64>,
    /// The timeout of one export.
    pub(crate) timeout: Duration,
}

impl Collector {
    /// The collector that the arguments name, or else OpenTelemetry's standard environment
    /// variables, which `variable` reads; `None` if tracing is off.
    ///
    /// # Errors
    /// If its address is invalid.
    pub(crate) fn find(
        args: &Args,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ExporterError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if variable("OTEL_SDK_DISABLED").is_some_and(|value| value == "true") {
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
            .find_map(|(setting, address)| Some((setting, address?)));
        let Some((setting, address)) = found else {
            return Ok(None);
        };
        let exporter = variable("OTEL_TRACES_EXPORTER");
        if args.tracing_endpoint.is_none() && exporter.is_some_and(|exporter| exporter == "none") {
            return Ok(None);
        }
        // OpenTelemetry's specification: the endpoint of traces is used as it is, a path is appended
        // to the endpoint of all signals.
        let is_complete = setting == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        let uri = endpoint(&address, is_complete);
        let address = uri.map_err(|problem| ExporterError::Address {
            setting,
            address,
            problem,
        })?;
        let rate = args.tracing_sampling_rate_per_million;
        Ok(Some(Self {
            address,
            sampling_ratio: rate.map(|rate| f64::from(rate) / 1e6),
            timeout: std_duration(args.request_timeout),
        }))
    }
}

fn endpoint(address: &str, is_complete: bool) -> Result<Uri, AddressProblem> {
    let parsed: Uri = address.parse()?;
    if !matches!(parsed.scheme_str(), Some("http" | "https")) {
        return Err(AddressProblem::Scheme);
    }
    let path = parsed.path().trim_end_matches('/');
    if is_complete || path.ends_with(PATH) {
        return Ok(parsed);
    }
    let whole = format!("{path}{PATH}").parse()?;
    let mut parts = parsed.into_parts();
    parts.path_and_query = Some(whole);
    Ok(Uri::from_parts(parts)?)
}

impl Exporter {
    /// An exporter that sends on `runtime`.
    ///
    /// # Errors
    /// If TLS or the exporter cannot be set up.
    pub(crate) fn start(collector: &Collector, runtime: Handle) -> Result<Self, ExporterError> {
        // Requests carry the path; kube's client prepends the URI that it is given.
        let mut base = collector.address.clone().into_parts();
        base.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
        let base = Uri::from_parts(base).map_err(|error| ExporterError::Address {
            setting: "--tracing-endpoint",
            address: collector.address.to_string(),
            problem: error.into(),
        })?;
        let mut config = kube::Config::new(base);
        config.default_retry = false;
        config.connect_timeout = Some(collector.timeout);
        let client = {
            let _inside = runtime.enter();
            kube::Client::try_from(config)?
        };
        let sender = Sender {
            client,
            runtime,
            timeout: collector.timeout,
            address: collector.address.to_string(),
            failing: AtomicBool::new(false),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(sender)
            .with_endpoint(collector.address.to_string())
            .with_timeout(collector.timeout)
            .build()?;
        let mut builder = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter);
        if let Some(ratio) = collector.sampling_ratio {
            let sampler = Sampler::TraceIdRatioBased(ratio);
            builder = builder.with_sampler(Sampler::ParentBased(Box::new(sampler)));
        }
        Ok(Self {
            provider: builder.build(),
        })
    }

    /// The layer that passes the spans of a subscriber on.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        let layer: OpenTelemetryLayer<S, SdkTracer> = tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            // The place in the source and the only thread are of no use to a reader of traces.
            .with_location(false)
            .with_threads(false)
            .with_target(false);
        layer.with_filter(Targets::new().with_target(spans::TARGET, LevelFilter::TRACE))
    }

    /// Exports the remaining spans, for two seconds at most.
    pub(crate) async fn shut_down(self) {
        // It waits for its own thread, which in turn waits for this runtime.
        let shutdown = tokio::task::spawn_blocking(move || {
            self.provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT)
        });
        let _ = shutdown.await;
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

/// Sends batches to the collector; called on another thread than the runtime's.
struct Sender {
    client: kube::Client,
    runtime: Handle,
    timeout: Duration,
    address: String,
    /// Whether the last export failed, so that a failure is logged once.
    failing: AtomicBool,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Why a batch was not delivered.
#[derive(Clone, Debug, thiserror::Error)]
enum SendError {
    #[error("timed out")]
    Timeout,
    #[error("{0}")]
    Http(String),
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let timeout = self.timeout;
        let sent = self.runtime.spawn(async move {
            tokio::time::timeout(timeout, send(client, request))
                .await
                .map_err(|_| SendError::Timeout)?
        });
        // A runtime that shuts down cancels its tasks: then nobody needs the result.
        let result = sent.await?;
        let problem = match &result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(response.status().to_string()),
            Err(error) => Some(error.to_string()),
        };
        let was_failing = self.failing.swap(problem.is_some(), Ordering::Relaxed);
        match problem {
            Some(error) if !was_failing => {
                tracing::warn!(collector = self.address, error, "traces cannot be exported");
            }
            None if was_failing => {
                tracing::info!(collector = self.address, "traces are exported again");
            }
            _ => {}
        }
        Ok(result?)
    }
}

async fn send(client: kube::Client, request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
    let sent = client.send(request.map(Body::from)).await;
    let response = sent.map_err(|error| SendError::Http(root_cause(&error)))?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_RESPONSE).collect().await;
    let body = body.map_err(|error| SendError::Http(error.to_string()))?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
