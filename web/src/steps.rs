//! Building a page piece by piece, so that the browser can paint and answer in between.

use std::time::Duration;
use std::vec::IntoIter;

use leptos::prelude::{Owner, set_timeout};

/// How the pieces follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// All of them before the mounting returns, for whoever looks at the page right then.
    #[default]
    AtOnce,
    /// Each in a task of its own: on a slow phone all of them together take a third of a second,
    /// most of it for compiling functions that are called for the first time.
    InTurn,
}

type Step = Box<dyn FnOnce()>;

/// What is still to be built, in its order.
#[derive(Default)]
pub(crate) struct Steps {
    list: Vec<Step>,
}

impl Steps {
    /// Puts a step behind the others.
    pub(crate) fn then(&mut self, step: impl FnOnce() + 'static) {
        self.list.push(Box::new(step));
    }

    /// Takes the steps at this pace. What they create belongs to the owner of this moment.
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
