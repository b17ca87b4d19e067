//! The HTTP of the fake API server: responses, streams and broken connections.

use std::convert::Infallible;

use futures_util::stream::{self, StreamExt as _};
use http::{Request as HttpRequest, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::routes::{self, Reply};
use super::{Answer, Request, Server};

/// The body of a response.
pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;

pub(super) async fn serve(listener: TcpListener, server: Server) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let server = server.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let server = server.clone();
                async move { server.respond(request).await }
            });
            // An error is a client that disconnected, or a response that was cut on purpose.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// The error of a connection that is cut on purpose.
#[derive(Debug)]
pub struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// Counts a request as open until it is dropped.
struct Open<'a>(&'a Server);

impl<'a> Open<'a> {
    fn new(server: &'a Server) -> Self {
        let mut world = server.lock();
        world.open += 1;
        world.most_open = world.most_open.max(world.open);
        drop(world);
        Self(server)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.lock().open -= 1;
    }
}

impl Server {
    /// Responds to a request.
    ///
    /// # Errors
    /// If a fault cuts the connection.
    pub async fn respond<B>(&self, request: HttpRequest<B>) -> Result<Response<Body>, Cut>
    where
        B: hyper::body::Body<Data = Bytes>,
    {
        handle(self, request).await
    }
}

async fn handle<B>(server: &Server, request: HttpRequest<B>) -> Result<Response<Body>, Cut>
where
    B: hyper::body::Body<Data = Bytes>,
{
    let _open = Open::new(server);
    let method = request.method().to_string();
    let path = percent_decode_str(request.uri().path());
    let path = path.decode_utf8().unwrap().into_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let traceparent = request.headers().get("traceparent");
    let traceparent = traceparent.map(|value| value.to_str().unwrap().to_owned());
    let body = request.into_body().collect().await.map_err(|_| Cut)?;
    let body: Value = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
    let fault = server.with(|world| {
        let hit = world
            .faults
            .iter_mut()
            .find(|fault| fault.hits(&method, &path));
        hit.map(|fault| {
            fault.times -= 1;
            fault.answer.clone()
        })
    });
    let at = tokio::time::Instant::now();
    let note = |status| {
        let request = Request {
            method: method.clone(),
            path: path.clone(),
            query: query.clone(),
            body: body.clone(),
            status,
            at,
            traceparent: traceparent.clone(),
        };
        server.with(|world| world.requests.push(request));
    };
    let plain = |status: u16, text: String| {
        note(status);
        let body = Full::new(Bytes::from(text)).map_err(|never: Infallible| match never {});
        Response::builder()
            .status(status)
            .body(body.boxed_unsync())
            .unwrap()
    };
    match fault {
        Some(Answer::Status(code, reason, message)) => {
            return Ok(plain(
                code,
                routes::status(code, reason, &message).to_string(),
            ));
        }
        Some(Answer::Plain(code, text)) => return Ok(plain(code, text.to_owned())),
        Some(Answer::RetryAfter(code, seconds)) => {
            let mut response = plain(
                code,
                routes::status(code, "TooManyRequests", "slow down").to_string(),
            );
            response.headers_mut().insert("retry-after", seconds.into());
            return Ok(response);
        }
        Some(Answer::Garbage(text)) => return Ok(plain(200, text.to_owned())),
        Some(Answer::Never) => {
            note(0);
            std::future::pending::<()>().await;
        }
        Some(Answer::Late(by)) => tokio::time::sleep(by).await,
        Some(Answer::Half | Answer::Lost) | None => {}
    }
    let reply = server.with(|world| routes::answer(world, &method, &path, &query, &body));
    match (reply, fault) {
        (Reply::Json(code, value), Some(Answer::Half)) => {
            note(code);
            let text = value.to_string();
            let half = Bytes::from(text[..text.len() / 2].to_owned());
            let cut = std::io::Error::other("cut on purpose");
            let parts = stream::iter([Ok(Frame::data(half)), Err(cut)]);
            let body = BodyExt::boxed_unsync(StreamBody::new(parts));
            let response = Response::builder().header("content-length", text.len());
            Ok(response.status(code).body(body).unwrap())
        }
        (Reply::Json(..), Some(Answer::Lost)) => {
            note(0);
            Err(Cut)
        }
        (Reply::Json(code, value), _) => Ok(plain(code, text(&value))),
        (
            Reply::Watch {
                collection,
                selector,
                from,
            },
            _,
        ) => {
            note(200);
            Ok(Response::new(watch(
                server.clone(),
                collection,
                selector,
                from,
            )))
        }
    }
}

/// A response as the API server writes it: the items of a list come last.
fn text(value: &Value) -> String {
    if value["kind"] != "List" {
        return value.to_string();
    }
    let (metadata, items) = (&value["metadata"], &value["items"]);
    format!("{{\"kind\":\"List\",\"metadata\":{metadata},\"items\":{items}}}")
}

/// The state of one watch.
struct Watcher {
    server: Server,
    collection: String,
    selector: String,
    sent: u64,
    hang_ups: u64,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.server.with(|world| world.watches -= 1);
    }
}

fn watch(server: Server, collection: String, selector: String, from: u64) -> Body {
    let hang_ups = server.with(|world| {
        world.watches += 1;
        world.hang_ups
    });
    let watcher = Watcher {
        server,
        collection,
        selector,
        sent: from,
        hang_ups,
    };
    let chunks = stream::unfold(watcher, async |mut watcher| {
        let mut chunk = watcher.next().await?;
        // As on a network, frames end anywhere.
        let rest = chunk.split_off(chunk.len() / 2);
        Some((stream::iter([chunk, rest]), watcher))
    });
    let frames = chunks.flatten().map(|chunk| Ok(Frame::data(chunk)));
    BodyExt::boxed_unsync(StreamBody::new(frames.boxed()))
}

impl Watcher {
    /// The next events, or none at the end of the watch.
    async fn next(&mut self) -> Option<Bytes> {
        let mut changes = self.server.changed.subscribe();
        loop {
            changes.borrow_and_update();
            {
                let world = self.server.lock();
                if world.hang_ups != self.hang_ups {
                    return None;
                }
                if self.sent < world.oldest {
                    self.sent = u64::MAX;
                    let gone = routes::status(410, "Expired", "too old resource version");
                    let line = json!({"type": "ERROR", "object": gone}).to_string() + "\n";
                    return Some(line.into());
                }
                let mut lines = String::new();
                let from = world
                    .history
                    .partition_point(|event| event.version <= self.sent);
                for event in &world.history[from..] {
                    if super::store::belongs(&event.path, &self.collection)
                        && super::store::selected(&event.object, &self.selector)
                    {
                        let line = json!({"type": event.kind, "object": event.object});
                        lines.push_str(&line.to_string());
                        lines.push('\n');
                    }
                }
                if self.sent != u64::MAX {
                    self.sent = self.sent.max(world.version);
                }
                if !lines.is_empty() {
                    return Some(lines.into());
                }
            }
            changes.changed().await.ok()?;
        }
    }
}
