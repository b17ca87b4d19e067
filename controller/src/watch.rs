//! Lists and watches one kind of object, for as long as the process lives.
//!
//! Upstream: client-go, `tools/cache/reflector.go`. Unlike kube's watcher this one backs off when the
//! server closes each watch at once, and skips only the object that it cannot decode.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http_body_util::BodyExt as _;
use kube::client::Body;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer as _};
use serde_json::value::RawValue;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

use crate::api_objects::{Meta, Watched, nullable};
use crate::backoff::{Backoff, BackoffPolicy};
use crate::client::{ApiStatus, Call, Client, Failure, decode, encode, root_cause};
use crate::health::{Health, Heartbeat, SLACK};
use crate::mutex::lock;
use crate::telemetry::Telemetry;

/// Objects per page of a list.
const PAGE: u32 = 500;
/// How long the server is asked to keep a watch open \[s\].
const WATCH_SECONDS: u64 = 290;
/// How long a connection may be silent before it counts as dead.
const MAX_SILENCE: Duration = Duration::from_secs(WATCH_SECONDS + 10);
/// The longest event that is read \[bytes\].
const MAX_EVENT: usize = 16 << 20;

/// Keeps the objects of one kind.
pub(crate) trait Store<T>: Send + 'static {
    /// A list of all objects starts.
    fn begin_list(&mut self);
    /// An object was listed, added or modified.
    fn apply(&mut self, object: T);
    /// An object was deleted.
    fn delete(&mut self, object: &T);
    /// The list is complete: objects that it did not contain are gone.
    fn end_list(&mut self);
}

/// Which objects to watch.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The path of the list.
    pub(crate) path: String,
    /// The resource as messages name it.
    pub(crate) resource: &'static str,
    /// A label selector; empty selects everything.
    pub(crate) selector: String,
}

/// A watch and what it works with.
#[derive(Debug)]
pub(crate) struct Watch<S> {
    pub(crate) client: Client,
    pub(crate) source: Source,
    pub(crate) store: Arc<Mutex<S>>,
    /// Notified after each change of the store.
    pub(crate) changed: Arc<Notify>,
    /// Becomes true with the first complete list.
    pub(crate) listed: watch::Sender<bool>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) backoff: BackoffPolicy,
    pub(crate) health: Arc<Health>,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    metadata: PageMeta,
    #[serde(borrow, default, deserialize_with = "nullable")]
    items: Vec<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PageMeta {
    resource_version: String,
    r#continue: String,
}

#[derive(Deserialize)]
struct Event<'a> {
    r#type: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Deserialize)]
struct OnlyMeta {
    metadata: Meta,
}

/// Why a watch ended.
#[derive(Debug)]
enum End {
    /// The server closed it, as it does every few minutes.
    Closed,
    /// The resource version has expired: everything must be listed again.
    Gone,
    /// Anything else.
    Failed(Failure),
}

impl<S> Watch<S> {
    /// Runs until it is dropped.
    pub(crate) async fn run<T>(self)
    where
        T: Watched,
        S: Store<T>,
    {
        let mut backoff = Backoff::new(self.backoff);
        let mut version: Option<String> = None;
        let heartbeat = self.heartbeat();
        loop {
            let begin = Instant::now();
            heartbeat.beat();
            let reason = match &mut version {
                None => match self.list(&heartbeat).await {
                    Ok(listed) => {
                        version = Some(listed);
                        self.listed.send_replace(true);
                        continue;
                    }
                    Err(failure) => {
                        self.warn("list failed", &failure);
                        "list_failed"
                    }
                },
                Some(at) => match self.follow(at, &heartbeat).await {
                    End::Closed => "closed",
                    End::Gone => {
                        version = None;
                        "gone"
                    }
                    End::Failed(failure) => {
                        self.warn("watch failed", &failure);
                        "failed"
                    }
                },
            };
            self.telemetry.watch_restarted(self.source.resource, reason);
            if begin.elapsed() > self.backoff.reset_after {
                backoff.reset();
            } else {
                // After an orderly end too, in case the server closes each watch at once.
                sleep(backoff.next()).await;
            }
        }
    }

    /// A heartbeat that expects a sign within a silent connection, a backoff and two requests.
    fn heartbeat(&self) -> Heartbeat {
        let requests = self.client.timeout().saturating_mul(2);
        let max_silence = MAX_SILENCE + self.backoff.longest_wait() + SLACK;
        Heartbeat::start(
            Arc::clone(&self.health),
            self.source.resource,
            max_silence.saturating_add(requests),
        )
    }

    fn warn(&self, what: &str, failure: &Failure) {
        tracing::warn!(resource = self.source.resource, error = %failure, "{what}");
    }

    fn lock(&self) -> MutexGuard<'_, S> {
        lock(&self.store)
    }

    /// Lists everything, page by page, and returns the resource version to watch from.
    async fn list<T>(&self, heartbeat: &Heartbeat) -> Result<String, Failure>
    where
        T: Watched,
        S: Store<T>,
    {
        self.lock().begin_list();
        let mut page = self.page("").await?;
        loop {
            // Request the next page first, so that the server works while we decode this one.
            let token = head(&page).map(|head| head.r#continue);
            let token = token.filter(|token| !token.is_empty());
            let requesting = async {
                match &token {
                    Some(token) => self.page(token).await.map(Some),
                    None => Ok(None),
                }
            };
            let decoding = async {
                // Let the request go out.
                tokio::task::yield_now().await;
                self.take_page::<T>(&page)
            };
            let (next, metadata) = tokio::join!(requesting, decoding);
            let metadata = metadata?;
            heartbeat.beat();
            self.changed.notify_one();
            if metadata.r#continue.is_empty() {
                return Ok(metadata.resource_version);
            }
            page = match next? {
                Some(next) => next,
                None => self.page(&metadata.r#continue).await?,
            };
        }
    }

    /// The page that a continue token stands for; the first page if it is empty.
    async fn page(&self, token: &str) -> Result<hyper::body::Bytes, Failure> {
        let mut path = format!("{}?limit={PAGE}", self.source.path);
        if !self.source.selector.is_empty() {
            path.push_str(&format!("&labelSelector={}", encode(&self.source.selector)));
        }
        if !token.is_empty() {
            path.push_str(&format!("&continue={}", encode(token)));
        }
        let call = Call::get(path, self.source.resource, "");
        self.client.bytes(call).await
    }

    /// Stores the objects of one page as they are decoded.
    fn take_page<T>(&self, bytes: &[u8]) -> Result<PageMeta, Failure>
    where
        T: Watched,
        S: Store<T>,
    {
        let mut store = self.lock();
        let mut reading = serde_json::Deserializer::from_slice(bytes);
        let page = PageVisitor(|object: T| store.apply(object), PhantomData);
        let read = reading.deserialize_map(page);
        let metadata = match read.and_then(|metadata| reading.end().map(|()| metadata)) {
            Ok(metadata) => metadata,
            // Storing the objects before the undecodable one again changes nothing.
            Err(_) => self.salvage_page::<T>(bytes, &mut store)?,
        };
        if metadata.r#continue.is_empty() {
            store.end_list();
        }
        Ok(metadata)
    }

    /// Stores the objects of a page with an undecodable one in it, skipping that one.
    fn salvage_page<T>(&self, bytes: &[u8], store: &mut S) -> Result<PageMeta, Failure>
    where
        T: Watched,
        S: Store<T>,
    {
        let Page { metadata, items } = decode::<Page<'_>>(bytes)?;
        for item in items {
            match decode::<T>(item.get().as_bytes()) {
                Ok(object) => store.apply(object),
                Err(failure) => self.warn("skipped an object that cannot be decoded", &failure),
            }
        }
        Ok(metadata)
    }

    /// Watches from `version`, which it advances, until the watch ends.
    async fn follow<T>(&self, version: &mut String, heartbeat: &Heartbeat) -> End
    where
        T: Watched,
        S: Store<T>,
    {
        let mut path = format!(
            "{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={}",
            self.source.path,
            encode(version)
        );
        if !self.source.selector.is_empty() {
            path.push_str(&format!("&labelSelector={}", encode(&self.source.selector)));
        }
        let call = Call::get(path, self.source.resource, "");
        let mut body = match self.client.stream(call).await {
            Ok(response) => response.into_body(),
            Err(failure) if failure.is_gone() => return End::Gone,
            Err(failure) => return End::Failed(failure),
        };
        let mut lines = Lines::default();
        loop {
            heartbeat.beat();
            match lines.next(&mut body).await {
                Ok(Some(line)) => match self.handle(&line, version) {
                    Ok(()) => self.changed.notify_one(),
                    Err(end) => return end,
                },
                Ok(None) => return End::Closed,
                Err(failure) => return End::Failed(failure),
            }
        }
    }

    /// Handles one event.
    fn handle<T>(&self, line: &[u8], version: &mut String) -> Result<(), End>
    where
        T: Watched,
        S: Store<T>,
    {
        // The line is not an event, so we may have missed something: list again.
        let event: Event<'_> = decode(line).map_err(|_| End::Gone)?;
        let object = event.object.get().as_bytes();
        if event.r#type == "ERROR" {
            let status: ApiStatus = decode(object).unwrap_or_default();
            return Err(if status.code == 410 {
                End::Gone
            } else {
                End::Failed(Failure::Refused {
                    code: status.code,
                    reason: status.reason,
                    message: status.message,
                })
            });
        }
        if event.r#type == "BOOKMARK" {
            let bookmark: OnlyMeta = decode(object).map_err(|_| End::Gone)?;
            *version = bookmark.metadata.resource_version;
            return Ok(());
        }
        match decode::<T>(object) {
            Ok(object) => {
                object.version().clone_into(version);
                let mut store = self.lock();
                if event.r#type == "DELETED" {
                    store.delete(&object);
                } else {
                    store.apply(object);
                }
            }
            Err(failure) => {
                self.warn("skipped an object that cannot be decoded", &failure);
                let meta: OnlyMeta = decode(object).map_err(|_| End::Gone)?;
                *version = meta.metadata.resource_version;
            }
        }
        Ok(())
    }
}

/// Passes each item of a page on as it is decoded, and returns the page's metadata.
struct PageVisitor<F, T>(F, PhantomData<T>);

impl<'de, F: FnMut(T), T: Deserialize<'de>> Visitor<'de> for PageVisitor<F, T> {
    type Value = PageMeta;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<PageMeta, A::Error> {
        let mut metadata = PageMeta::default();
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "metadata" => metadata = map.next_value()?,
                "items" => map.next_value_seed(Items(&mut self.0, PhantomData))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(metadata)
    }
}

struct Items<'a, F, T>(&'a mut F, PhantomData<T>);

impl<'de, F: FnMut(T), T: Deserialize<'de>> DeserializeSeed<'de> for Items<'_, F, T> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(T), T: Deserialize<'de>> Visitor<'de> for Items<'_, F, T> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("items")
    }

    /// Go writes an empty list as null.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(object) = items.next_element()? {
            (self.0)(object);
        }
        Ok(())
    }
}

/// A page's metadata, if it comes before the items, as API servers send it.
fn head(bytes: &[u8]) -> Option<PageMeta> {
    /// Stops after the metadata.
    struct UpToMeta<'a>(&'a mut Option<PageMeta>);

    impl<'de> Visitor<'de> for UpToMeta<'_> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<&str>()? {
                match key {
                    "metadata" => {
                        *self.0 = Some(map.next_value()?);
                        break;
                    }
                    "items" => break,
                    _ => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            Ok(())
        }
    }

    let mut found = None;
    // The rest of the page is not read, which is an error that does not matter here.
    let _ = serde_json::Deserializer::from_slice(bytes).deserialize_map(UpToMeta(&mut found));
    found
}

/// Splits a body that arrives in chunks into lines.
#[derive(Default)]
struct Lines {
    buffer: Vec<u8>,
    /// The length of the buffer's start that contains no newline.
    searched: usize,
}

impl Lines {
    /// The next line; `None` at the end. An incomplete last line is dropped; the next watch
    /// delivers it again.
    async fn next(&mut self, body: &mut Body) -> Result<Option<Vec<u8>>, Failure> {
        loop {
            let rest = &self.buffer[self.searched..];
            if let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
                let end = self.searched + at;
                let line = self.buffer.drain(..=end).collect();
                self.searched = 0;
                return Ok(Some(line));
            }
            self.searched = self.buffer.len();
            if self.buffer.len() > MAX_EVENT {
                return Err(Failure::Unreadable(String::from(
                    "a watch event is too long",
                )));
            }
            match timeout(MAX_SILENCE, body.frame()).await {
                Err(_) => return Err(Failure::Unreachable(String::from("the watch went silent"))),
                Ok(None) => return Ok(None),
                Ok(Some(Err(error))) => return Err(Failure::Unreachable(root_cause(&error))),
                Ok(Some(Ok(frame))) => {
                    if let Some(data) = frame.data_ref() {
                        self.buffer.extend_from_slice(data);
                    }
                }
            }
        }
    }
}
