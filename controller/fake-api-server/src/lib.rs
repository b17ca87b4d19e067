//! A fake API server: objects with versions, watches, subresources, metrics, faults, a journal.

#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    missing_debug_implementations,
    reason = "a test fails by a panic, and no one but tests calls this"
)]

mod faults;
mod http;
mod objects;
mod page;
mod routes;
mod store;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

pub use faults::{Answer, Fault};
pub use objects::*;
pub use page::{page, try_page};
pub use store::{AnyMetric, Request, World};

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; it stops when the runtime of its test does.
#[derive(Clone)]
pub struct Server {
    world: Arc<Mutex<World>>,
    changed: watch::Sender<u64>,
    pub address: String,
}

impl Server {
    /// Starts a server without objects.
    pub async fn start() -> Self {
        let (changed, _) = watch::channel(0);
        let world = Arc::new(Mutex::new(World::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Self {
            world,
            changed,
            address,
        };
        tokio::spawn(http::serve(listener, server.clone()));
        server
    }

    /// Reads or changes the world.
    pub fn with<T>(&self, f: impl FnOnce(&mut World) -> T) -> T {
        let result = f(&mut self.lock());
        self.changed.send_modify(|changes| *changes += 1);
        result
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Creates or replaces an object.
    pub fn put(&self, path: &str, object: Value) {
        self.with(|world| world.put(path, object));
    }

    pub fn delete(&self, path: &str) {
        self.with(|world| world.delete(path));
    }

    /// The object at that path.
    #[track_caller]
    pub fn object(&self, path: &str) -> Value {
        let found = self.lock().objects.get(path).cloned();
        found.unwrap_or_else(|| panic!("there is no {path}"))
    }

    /// What the metrics API answers at that path, whatever the query.
    pub fn metrics(&self, path: &str, answer: Value) {
        self.with(|world| world.answers.insert(path.to_owned(), answer));
    }

    pub fn fault(&self, fault: Fault) {
        self.with(|world| world.faults.push(fault));
    }

    pub fn mend(&self) {
        self.with(|world| world.faults.clear());
    }

    /// The requests so far whose method and path fit.
    pub fn requests(&self, method: &str, part: &str) -> Vec<Request> {
        let world = self.lock();
        let fits = |request: &&Request| request.fits(method, part);
        world.requests.iter().filter(fits).cloned().collect()
    }

    /// All requests so far.
    pub fn requests_all(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    /// Waits until the world is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&World) -> bool) {
        let mut changes = self.changed.subscribe();
        let wait = async {
            loop {
                changes.borrow_and_update();
                if wanted(&self.lock()) {
                    return;
                }
                changes.changed().await.unwrap();
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            // The lock is given back first: it would be poisoned.
            let last: Vec<_> = self
                .lock()
                .requests
                .iter()
                .rev()
                .take(20)
                .cloned()
                .collect();
            panic!("waited in vain until {what}; the last requests: {last:#?}");
        }
    }
}
