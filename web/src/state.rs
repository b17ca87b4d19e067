//! The playground's state: the text, the view, and everything derived from them.

use hpa_simulation::cluster::SyncDetail;
use leptos::prelude::*;

use crate::computation::{Computation, Freshness, Latest};
use crate::load::edits::{self, Stroke};
use crate::model::{self, Parsed, Run, Shared};
use crate::options::Access;
use crate::session::history::How;
use crate::shell::notice::Notice;
use crate::transport::playback;
use hpa_simulation::chart::{ChartKind, TimeRange};

/// The panels; a narrow screen shows one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The manifests.
    Manifests,
    /// The charts.
    Charts,
    /// The explanation of the sync at the cursor.
    Why,
}

impl Panel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Manifests, Self::Charts, Self::Why];

    /// Its name in links, and in the ids and classes of the page.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manifests => "manifests",
            Self::Charts => "charts",
            Self::Why => "why",
        }
    }

    /// The panel that has this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|panel| panel.name() == name)
    }
}

/// All state of the page. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub struct Playground {
    /// Whether the text may be changed.
    pub access: Access,
    /// Manifests and experiment as typed and drawn.
    pub text: RwSignal<String>,
    /// How the next change of the text is made.
    pub next: StoredValue<How>,
    /// The time of the cursor [s since the beginning]; read it through [`Self::now`].
    pub cursor: RwSignal<f64>,
    /// Whether the run is playing.
    pub playing: RwSignal<bool>,
    /// The playback speed [simulated seconds per second].
    pub speed: RwSignal<u32>,
    /// The panel that a narrow screen shows.
    pub panel: RwSignal<Panel>,
    /// Which charts are shown.
    pub shown: RwSignal<Vec<ChartKind>>,
    /// The part of the run that the charts show; `None` for all of it.
    pub zoom: RwSignal<Option<TimeRange>>,
    /// The latest notice.
    pub notice: RwSignal<Option<Notice>>,
    /// The work on the text.
    pub computation: Computation,
    /// The parsed text; an earlier one while a long text is being read.
    pub read: ReadSignal<Shared<Parsed>>,
    /// The run on screen.
    pub latest: ReadSignal<Latest>,
    /// Times of the syncs [s].
    pub syncs: Memo<Vec<f64>>,
    /// Times of the rescales and of changed conditions [s].
    pub landmarks: Memo<Vec<f64>>,
    /// The text of the pinned run.
    pub pinned_text: RwSignal<Option<String>>,
    /// The pinned run.
    pub pinned: Memo<Option<Shared<Run>>>,
    /// The work on the pinned text.
    pinning: Computation,
    /// A change of the load that waits until the text has been read.
    stroke: StoredValue<Option<(f64, f64)>>,
    /// Everything about the sync at the cursor.
    pub detail: Memo<Option<Shared<SyncDetail>>>,
}

impl Playground {
    /// State with an initial `text`, which is read and run from [`Self::begin`] on.
    #[must_use]
    pub fn new(text: String, access: Access) -> Self {
        let text = RwSignal::new(text);
        let cursor = RwSignal::new(0.0_f64);
        let computation = Computation::default();
        let (read, latest) = (computation.read.read_only(), computation.latest.read_only());
        let syncs = Memo::new(move |_| {
            latest.with(|latest| {
                let records = latest.trace().into_iter().flat_map(|trace| &trace.syncs);
                records
                    .map(|sync| model::seconds(sync.time))
                    .collect::<Vec<f64>>()
            })
        });
        let landmarks = Memo::new(move |_| {
            latest.with(|latest| {
                let syncs = latest.trace().map(|trace| &*trace.syncs);
                playback::landmarks(syncs.unwrap_or_default())
            })
        });
        let pinned_text = RwSignal::new(None::<String>);
        let pinning = Computation::default();
        let pinned = Memo::new(move |_| pinning.latest.with(Latest::fresh));
        let position = Memo::new(move |_| {
            let length = latest.with(|latest| latest.trace().map_or(0.0, model::length));
            syncs.with(|times| playback::sync_at(times, cursor.get().min(length)))
        });
        let detail = Memo::new(move |_| {
            let position = position.get()?;
            latest
                .with(|latest| latest.run.as_deref()?.replay.detail(position))
                .map(Shared::new)
        });
        Self {
            access,
            text,
            next: StoredValue::new(How::Edit),
            cursor,
            playing: RwSignal::new(false),
            speed: RwSignal::new(playback::FIRST_SPEED),
            panel: RwSignal::new(Panel::Charts),
            shown: RwSignal::new(ChartKind::shown_at_first()),
            zoom: RwSignal::new(None),
            notice: RwSignal::new(None),
            computation,
            read,
            latest,
            syncs,
            landmarks,
            pinned_text,
            pinned,
            pinning,
            stroke: StoredValue::new(None),
            detail,
        }
    }

    /// Reads and runs the text, now and whenever it changes, and the pinned one as well.
    pub fn begin(self) {
        let Self {
            text, pinned_text, ..
        } = self;
        self.computation.follow(move || Some(text.get()));
        self.pinning.follow(move || pinned_text.get());
        ImmediateEffect::new_scoped(move || {
            self.read.track();
            let stroke = self.stroke.try_update_value(Option::take).flatten();
            if let Some((from, rate)) = stroke {
                untrack(|| self.draw_load(from, rate));
            }
        });
    }

    /// Moves the cursor to the first change of the replica count, where there is something to explain.
    pub fn go_to_first_rescale(&self) {
        self.cursor.set(self.first_rescale());
    }

    /// Whether there is no run to play.
    #[must_use]
    pub fn idle(&self) -> bool {
        self.latest.with(|latest| latest.run.is_none())
    }

    /// Whether the controls cannot change the text: it is read-only or has errors.
    #[must_use]
    pub fn fixed(&self) -> bool {
        self.access == Access::ReadOnly
            || self
                .latest
                .with(|latest| latest.freshness == Freshness::Stale)
    }

    /// When the replica count first changes [s]; zero if it does not.
    fn first_rescale(&self) -> f64 {
        self.latest.with_untracked(|latest| {
            let mut records = latest.trace().into_iter().flat_map(|trace| &trace.syncs);
            records
                .find(|sync| sync.rescaled())
                .map_or(0.0, |sync| model::seconds(sync.time))
        })
    }

    /// The length of the run [s].
    #[must_use]
    pub fn length(&self) -> f64 {
        self.latest
            .with(|latest| latest.trace().map_or(0.0, model::length))
    }

    /// The time of the cursor, within the run [s].
    #[must_use]
    pub fn now(&self) -> f64 {
        self.cursor.get().min(self.length())
    }

    /// Moves the cursor, within the run.
    pub fn go(&self, time: f64) {
        self.cursor.set(time.clamp(0.0, untrack(|| self.length())));
    }

    /// Moves the cursor to the next sync and pauses.
    pub fn step_forward(&self) {
        let (now, length) = untrack(|| (self.now(), self.length()));
        self.playing.set(false);
        self.go(self
            .syncs
            .with_untracked(|times| playback::next(times, now, length)));
    }

    /// Moves the cursor to the previous sync and pauses.
    pub fn step_back(&self) {
        let now = untrack(|| self.now());
        self.playing.set(false);
        self.go(self
            .syncs
            .with_untracked(|times| playback::previous(times, now)));
    }

    /// Moves the cursor to the next rescale or changed condition and pauses.
    pub fn jump_forward(&self) {
        let (now, length) = untrack(|| (self.now(), self.length()));
        self.playing.set(false);
        self.go(self
            .landmarks
            .with_untracked(|times| playback::next(times, now, length)));
    }

    /// Moves the cursor to the previous rescale or changed condition and pauses.
    pub fn jump_back(&self) {
        let now = untrack(|| self.now());
        self.playing.set(false);
        self.go(self
            .landmarks
            .with_untracked(|times| playback::previous(times, now)));
    }

    /// The load at the cursor [requests/s]; zero without a run.
    #[must_use]
    pub fn load(&self) -> f64 {
        let now = self.now();
        self.latest
            .with(|latest| {
                let steps = &latest.trace()?.steps;
                let row = steps
                    .time
                    .partition_point(|time| *time <= now)
                    .checked_sub(1)?;
                steps.load.get(row).map(|load| f64::from(*load))
            })
            .unwrap_or_default()
    }

    /// Writes the load from `from` to the cursor into the text, if the text can be edited.
    pub fn draw_load(&self, from: f64, rate: f64) {
        if self.computation.is_reading() {
            // The text has no places to write to yet: the newest rate is written once it has.
            self.stroke.update_value(|waiting| {
                *waiting = Some((waiting.map_or(from, |(start, _)| start.min(from)), rate));
            });
            return;
        }
        let (to, before) = untrack(|| (self.now(), self.load()));
        let read = self.read.get_untracked();
        let stroke = Stroke {
            from,
            to,
            before,
            rate,
        };
        let text = self
            .text
            .with_untracked(|text| edits::write(text, &read, &stroke));
        if let Ok(text) = text {
            self.text.set(text);
        }
    }
}
