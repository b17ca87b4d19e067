//! The view that a link carries beside the text: cursor, panel, speed, charts, zoom.

use hpa_simulation::chart::{ChartKind, time_range};
use hpa_simulation::experiment::link::Content;
use leptos::prelude::*;

use crate::state::{Panel, Playground};
use crate::transport::playback::SPEEDS;

/// The content of a link to the current state.
#[must_use]
pub(super) fn content(state: Playground) -> Content {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates"
    )]
    let cursor = (state.now() * 1000.0).round() as u64;
    let mut view = vec![
        ("panel".to_owned(), state.panel.get().name().to_owned()),
        ("speed".to_owned(), state.speed.get().to_string()),
        (
            "charts".to_owned(),
            state.shown.with(|shown| ChartKind::list(shown)),
        ),
    ];
    if let Some(zoom) = state.zoom.get() {
        view.push(("zoom".to_owned(), time_range::text(zoom)));
    }
    Content::of(state.text.get())
        .with_pinned(state.pinned_text.get())
        .with_cursor(Some(cursor))
        .with_view(view)
}

/// Restores the view that the link describes.
pub(super) fn show(state: Playground, content: &Content) {
    if let Some(cursor) = content.cursor {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
        state.go(cursor as f64 / 1000.0);
        // A link includes the pinned run; a plain text keeps the present one.
        state.pinned_text.set(content.pinned.clone());
    }
    if let Some(panel) = content.field("panel").and_then(Panel::named) {
        state.panel.set(panel);
    }
    state
        .zoom
        .set(content.field("zoom").and_then(time_range::parse));
    if let Some(charts) = content.field("charts") {
        state.shown.set(ChartKind::parse_list(charts));
    }
    let speed = content.field("speed").and_then(|speed| speed.parse().ok());
    if let Some(speed) = speed.filter(|speed| SPEEDS.contains(speed)) {
        state.speed.set(speed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::computation::{Freshness, Latest};
    use crate::model::{PHP_APACHE, Shared, read, run};
    use crate::options::Access;

    #[test]
    fn a_link_restores_the_view() {
        let owner = Owner::new();
        owner.set();
        let run = run(&read(PHP_APACHE)).map(Shared::new);
        let playground = || {
            let state = Playground::new(PHP_APACHE.to_owned(), Access::Edit);
            state.computation.latest.set(Latest {
                run: run.clone(),
                freshness: Freshness::Fresh,
            });
            state
        };
        let state = playground();
        state.go(90.0);
        state.panel.set(Panel::Why);
        state.speed.set(SPEEDS[0]);
        state.shown.set(vec![ChartKind::shown_at_first()[0]]);
        state.zoom.set(time_range::parse("60-120"));
        state.pinned_text.set(Some("seed: 2\n".to_owned()));
        let link = content(state);
        assert_eq!(link.cursor, Some(90_000));
        let other = playground();
        show(other, &link);
        assert_eq!(content(other), link);
        let bare = playground();
        show(bare, &Content::of(PHP_APACHE));
        assert_eq!(bare.panel.get_untracked(), Panel::Charts);
    }
}
