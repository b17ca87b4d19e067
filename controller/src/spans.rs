//! The spans of a sync, as traces show them.
//!
//! They go through `tracing` under a target of their own, so that the log leaves them out and they
//! cost next to nothing when tracing is off.

use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry_http::HeaderInjector;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::api_objects::Key;

/// The target of all spans.
pub(crate) const TARGET: &str = "hpa_controller::spans";

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

/// The status and its write, and the events.
pub(crate) fn complete() -> Span {
    info_span!(target: TARGET, "complete")
}

/// The read of one metric.
pub(crate) fn metric(kind: &str, name: &str) -> Span {
    info_span!(target: TARGET, "metric", hpa.metric.type = kind, hpa.metric.name = name)
}

/// One request within a sync; requests of watches and of leader election are not traced.
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

/// Adds the current span to a request, so that the API server's own spans become its children.
pub(crate) fn propagate(headers: &mut HeaderMap) {
    let span = Span::current();
    if !span.is_none() {
        TraceContextPropagator::new().inject_context(&span.context(), &mut HeaderInjector(headers));
    }
}
