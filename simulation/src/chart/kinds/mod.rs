//! The list of chart kinds: a new kind is a line in this list and a file beside this one.

mod backlog;
mod latency;
mod load;
mod metrics;
mod pods;
mod replicas;

use super::descriptor::Chart;

/// Declares the kinds from top to bottom, each with the file that describes it.
macro_rules! chart_kinds {
    ($($(#[$about:meta])* $kind:ident => $file:ident,)*) => {
        /// The kinds of charts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ChartKind {
            $($(#[$about])* $kind,)*
        }

        impl ChartKind {
            /// All kinds, from top to bottom.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The descriptor of a kind.
            #[must_use]
            pub const fn chart(self) -> &'static Chart {
                match self {
                    $(Self::$kind => &$file::CHART,)*
                }
            }
        }
    };
}

chart_kinds! {
    /// Requests that arrive, are served, or are lost.
    Load => load,
    /// Each metric beside its target: one chart for each.
    Metrics => metrics,
    /// Replicas, and what limits them.
    Replicas => replicas,
    /// How long requests take.
    Latency => latency,
    /// Requests that wait.
    Backlog => backlog,
    /// The life of each pod.
    Pods => pods,
}

impl ChartKind {
    /// The kind with this identifier, ignoring case.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.chart().id.eq_ignore_ascii_case(id))
    }

    /// The kinds that are shown by default.
    #[must_use]
    pub fn shown_at_first() -> Vec<Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|kind| kind.chart().shown_at_first).collect()
    }

    /// Formats kinds for links and stored views: identifiers from top to bottom, separated by commas.
    #[must_use]
    pub fn list(shown: &[Self]) -> String {
        let chosen = Self::ALL.iter().filter(|kind| shown.contains(kind));
        let ids: Vec<&str> = chosen.map(|kind| kind.chart().id).collect();
        ids.join(",")
    }

    /// Parses such a list; unknown identifiers are ignored.
    #[must_use]
    pub fn parse_list(list: &str) -> Vec<Self> {
        let ids = list.split(',').map(str::trim);
        ids.filter_map(Self::from_id).collect()
    }
}

/// One chart of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChartId {
    /// Its kind.
    pub kind: ChartKind,
    /// The position of its metric, for a chart of a metric; otherwise 0.
    pub metric: usize,
}

impl ChartId {
    /// The charts of some kinds, from top to bottom, for a run with this number of metrics.
    #[must_use]
    pub fn of_kinds(kinds: &[ChartKind], metrics: usize) -> Vec<Self> {
        let chosen = ChartKind::ALL.iter().filter(|kind| kinds.contains(kind));
        let charts = chosen.flat_map(|&kind| {
            let count = if kind.chart().per_metric { metrics } else { 1 };
            (0..count).map(move |metric| Self { kind, metric })
        });
        charts.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use test_support::check_each;

    use super::*;

    #[test]
    fn identifiers_tell_charts_series_and_layers_apart() {
        let mut seen = BTreeSet::new();
        check_each(ChartKind::ALL, |kind| {
            let chart = kind.chart();
            assert!(seen.insert(chart.id), "{}", chart.id);
            assert!(seen.insert(chart.test_id), "{}", chart.test_id);
            assert_eq!(ChartKind::from_id(chart.id), Some(*kind));
            let series: BTreeSet<&str> = chart.series.iter().map(|kind| kind.id).collect();
            assert_eq!(series.len(), chart.series.len(), "{}", chart.id);
            let layers: BTreeSet<&str> = chart.layers.iter().map(|layer| layer.class).collect();
            assert_eq!(layers.len(), chart.layers.len(), "{}", chart.id);
        });
    }

    #[test]
    fn a_link_names_charts() {
        let shown = [ChartKind::Pods, ChartKind::Load];
        assert_eq!(ChartKind::list(&shown), "load,pods");
        assert_eq!(ChartKind::parse_list("pods, later,LOAD"), shown);
        assert_eq!(ChartKind::parse_list(""), []);
    }

    #[test]
    fn charts_keep_their_order() {
        let kinds = [ChartKind::Pods, ChartKind::Metrics, ChartKind::Load];
        let charts = ChartId::of_kinds(&kinds, 2);
        let charts: Vec<(&str, usize)> = charts
            .iter()
            .map(|id| (id.kind.chart().id, id.metric))
            .collect();
        assert_eq!(
            charts,
            [("load", 0), ("metrics", 0), ("metrics", 1), ("pods", 0)]
        );
    }
}
