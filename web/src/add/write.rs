//! Writes an addition or a recorded series into the text, and says so.

use hpa_core::manifest::edit::EditError;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::catalog::To;
use super::recorded_series;
use crate::computation::{self, Slices};
use crate::edit;
use crate::load::edits;
use crate::session::Session;
use crate::shell::notice::Notice;

/// Adds a recorded series to the load, or shows why it cannot be read.
pub(super) fn add_series(session: Session, text: &str) {
    let Some(series) = recorded_series::read(text) else {
        return session.fail("Enter a series first.");
    };
    match &series.import {
        Ok(_) => put(
            session,
            To::Load,
            &series.part("imported", text),
            "The series",
        ),
        Err(error) => session.fail(format!("Cannot read the series: {error}.")),
    }
}

/// Replaces the load by a recorded series; adds the series if goals refer to parts of the present load.
pub(super) fn use_series(session: Session, series: String) {
    let state = session.state;
    let before = state.text.get_untracked();
    let changed = state.read.with_untracked(|read| {
        read.experiment.as_ref()?;
        let recorded = recorded_series::read(&series)?;
        recorded.import.as_ref().ok()?;
        let name = edits::first_name(read).unwrap_or_else(|| "imported".to_owned());
        edits::put_only(&before, read, &recorded.part(&name, &series)).ok()
    });
    let Some(changed) = changed else {
        return add_series(session, &series);
    };
    spawn_local(async move {
        let works = computation::read(&changed, &mut Slices::begin()).await;
        match state.text.try_with_untracked(|text| *text == before) {
            // The page is gone.
            None => {}
            Some(false) => use_series(session, series),
            Some(true) if works.experiment.is_some() => {
                session.history.open(changed);
                let done = Notice::undoable("The series is now the load.");
                state.notice.set(Some(done));
            }
            Some(true) => add_series(session, &series),
        }
    });
}

/// Writes an addition into the text and confirms it with a notice.
pub(super) fn put(session: Session, to: To, fields: &str, what: &str) {
    let state = session.state;
    let read = state.read.get_untracked();
    let changed = state.text.with_untracked(|text| match to {
        // With errors it is unknown where the experiment is, and whether there is one.
        _ if read.experiment.is_none() && !text.trim().is_empty() => Err(EditError::Unreadable),
        To::Timeline => edit::add_event(text, &read, &format!("{{{fields}}}")),
        To::Load => edits::add_part(text, &read, fields),
    });
    match changed {
        Ok(text) => {
            session.history.seal();
            state.text.set(text);
            let done = Notice::undoable(format!("{what} was added to the text."));
            state.notice.set(Some(done));
        }
        Err(error) => session.fail(error.to_string()),
    }
}
