//! The view of the charts: the visible range, the time at the pointer, the choice of charts.

use crate::state::Playground;
use hpa_simulation::chart::ChartKind;
use hpa_simulation::chart::time_range::{self, TimeRange};
use leptos::prelude::*;

/// The view of the charts. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub struct ViewState {
    /// The zoomed range; `None` for the whole run.
    pub zoom: RwSignal<Option<TimeRange>>,
    /// The time at the pointer [s].
    pub hover: RwSignal<Option<f64>>,
    /// The range being selected [s].
    pub brush: RwSignal<Option<TimeRange>>,
    /// Which charts are shown.
    pub shown: RwSignal<Vec<ChartKind>>,
    /// The length of the run [s].
    pub length: Memo<f64>,
    /// The visible range.
    pub range: Memo<TimeRange>,
}

impl ViewState {
    /// The initial view: the whole run.
    #[must_use]
    pub fn new(state: Playground) -> Self {
        let zoom = state.zoom;
        let length = Memo::new(move |_| state.length());
        Self {
            zoom,
            hover: RwSignal::new(None),
            brush: RwSignal::new(None),
            shown: state.shown,
            length,
            range: Memo::new(move |_| {
                let length = length.get();
                zoom.get()
                    .map_or((0.0, length), |zoom| time_range::within(zoom, length))
            }),
        }
    }

    /// Shows this part of the run.
    pub fn show(&self, shown: TimeRange) {
        let length = self.length.get_untracked();
        let shown = time_range::within(shown, length);
        let all = shown.1 - shown.0 >= length;
        self.zoom.set((!all).then_some(shown));
    }

    /// Scales the visible range by `factor`, keeping `center` in place.
    pub fn zoom_by(&self, center: f64, factor: f64) {
        let (shown, length) = (self.range.get_untracked(), self.length.get_untracked());
        self.show(time_range::zoomed(shown, center, factor, length));
    }

    /// Moves the visible range by `share` of its length.
    pub fn move_by(&self, share: f64) {
        let (shown, length) = (self.range.get_untracked(), self.length.get_untracked());
        self.show(time_range::moved(shown, share, length));
    }
}
