//! A status and events in the making, while one sync decides.

use super::message::{Event, Message, Reason};
use super::observation::{Observation, Scale};
use super::spec::Spec;
use super::status::{Condition, ConditionStatus, ConditionType, Status};
use crate::api::{Selector, SelectorError};
use crate::time::Timestamp;

/// What a sync that looks at metrics is decided from.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    /// The autoscaler's specification.
    pub(super) spec: &'a Spec,
    /// The scale, which could be read.
    pub(super) scale: &'a Scale,
    /// Everything else that was read.
    pub(super) observation: &'a Observation,
}

/// The status and the events of the sync under way.
pub(super) struct Draft {
    /// The status so far.
    pub(super) status: Status,
    /// The events so far.
    pub(super) events: Vec<Event>,
    /// The time of the sync.
    pub(super) now: Timestamp,
    /// The generation for conditions, where the version reports it.
    pub(super) generation: Option<i64>,
}

/// A selector text with the result of parsing it: it seldom changes from sync to sync.
#[derive(Clone, Debug)]
pub(super) struct LastSelector {
    text: String,
    parsed: Result<(), SelectorError>,
}

impl Default for LastSelector {
    fn default() -> Self {
        Self {
            text: String::new(),
            parsed: Ok(()),
        }
    }
}

impl Draft {
    /// Sets a condition of the status.
    pub(super) fn set(
        &mut self,
        kind: ConditionType,
        status: ConditionStatus,
        reason: Reason,
        message: Message,
    ) {
        self.status.conditions.set(Condition {
            kind,
            status,
            last_transition: Some(self.now),
            reason,
            message,
            observed_generation: self.generation,
        });
    }
}

impl LastSelector {
    /// Whether the text is a selector.
    pub(super) fn check(&mut self, text: &str) -> Result<(), SelectorError> {
        if self.text != text {
            self.text.clear();
            self.text.push_str(text);
            self.parsed = Selector::parse(text).map(drop);
        }
        self.parsed.clone()
    }
}
