//! What a person looks at in the charts: the window, the crosshair, which charts, in which form.

use crate::live::{Memo, RwSignal};
use crate::state::Playground;
use hpa_simulation::chart::series::Kind;
use hpa_simulation::chart::time_range::{self as window, Window};

/// What can be shown or left out; all metrics go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The load.
    Load,
    /// All metrics.
    Metrics,
    /// Replicas.
    Replicas,
    /// Latency.
    Latency,
    /// Backlog.
    Backlog,
    /// Pods.
    Pods,
}

impl Group {
    /// All of them, from top to bottom, with their names.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Load, "Load"),
        (Self::Metrics, "Metrics"),
        (Self::Replicas, "Replicas"),
        (Self::Latency, "Latency"),
        (Self::Backlog, "Backlog"),
        (Self::Pods, "Pods"),
    ];

    /// Those that say most, shown at first.
    pub const FIRST: [Self; 4] = [Self::Load, Self::Metrics, Self::Replicas, Self::Pods];

    /// The charts as a link names them: their names in small letters, with commas between.
    #[must_use]
    pub fn names(shown: &[Self]) -> String {
        let chosen = Self::ALL.iter().filter(|(group, _)| shown.contains(group));
        let names: Vec<&str> = chosen.map(|(_, name)| *name).collect();
        names.join(",").to_ascii_lowercase()
    }

    /// The charts that a link names; what is unknown is left out.
    #[must_use]
    pub fn named(names: &str) -> Vec<Self> {
        let known = |name: &str| {
            let mut all = Self::ALL.iter();
            let found = all.find(|(_, known)| known.eq_ignore_ascii_case(name.trim()));
            found.map(|(group, _)| *group)
        };
        names.split(',').filter_map(known).collect()
    }

    /// The charts that are shown of a run with so many metrics.
    #[must_use]
    pub fn kinds(shown: &[Self], metrics: usize) -> Vec<Kind> {
        let groups = Self::ALL.iter().filter(|(group, _)| shown.contains(group));
        groups
            .flat_map(|(group, _)| match group {
                Self::Load => vec![Kind::Load],
                Self::Metrics => (0..metrics).map(Kind::Metric).collect(),
                Self::Replicas => vec![Kind::Replicas],
                Self::Latency => vec![Kind::Latency],
                Self::Backlog => vec![Kind::Backlog],
                Self::Pods => vec![Kind::Pods],
            })
            .collect()
    }
}

/// What a person looks at. Copies are handles of the same.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The part of the run that is shown; all of it where there is none.
    pub zoom: RwSignal<Option<Window>>,
    /// Where the pointer is [s].
    pub hover: RwSignal<Option<f64>>,
    /// What is being marked to be shown [s].
    pub brush: RwSignal<Option<Window>>,
    /// Which charts are shown.
    pub shown: RwSignal<Vec<Group>>,
    /// The length of the run [s].
    pub length: Memo<f64>,
    /// What is shown of it.
    pub window: Memo<Window>,
}

impl View {
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
            window: Memo::new(move |_| {
                let length = length.get();
                zoom.get()
                    .map_or((0.0, length), |zoom| window::within(zoom, length))
            }),
        }
    }

    /// Shows this part of the run.
    pub fn show(&self, shown: Window) {
        let length = self.length.get_untracked();
        let shown = window::within(shown, length);
        let all = shown.1 - shown.0 >= length;
        self.zoom.set((!all).then_some(shown));
    }

    /// Shows `factor` times as much, with `center` where it is.
    pub fn zoom_by(&self, center: f64, factor: f64) {
        let (shown, length) = (self.window.get_untracked(), self.length.get_untracked());
        self.show(window::zoomed(shown, center, factor, length));
    }

    /// Shows what is later by `share` of what is shown.
    pub fn move_by(&self, share: f64) {
        let (shown, length) = (self.window.get_untracked(), self.length.get_untracked());
        self.show(window::moved(shown, share, length));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_charts() {
        let shown = [Group::Pods, Group::Load];
        assert_eq!(Group::names(&shown), "load,pods");
        assert_eq!(Group::named("pods, later,LOAD"), shown);
        assert_eq!(Group::named(""), []);
    }

    #[test]
    fn charts_keep_their_order() {
        let kinds = Group::kinds(&[Group::Pods, Group::Metrics, Group::Load], 2);
        assert_eq!(
            kinds,
            [Kind::Load, Kind::Metric(0), Kind::Metric(1), Kind::Pods]
        );
    }
}
