//! A fake Kubernetes API server: versioned objects, watches, subresources, metrics, faults, and a log
//! of all requests.
//!
//! It is called in memory, through [`Server::respond`], so that tests can pause the clock, or over HTTP
//! on loopback, through [`Server::listen`], by other processes.

#![expect(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a crate for tests, which panic if something is wrong"
)]

mod faults;
pub mod fixtures;
mod http;
mod routes;
mod store;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

pub use faults::{Answer, Fault};
pub use http::{Body, Cut};
pub use store::{AnyMetric, Event, Request, Version, World};

/// After which time a test that waits for something fails.
const WATCHDOG: Duration = Duration::from_mins(1);

/// A server; its clones share one world.
#[derive(Clone, Debug)]
pub struct Server {
    world: Arc<Mutex<World>>,
    changed: watch::Sender<u64>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            world: Arc::default(),
            changed: watch::channel(0).0,
        }
    }
}

impl Server {
    /// Serves over HTTP on loopback as long as the runtime lives; returns the URL.
    pub async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(http::serve(listener, self.clone()));
        address
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

    /// Deletes an object.
    pub fn delete(&self, path: &str) {
        self.with(|world| world.delete(path));
    }

    /// The object at that path.
    #[track_caller]
    pub fn object(&self, path: &str) -> Value {
        let found = self.lock().objects.get(path).cloned();
        found.unwrap_or_else(|| panic!("there is no {path}"))
    }

    /// Sets what a metrics API answers at that path, whatever the query.
    pub fn metrics(&self, path: &str, answer: Value) {
        self.with(|world| world.answers.insert(path.to_owned(), answer));
    }

    /// Adds a fault.
    pub fn fault(&self, fault: Fault) {
        self.with(|world| world.faults.push(fault));
    }

    /// Removes all faults.
    pub fn mend(&self) {
        self.with(|world| world.faults.clear());
    }

    /// The requests so far with that method and a path that contains `part`.
    pub fn requests(&self, method: &str, part: &str) -> Vec<Request> {
        let world = self.lock();
        let fits = |request: &&Request| request.fits(method, part);
        world.requests.iter().filter(fits).cloned().collect()
    }

    /// All requests so far.
    pub fn requests_all(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    /// Waits until `wanted` holds.
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
        if tokio::time::timeout(WATCHDOG, wait).await.is_err() {
            // Unlock before panicking, as that would poison the mutex.
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
