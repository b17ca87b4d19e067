//! Lists and then follows one kind of object, for as long as the process lives.
//!
//! Upstream: client-go, `tools/cache/reflector.go`. Unlike kube's watcher it waits before it opens
//! a watch again that the server closed at once, and a broken object costs itself only.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt as _;
use kube::client::Body;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer as _};
use serde_json::value::RawValue;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

use super::api_objects::{Meta, Watched, nullable};
use super::backoff::{Backoff, Pace};
use super::client::{ApiStatus, Call, Client, Failure, decode, encode, innermost};
use super::health::{Pulse, Vitals};
use super::telemetry::Telemetry;

/// Objects asked for at a time.
const PAGE: u32 = 500;
/// How long the server shall keep a watch open \[s\].
const WATCH_SECONDS: u64 = 290;
/// After which silence a connection counts as dead.
pub(crate) const LONGEST_SILENCE: Duration = Duration::from_secs(WATCH_SECONDS + 10);
/// The longest event that is read \[bytes\].
const MAX_EVENT: usize = 16 << 20;

/// Where the objects of one kind are kept.
pub(crate) trait Store<T>: Send + 'static {
    /// A list of all objects begins.
    fn begin_list(&mut self);
    /// An object is there, or has changed.
    fn apply(&mut self, object: T);
    /// An object is gone.
    fn delete(&mut self, object: &T);
    /// The list is complete: what it did not name is gone.
    fn end_list(&mut self);
}

/// What is watched.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The path of the list.
    pub(crate) path: String,
    /// The resource as messages name it.
    pub(crate) resource: &'static str,
    /// Which objects; empty means all.
    pub(crate) selector: String,
}

/// A watch with what it needs.
#[derive(Debug)]
pub(crate) struct Watch<S> {
    pub(crate) client: Client,
    pub(crate) source: Source,
    pub(crate) store: Arc<Mutex<S>>,
    /// Told after each change.
    pub(crate) changed: Arc<Notify>,
    /// Becomes true with the first complete list.
    pub(crate) listed: watch::Sender<bool>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) pace: Pace,
    pub(crate) vitals: Arc<Vitals>,
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
    /// The server has forgotten the version: everything must be listed again.
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
        let mut backoff = Backoff::new(self.pace);
        let mut version: Option<String> = None;
        let pulse = Pulse::begin(Arc::clone(&self.vitals), self.source.resource);
        loop {
            let begin = Instant::now();
            pulse.beat();
            let reason = match &mut version {
                None => match self.list(&pulse).await {
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
                Some(at) => match self.follow(at, &pulse).await {
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
            if begin.elapsed() > self.pace.calm {
                backoff.reset();
            } else {
                // However it ended: a server that closes each watch at once is not asked at once.
                sleep(backoff.next()).await;
            }
        }
    }

    fn warn(&self, what: &str, failure: &Failure) {
        tracing::warn!(resource = self.source.resource, error = %failure, "{what}");
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, S> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists everything, page by page; the version to watch from.
    async fn list<T>(&self, pulse: &Pulse) -> Result<String, Failure>
    where
        T: Watched,
        S: Store<T>,
    {
        self.lock().begin_list();
        let mut page = self.page("").await?;
        loop {
            // What comes next is asked for first, so that the server is busy while we are.
            let token = head(&page).map(|head| head.r#continue);
            let token = token.filter(|token| !token.is_empty());
            let asking = async {
                match &token {
                    Some(token) => self.page(token).await.map(Some),
                    None => Ok(None),
                }
            };
            let reading = async {
                // Lets the request go out.
                tokio::task::yield_now().await;
                self.take_page::<T>(&page)
            };
            let (next, metadata) = tokio::join!(asking, reading);
            let metadata = metadata?;
            pulse.beat();
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

    /// The page to which a token leads; the first without one.
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

    /// Takes in one page of a list, object by object as they are read.
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
            // What came before is taken in again, which changes nothing.
            Err(_) => self.mend_page::<T>(bytes, &mut store)?,
        };
        if metadata.r#continue.is_empty() {
            store.end_list();
        }
        Ok(metadata)
    }

    /// Takes in a page with something broken in it: object by object it costs itself only.
    fn mend_page<T>(&self, bytes: &[u8], store: &mut S) -> Result<PageMeta, Failure>
    where
        T: Watched,
        S: Store<T>,
    {
        let Page { metadata, items } = decode::<Page<'_>>(bytes)?;
        for item in items {
            match decode::<T>(item.get().as_bytes()) {
                Ok(object) => store.apply(object),
                Err(failure) => self.warn("an object was left out", &failure),
            }
        }
        Ok(metadata)
    }

    /// Watches from `version` on, which moves along, until the watch ends.
    async fn follow<T>(&self, version: &mut String, pulse: &Pulse) -> End
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
            pulse.beat();
            match lines.next(&mut body).await {
                Ok(Some(line)) => match self.take(&line, version) {
                    Ok(()) => self.changed.notify_one(),
                    Err(end) => return end,
                },
                Ok(None) => return End::Closed,
                Err(failure) => return End::Failed(failure),
            }
        }
    }

    /// Takes in one event.
    fn take<T>(&self, line: &[u8], version: &mut String) -> Result<(), End>
    where
        T: Watched,
        S: Store<T>,
    {
        // Half a line, or one that is no event: what was missed can only be listed.
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
                self.warn("an object was left out", &failure);
                let meta: OnlyMeta = decode(object).map_err(|_| End::Gone)?;
                *version = meta.metadata.resource_version;
            }
        }
        Ok(())
    }
}

/// Hands each item of a page on as it is read, and gives what the page says of itself.
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

/// What a page says of itself, if it says so before its items, as API servers do.
fn head(bytes: &[u8]) -> Option<PageMeta> {
    /// Reads as far as to the metadata, and keeps it.
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
    // That more follows is an error, which does not matter here.
    let _ = serde_json::Deserializer::from_slice(bytes).deserialize_map(UpToMeta(&mut found));
    found
}

/// Takes lines out of a body that comes in pieces.
#[derive(Default)]
struct Lines {
    buffer: Vec<u8>,
    /// How much of the buffer is known to hold no end of line.
    searched: usize,
}

impl Lines {
    /// The next line; `None` at the end. Half a line at the end is dropped: it comes again.
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
                return Err(Failure::Unreadable(String::from("an event is too long")));
            }
            match timeout(LONGEST_SILENCE, body.frame()).await {
                Err(_) => return Err(Failure::Unreachable(String::from("the watch fell silent"))),
                Ok(None) => return Ok(None),
                Ok(Some(Err(error))) => return Err(Failure::Unreachable(innermost(&error))),
                Ok(Some(Ok(frame))) => {
                    if let Some(data) = frame.data_ref() {
                        self.buffer.extend_from_slice(data);
                    }
                }
            }
        }
    }
}
