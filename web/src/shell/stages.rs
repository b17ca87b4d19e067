//! Building the page piece by piece, so that the browser can paint and handle input in between.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;

use crate::options::Pace;

/// How much of the page is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The header, the tabs and empty panels.
    Frame,
    /// The text is read and run.
    Run,
    /// The cursor and the view are where the visit begins.
    View,
    /// The panel of the manifests.
    Manifests,
    /// The panel of the charts.
    Charts,
    /// The transport.
    Transport,
    /// The panel of the explanation.
    Why,
    /// The dialogs, and with them the whole page.
    Dialogs,
}

impl Stage {
    /// The stages after the first.
    const LATER: [Self; 7] = [
        Self::Run,
        Self::View,
        Self::Manifests,
        Self::Charts,
        Self::Transport,
        Self::Why,
        Self::Dialogs,
    ];
}

/// The stage that the page is at. `enter` is called at each stage before what is shown from it on is
/// built, with the current reactive owner.
pub(crate) fn advance(pace: Pace, enter: impl Fn(Stage) + 'static) -> ReadSignal<Stage> {
    let (stage, set_stage) = signal(Stage::Frame);
    let reach = move |next| {
        enter(next);
        set_stage.set(next);
    };
    match pace {
        Pace::AtOnce => Stage::LATER.into_iter().for_each(reach),
        // A task for each: effects of a stage run at the end of its task.
        Pace::InTurn => spawn_local_scoped_with_cancellation(async move {
            for next in Stage::LATER {
                TimeoutFuture::new(0).await;
                reach(next);
            }
        }),
    }
    stage
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn at_once_all_stages_are_entered_in_order() {
        let owner = Owner::new();
        owner.set();
        let entered = Rc::new(RefCell::new(vec![Stage::Frame]));
        let list = Rc::clone(&entered);
        let stage = advance(Pace::AtOnce, move |stage| list.borrow_mut().push(stage));
        assert_eq!(stage.get_untracked(), Stage::Dialogs);
        assert_eq!(entered.borrow().len(), 1 + Stage::LATER.len());
        assert!(entered.borrow().is_sorted_by(|one, next| one < next));
    }
}
