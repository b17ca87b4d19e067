//! Building the page piece by piece, so that the browser can paint and handle input in between.

use std::time::Duration;
use std::vec::IntoIter;

use leptos::prelude::{Owner, set_timeout};

/// The pace at which the pieces are built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// All of them before mounting returns, for callers that use the page right away.
    #[default]
    AtOnce,
    /// Each in a task of its own: on a slow phone, all of them together take a third of a second, most
    /// of it for compiling functions on their first call.
    InTurn,
}

type Step = Box<dyn FnOnce()>;

/// The steps that remain, in order.
#[derive(Default)]
pub(crate) struct Steps {
    list: Vec<Step>,
}

impl Steps {
    /// Appends a step.
    pub(crate) fn then(&mut self, step: impl FnOnce() + 'static) {
        self.list.push(Box::new(step));
    }

    /// Runs the steps at this pace, with the current reactive owner.
    pub(crate) fn take(self, pace: Pace) {
        let steps = self.list.into_iter();
        match (pace, Owner::current()) {
            (Pace::InTurn, Some(owner)) => later(owner, steps),
            _ => steps.for_each(|step| step()),
        }
    }
}

fn later(owner: Owner, mut steps: IntoIter<Step>) {
    if let Some(step) = steps.next() {
        set_timeout(
            move || {
                owner.with(step);
                later(owner, steps);
            },
            Duration::ZERO,
        );
    }
}
