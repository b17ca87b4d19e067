//! The page's interface to the core: parsing a text and running it.

use std::ops::Deref;
use std::sync::Arc;

use hpa_simulation::experiment::Experiment;

pub use hpa_core::manifest::Diagnostic;
pub use hpa_simulation::chart::time_range::{length, seconds, timestamp};
pub use hpa_simulation::experiment::presets::PHP_APACHE;
pub use hpa_simulation::experiment::{Parsed, Run};

/// Parses a text of manifests and experiment settings.
#[must_use]
pub fn read(text: &str) -> Parsed {
    Experiment::parse(text)
}

/// Runs what was parsed; `None` if it has errors.
#[must_use]
pub fn run(parsed: &Parsed) -> Option<Run> {
    parsed.experiment.as_ref().map(Experiment::run)
}

/// A shared immutable value, compared by identity so that comparing is cheap.
#[derive(Debug)]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
