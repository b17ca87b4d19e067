//! The status and events that a sync builds up.

use super::message::{Event, Message, Reason};
use super::observation::{Observation, Scale};
use super::spec::Spec;
use super::status::{Condition, ConditionStatus, ConditionType, Status};
use crate::api::{Rules, Selector, SelectorError};
use crate::time::Timestamp;

/// The input of a sync that evaluates metrics.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    /// The autoscaler's specification.
    pub(super) spec: &'a Spec,
    /// The scale.
    pub(super) scale: &'a Scale,
    /// All other facts.
    pub(super) observation: &'a Observation,
}

/// The status and the events of the current sync.
pub(super) struct Draft {
    /// The status so far.
    pub(super) status: Status,
    /// The events so far.
    pub(super) events: Vec<Event>,
    /// The time of the sync.
    pub(super) now: Timestamp,
}

/// A selector text with its parsed form, cached because it seldom changes between syncs.
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
            observed_generation: None,
        });
    }
}

impl LastSelector {
    /// Whether the text is a valid selector.
    pub(super) fn check(&mut self, text: &str, rules: Rules) -> Result<(), SelectorError> {
        if self.text != text {
            self.text.clear();
            self.text.push_str(text);
            self.parsed = Selector::parse_by(text, rules).map(drop);
        }
        self.parsed.clone()
    }
}
