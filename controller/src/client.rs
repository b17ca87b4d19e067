//! Requests to the API server: one deadline each, retries where the server asks for them, errors
//! worded as in client-go.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument as _, Span};

use crate::spans;
use crate::telemetry::Telemetry;

/// The maximum size of a response \[bytes\]; 100,000 PodMetrics take about a fifth of it.
const MAX_RESPONSE: usize = 256 << 20;
/// The maximum number of retries. Upstream: client-go, `maxRetries`.
const MAX_RETRIES: u32 = 10;

/// The API server.
#[derive(Clone)]
pub(crate) struct Client {
    kube: kube::Client,
    address: Arc<str>,
    timeout: Duration,
    telemetry: Arc<Telemetry>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    /// The resource as client-go's messages name it, such as `deployments.apps`.
    pub(crate) resource: &'a str,
    /// The object's name; empty for a collection.
    pub(crate) name: &'a str,
    /// Content type and body.
    pub(crate) content: Option<(&'static str, Vec<u8>)>,
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server answered with an error.
    Refused {
        /// The status code.
        code: u16,
        /// The machine-readable reason, such as `Conflict`; may be empty.
        reason: String,
        /// The message for people.
        message: String,
    },
    /// No response, an incomplete one, or a timeout.
    Unreachable(String),
    /// A response that cannot be decoded.
    Unreadable(String),
    /// Not sent: this process may no longer write.
    NotAllowed,
}

impl Failure {
    /// Whether someone else changed the object since it was read.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { code: 409, reason, .. } if reason != "AlreadyExists")
    }

    /// Whether the object or resource does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { code: 404, .. })
    }

    /// Whether the requested resource version has expired.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Refused { code: 410, .. })
    }

    /// Whether nothing can be created any more, since the namespace is being deleted.
    pub(crate) fn is_namespace_terminating(&self) -> bool {
        matches!(self, Self::Refused { code: 403, message, .. }
            if message.ends_with("because it is being terminated"))
    }

    /// Whether the same request may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Refused { code, .. } => *code == 429 || *code >= 500,
            Self::Unreachable(_) => true,
            Self::Unreadable(_) | Self::NotAllowed => false,
        }
    }

    /// The message as conditions and events quote it.
    pub(crate) fn text(&self) -> Arc<str> {
        self.to_string().into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused { message, .. } => message,
            Self::Unreachable(text) | Self::Unreadable(text) => text,
            Self::NotAllowed => "this process no longer holds the Lease",
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The body of an error response: `metav1.Status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ApiStatus {
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) reason: String,
    pub(crate) code: u16,
}

impl<'a> Call<'a> {
    /// A GET request.
    pub(crate) fn get(path: String, resource: &'a str, name: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            resource,
            name,
            content: None,
        }
    }

    /// A request with a JSON body.
    pub(crate) fn json(
        method: Method,
        path: String,
        resource: &'a str,
        name: &'a str,
        content: Vec<u8>,
    ) -> Self {
        let content_type = match method {
            Method::PATCH => "application/merge-patch+json",
            _ => "application/json",
        };
        Self {
            method,
            path,
            resource,
            name,
            content: Some((content_type, content)),
        }
    }

    fn request(&self) -> Result<Request<Body>, Failure> {
        let builder = Request::builder()
            .method(self.method.clone())
            .uri(&self.path)
            .header(http::header::ACCEPT, "application/json");
        match &self.content {
            Some((content_type, content)) => builder
                .header(http::header::CONTENT_TYPE, *content_type)
                .body(Body::from(content.clone())),
            None => builder.body(Body::empty()),
        }
        .map_err(|error| Failure::Unreachable(error.to_string()))
    }
}

impl Client {
    /// A client for the cluster of `config`. Each request may take `timeout`, retries included.
    ///
    /// # Errors
    /// If TLS or authentication cannot be set up as the configuration says.
    pub(crate) fn new(
        mut config: kube::Config,
        timeout: Duration,
        telemetry: Arc<Telemetry>,
    ) -> Result<Self, kube::Error> {
        // We retry ourselves, within the request's deadline; kube's own retries would go on for
        // minutes if an aggregated API is down.
        config.default_retry = false;
        config.connect_timeout = Some(timeout);
        let address = config.cluster_url.to_string();
        let kube = kube::Client::try_from(config)?;
        Ok(Self::over(kube, &address, timeout, telemetry))
    }

    /// A client that sends its requests through `kube`; `address` appears in error messages.
    pub(crate) fn over(
        kube: kube::Client,
        address: &str,
        timeout: Duration,
        telemetry: Arc<Telemetry>,
    ) -> Self {
        Self {
            kube,
            address: address.trim_end_matches('/').into(),
            timeout,
            telemetry,
        }
    }

    /// How long one request may take.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends a request and decodes the response.
    pub(crate) async fn call<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Failure> {
        decode(&self.bytes(call).await?)
    }

    /// Sends a request and reads the whole response. Retries when the server says when to.
    pub(crate) async fn bytes(&self, call: Call<'_>) -> Result<hyper::body::Bytes, Failure> {
        let span = spans::request(call.method.as_str(), &call.path);
        let result = self.with_retries(call).instrument(span.clone()).await;
        if let Err(failure) = &result {
            spans::failed(&span, &failure.to_string());
        }
        result
    }

    async fn with_retries(&self, call: Call<'_>) -> Result<hyper::body::Bytes, Failure> {
        let deadline = Instant::now() + self.timeout;
        let mut retries = 0;
        loop {
            let begin = Instant::now();
            let response = timeout_at(deadline, self.attempt(&call)).await;
            let (result, code, wait) = match response {
                Ok(Ok((status, wait, body))) => {
                    Span::current().record("http.response.status_code", status.as_u16());
                    let result = if status.is_success() {
                        Ok(body)
                    } else {
                        Err(refusal(&call, status, &body))
                    };
                    (result, status.as_str().to_owned(), wait)
                }
                Ok(Err(error)) => (Err(error), String::from("<error>"), None),
                Err(_) => {
                    let error = self.unreachable(&call, "context deadline exceeded");
                    (Err(error), String::from("<error>"), None)
                }
            };
            let (method, resource) = (call.method.as_str(), resource_label(call.resource));
            self.telemetry
                .requested(method, resource, &code, begin.elapsed());
            match (result, wait) {
                (Err(error), Some(wait))
                    if error.is_transient()
                        && retries < MAX_RETRIES
                        && Instant::now() + wait < deadline =>
                {
                    retries += 1;
                    sleep(wait).await;
                }
                (result, _) => return result,
            }
        }
    }

    /// Opens a stream; the caller reads the body.
    pub(crate) async fn stream(&self, call: Call<'_>) -> Result<Response<Body>, Failure> {
        let deadline = Instant::now() + self.timeout;
        let opening = async {
            let response = self.send(&call).await?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            let body = self.read(&call, response).await?;
            Err(refusal(&call, status, &body))
        };
        match timeout_at(deadline, opening).await {
            Ok(result) => result,
            Err(_) => Err(self.unreachable(&call, "context deadline exceeded")),
        }
    }

    async fn send(&self, call: &Call<'_>) -> Result<Response<Body>, Failure> {
        let mut request = call.request()?;
        spans::propagate(request.headers_mut());
        let sent = self.kube.send(request).await;
        sent.map_err(|error| self.unreachable(call, &root_cause(&error)))
    }

    async fn read(
        &self,
        call: &Call<'_>,
        response: Response<Body>,
    ) -> Result<hyper::body::Bytes, Failure> {
        let read = Limited::new(response.into_body(), MAX_RESPONSE)
            .collect()
            .await;
        read.map(http_body_util::Collected::to_bytes)
            .map_err(|error| self.unreachable(call, &root_cause(&*error)))
    }

    /// One attempt: status, the wait that the server asks for, and the whole response.
    async fn attempt(
        &self,
        call: &Call<'_>,
    ) -> Result<(StatusCode, Option<Duration>, hyper::body::Bytes), Failure> {
        let response = self.send(call).await?;
        let status = response.status();
        let wait = retry_after(&response);
        Ok((status, wait, self.read(call, response).await?))
    }

    /// An error worded as by Go's HTTP client.
    fn unreachable(&self, call: &Call<'_>, error: &str) -> Failure {
        let method = call.method.as_str();
        let method = format!("{}{}", &method[..1], method[1..].to_ascii_lowercase());
        let address = &self.address;
        Failure::Unreachable(format!("{method} \"{address}{}\": {error}", call.path))
    }
}

/// Decodes a response.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes)
        .map_err(|error| Failure::Unreadable(format!("couldn't decode the response: {error}")))
}

/// The error that a status code and its body stand for.
///
/// Upstream: apimachinery, `NewGenericServerResponse`.
fn refusal(call: &Call<'_>, status: StatusCode, body: &[u8]) -> Failure {
    let code = status.as_u16();
    if let Ok(status) = serde_json::from_slice::<ApiStatus>(body)
        && status.kind == "Status"
    {
        return Failure::Refused {
            code,
            reason: status.reason,
            message: status.message,
        };
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let (reason, message) = match code {
        401 => (
            "Unauthorized",
            String::from("the server has asked for the client to provide credentials"),
        ),
        403 => ("Forbidden", text.to_owned()),
        404 => (
            "NotFound",
            String::from("the server could not find the requested resource"),
        ),
        409 => ("Conflict", String::from("the server reported a conflict")),
        410 => ("Gone", text.to_owned()),
        429 => (
            "TooManyRequests",
            String::from(
                "the server has received too many requests and has asked us to try again later",
            ),
        ),
        503 => (
            "ServiceUnavailable",
            String::from("the server is currently unable to handle the request"),
        ),
        504 => (
            "Timeout",
            String::from(
                "the server was unable to return a response in the time allotted, but may still be processing the request",
            ),
        ),
        500.. => (
            "InternalError",
            format!(
                "an error on the server (\"{text}\") has prevented the request from succeeding"
            ),
        ),
        _ => (
            "",
            format!(
                "the server responded with the status code {code} but did not return more information"
            ),
        ),
    };
    let verb = call.method.as_str().to_ascii_lowercase();
    let about = format!("{verb} {} {}", call.resource, call.name);
    Failure::Refused {
        code,
        reason: reason.to_owned(),
        message: format!("{message} ({})", about.trim_end()),
    }
}

/// The resource label of a request's metrics. External metrics share one, or every metric name would
/// add a series.
fn resource_label(resource: &str) -> &str {
    const EXTERNAL: &str = "external.metrics.k8s.io";
    if resource.ends_with(EXTERNAL) {
        EXTERNAL
    } else {
        resource
    }
}

/// The wait in a `Retry-After` header, if it is given in seconds.
fn retry_after<B>(response: &Response<B>) -> Option<Duration> {
    let text = response.headers().get(http::header::RETRY_AFTER)?;
    let seconds = text.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The innermost error: `connection refused` rather than `ServiceError`.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// What a path segment or query value keeps as it is: the unreserved characters of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes a path segment or query value.
pub(crate) fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, UNRESERVED)
}
