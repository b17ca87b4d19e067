//! Serves `/metrics`, `/livez` and `/readyz` over HTTP.

use std::convert::Infallible;
use std::io;
use std::net::{AddrParseError, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::health::Health;
use crate::telemetry::{self, Telemetry};

/// The maximum number of concurrent connections.
const CONNECTIONS: usize = 64;
/// The timeout for reading a request's headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// What is served.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    pub(crate) telemetry: Arc<Telemetry>,
    /// Whether all objects have been listed.
    pub(crate) ready: watch::Receiver<bool>,
    pub(crate) health: Arc<Health>,
}

/// Why an address cannot be served on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error("--bind-address {0}: {1}")]
    Invalid(String, AddrParseError),
    #[error("--bind-address {0}: {1}")]
    Unavailable(SocketAddr, io::Error),
}

/// Listens on `address`, which has the form `host:port` with an IP address as the host.
///
/// # Errors
/// If the address is invalid or cannot be listened on.
pub(crate) async fn bind(address: &str) -> Result<TcpListener, BindError> {
    let parsed: SocketAddr = address
        .parse()
        .map_err(|error| BindError::Invalid(address.to_owned(), error))?;
    TcpListener::bind(parsed)
        .await
        .map_err(|error| BindError::Unavailable(parsed, error))
}

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener, pages: Pages) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Most likely out of file descriptors: retrying at once would not help.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let pages = pages.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let response = pages.answer(&request);
                async move { Ok::<_, Infallible>(response) }
            });
            // An error means that the client disconnected.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            drop(permit);
        });
    }
}

impl Pages {
    /// The response to a request.
    pub(crate) fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return text(
                StatusCode::METHOD_NOT_ALLOWED,
                "only GET and HEAD are supported\n",
            );
        }
        match request.uri().path() {
            "/metrics" => {
                let mut response = text(StatusCode::OK, self.telemetry.render());
                let form = HeaderValue::from_static(telemetry::CONTENT_TYPE);
                response.headers_mut().insert(CONTENT_TYPE, form);
                response
            }
            "/livez" => match self.health.problem() {
                None => text(StatusCode::OK, "ok\n"),
                Some(problem) => {
                    tracing::error!(problem, "no progress");
                    text(StatusCode::SERVICE_UNAVAILABLE, format!("{problem}\n"))
                }
            },
            "/readyz" if *self.ready.borrow() => text(StatusCode::OK, "ok\n"),
            "/readyz" => text(
                StatusCode::SERVICE_UNAVAILABLE,
                "autoscalers and pods have not been listed yet\n",
            ),
            _ => text(StatusCode::NOT_FOUND, "try /metrics, /livez or /readyz\n"),
        }
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response
}
