//! Writes an addition or a recorded series into the text, and says so.

use hpa_core::manifest::edit::EditError;
use leptos::prelude::*;

use super::catalog::To;
use super::recorded_series;
use crate::edit;
use crate::load::edits;
use crate::model;
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
pub(super) fn use_series(session: Session, text: &str) {
    let state = session.state;
    let changed = state.read.with_untracked(|read| {
        let series = recorded_series::read(text)?;
        series.import.as_ref().ok()?;
        let part = series.part(
            &edits::first_name(read).unwrap_or_else(|| "imported".to_owned()),
            text,
        );
        let changed = state
            .text
            .with_untracked(|text| edits::put_only(text, read, &part))
            .ok()?;
        let works = read.experiment.is_some() && model::read(&changed).experiment.is_some();
        works.then_some(changed)
    });
    match changed {
        Some(changed) => {
            session.history.open(changed);
            let done = Notice::undoable("The series is now the load.");
            state.notice.set(Some(done));
        }
        None => add_series(session, text),
    }
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
