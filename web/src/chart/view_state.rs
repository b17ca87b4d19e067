//! What a person looks at in the charts: the part of the run, the time under the pointer, which charts.

use crate::live::{Memo, RwSignal};
use crate::state::Playground;
use hpa_simulation::chart::ChartKind;
use hpa_simulation::chart::time_range::{self, TimeRange};

/// What a person looks at. Copies are handles of the same.
#[derive(Clone, Copy, Debug)]
pub struct ViewState {
    /// The part of the run that is shown; all of it where there is none.
    pub zoom: RwSignal<Option<TimeRange>>,
    /// Where the pointer is [s].
    pub hover: RwSignal<Option<f64>>,
    /// What is being marked to be shown [s].
    pub brush: RwSignal<Option<TimeRange>>,
    /// Which charts are shown.
    pub shown: RwSignal<Vec<ChartKind>>,
    /// The length of the run [s].
    pub length: Memo<f64>,
    /// What is shown of it.
    pub range: Memo<TimeRange>,
}

impl ViewState {
    /// The whole run in the charts that say most.
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

    /// Shows `factor` times as much, with `center` where it is.
    pub fn zoom_by(&self, center: f64, factor: f64) {
        let (shown, length) = (self.range.get_untracked(), self.length.get_untracked());
        self.show(time_range::zoomed(shown, center, factor, length));
    }

    /// Shows what is later by `share` of what is shown.
    pub fn move_by(&self, share: f64) {
        let (shown, length) = (self.range.get_untracked(), self.length.get_untracked());
        self.show(time_range::moved(shown, share, length));
    }
}
