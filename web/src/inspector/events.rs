//! Kubernetes events up to the cursor.

use hpa_core::time::Timestamp;
use hpa_simulation::cluster::{About, ClusterEvent};
use leptos::prelude::*;

use crate::format::{clock, counted};
use crate::model::{seconds, timestamp};
use crate::state::Playground;

/// The maximum number of events shown; earlier ones are only counted.
const SHOWN: usize = 50;

/// An event as of some time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Told {
    /// Its position in the trace, which distinguishes events with the same text.
    position: usize,
    /// When it last occurred.
    last: Timestamp,
    /// Its type, object and reason.
    head: String,
    /// How often it occurred, if more than once.
    times: String,
    message: String,
}

impl Told {
    /// The event at `position` as of `now`; none if it is later.
    fn as_of(position: usize, event: &ClusterEvent, now: Timestamp) -> Option<Self> {
        let (last, count) = event.as_of(now)?;
        let about = match event.about {
            About::Autoscaler => "autoscaler",
            About::Workload => "workload",
            About::Pod => "pod",
            About::Node => "node",
        };
        let told = &event.event;
        let times = if count > 1 {
            format!(" ×{count} since {}", clock(seconds(event.first)))
        } else {
            String::new()
        };
        Some(Self {
            position,
            last,
            head: format!("{} {about} {}", told.kind, told.reason),
            times,
            message: told.message.to_string(),
        })
    }
}

/// The events up to `now`, latest first.
fn known(events: &[ClusterEvent], now: Timestamp) -> Vec<Told> {
    let mut known: Vec<Told> = Vec::new();
    for (position, event) in events.iter().enumerate() {
        if let Some(told) = Told::as_of(position, event, now) {
            // They are almost sorted: the library's sort would only make the page larger.
            let index = known.partition_point(|other| other.last >= told.last);
            known.insert(index, told);
        }
    }
    known
}

/// The events up to the cursor, latest first.
#[component]
pub(super) fn Events() -> impl IntoView {
    let state = expect_context::<Playground>();
    let known = Memo::new(move |_| {
        let now = timestamp(state.now());
        state.latest.with(|latest| {
            let events = latest.trace().map(|trace| &*trace.events);
            known(events.unwrap_or_default(), now)
        })
    });
    let shown = move || known.with(|known| known.iter().take(SHOWN).cloned().collect::<Vec<_>>());
    let more = Memo::new(move |_| known.with(|known| known.len().saturating_sub(SHOWN)));
    let earlier = move || {
        let more = i64::try_from(more.get()).unwrap_or(i64::MAX);
        counted(more, "earlier event", "earlier events")
    };
    view! {
        <Show
            when=move || !known.with(Vec::is_empty)
            fallback=|| view! { <p class="quiet">"none"</p> }
        >
            <ul class="events">
                <For each=shown key=Clone::clone let:told>
                    <Event told />
                </For>
            </ul>
        </Show>
        <Show when=move || more.get() != 0>
            <p class="quiet">{earlier}</p>
        </Show>
    }
}

#[component]
fn Event(
    /// The event.
    told: Told,
) -> impl IntoView {
    let state = expect_context::<Playground>();
    let time = seconds(told.last);
    view! {
        <li>
            <button type="button" class="link" on:click=move |_| state.go(time)>
                {clock(time)}
            </button>
            " "
            <span class="event-kind">{told.head}</span>
            {told.times}
            <span class="message">{told.message}</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PHP_APACHE, read, run};

    #[test]
    fn the_latest_event_comes_first_and_later_ones_are_unknown() {
        let run = run(&read(PHP_APACHE)).expect("runs");
        let events = &run.trace.events;
        assert_eq!(known(events, Timestamp(-1)), []);
        let all = known(events, Timestamp(i64::MAX));
        assert_eq!(all.len(), events.len());
        assert!(all.is_sorted_by(|a, b| a.last >= b.last), "{all:?}");
        let half = known(events, all[all.len() / 2].last);
        assert!(half.len() < all.len(), "{half:?}");
    }
}
