//! `/metrics`, `/livez` and `/readyz` over HTTP.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::health::Vitals;
use super::telemetry::Telemetry;

/// How many connections are served side by side.
const CONNECTIONS: usize = 64;
/// How long a request's head may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is served.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    pub(crate) telemetry: Arc<Telemetry>,
    /// Whether all objects have been listed.
    pub(crate) ready: watch::Receiver<bool>,
    pub(crate) vitals: Arc<Vitals>,
}

/// Opens the address.
///
/// # Errors
/// Why it cannot be opened.
pub(crate) async fn bind(address: &str) -> Result<TcpListener, String> {
    let parsed: SocketAddr = address
        .parse()
        .map_err(|error| format!("--bind-address {address}: {error}"))?;
    let opened = TcpListener::bind(parsed).await;
    opened.map_err(|error| format!("--bind-address {address}: {error}"))
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
                // Out of file handles, most likely: asking again at once would not help.
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
            // A client that went away is no concern of ours.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            drop(permit);
        });
    }
}

impl Pages {
    /// The answer to a request.
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        }
        match request.uri().path() {
            "/metrics" => {
                let mut response = text(StatusCode::OK, self.telemetry.render());
                let form = http::HeaderValue::from_static("text/plain; version=0.0.4");
                response.headers_mut().insert(CONTENT_TYPE, form);
                response
            }
            "/livez" => match self.vitals.problem() {
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
