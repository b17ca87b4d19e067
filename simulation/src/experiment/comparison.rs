//! Compares two runs: where they diverge, which step makes them diverge, and the summaries of both.

use std::fmt;

use super::Run;
use super::measures::Entry;
use crate::cluster::SyncRecord;
use hpa_core::autoscaler::Explanation;
use hpa_core::time::Timestamp;

/// Two runs side by side.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// Where the runs diverge; `None` if they never do.
    pub divergence: Option<Divergence>,
    /// Each measure of the two summaries: first run, second run.
    pub entries: Vec<(Entry, Entry)>,
}

/// Where two runs diverge.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Divergence {
    /// The index of the sync.
    pub sync: usize,
    /// The time of the sync in the first run.
    pub time: Timestamp,
    /// The desired replicas of both runs.
    pub desired: (i32, i32),
    /// The first step of that sync with different results.
    pub step: DivergingStep,
    /// The results of that step in both runs, in words.
    pub text: String,
}

/// The first step of a sync with different results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "camelCase")]
#[non_exhaustive]
pub enum DivergingStep {
    /// One run has no sync at that time.
    Timing,
    /// The replicas or the limits at the start of the sync.
    Start,
    /// The value of the metric at this index.
    Measurement(usize),
    /// The proposal of the metric at this index for the same value.
    Proposal(usize),
    /// The choice between the metrics' proposals.
    Combination,
    /// The stabilization windows.
    Stabilization,
    /// Rates and limits.
    Rate,
}

impl DivergingStep {
    /// Its stable name in data formats.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.into()
    }

    /// The index of the metric concerned.
    #[must_use]
    pub const fn metric(self) -> Option<usize> {
        match self {
            Self::Measurement(metric) | Self::Proposal(metric) => Some(metric),
            Self::Timing | Self::Start | Self::Combination | Self::Stabilization | Self::Rate => {
                None
            }
        }
    }
}

impl fmt::Display for DivergingStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timing => f.write_str("sync time"),
            Self::Start => f.write_str("the initial state"),
            Self::Measurement(index) => write!(f, "value of metric {}", index + 1),
            Self::Proposal(index) => write!(f, "proposal of metric {}", index + 1),
            Self::Combination => f.write_str("choice of proposal"),
            Self::Stabilization => f.write_str("stabilization"),
            Self::Rate => f.write_str("scaling policies and limits"),
        }
    }
}

impl Comparison {
    /// Compares two runs.
    #[must_use]
    pub fn of(first: &Run, second: &Run) -> Self {
        let others = second.summary.entries();
        Self {
            divergence: divergence(first, second),
            entries: first
                .summary
                .entries()
                .into_iter()
                .filter_map(|entry| {
                    let other = others.iter().find(|other| other.measure == entry.measure)?;
                    Some((entry, *other))
                })
                .collect(),
        }
    }
}

fn divergence(first: &Run, second: &Run) -> Option<Divergence> {
    let details = |sync| (first.replay.detail(sync), second.replay.detail(sync));
    let (first, second) = (&first.trace, &second.trace);
    let differ = |(a, b): (&SyncRecord, &SyncRecord)| a.time != b.time || a.desired != b.desired;
    let both = first.syncs.iter().zip(&second.syncs);
    let shorter = first.syncs.len().min(second.syncs.len());
    let sync = both.clone().position(differ).or_else(|| {
        let same_length = first.syncs.len() == second.syncs.len();
        (!same_length && shorter > 0).then(|| shorter - 1)
    })?;
    let (a, b) = (first.syncs[sync], second.syncs[sync]);
    let timing = |text: &str| (DivergingStep::Timing, String::from(text));
    let (step, text) = if a.time != b.time {
        timing("the controllers sync at different times")
    } else if a.desired == b.desired {
        timing("only one run continues after this sync")
    } else {
        match details(sync) {
            (Some(x), Some(y)) => step(&x.explanation, &y.explanation),
            _ => (DivergingStep::Start, String::new()),
        }
    };
    Some(Divergence {
        sync,
        time: a.time,
        desired: (a.desired, b.desired),
        step,
        text,
    })
}

fn step(a: &Explanation, b: &Explanation) -> (DivergingStep, String) {
    let start = |x: &Explanation| (x.current, x.minimum, x.maximum, x.branch);
    if a.branch != b.branch || a.current != b.current {
        let text = |x: &Explanation| {
            let (current, minimum, maximum, branch) = start(x);
            let replicas = if current == 1 { "replica" } else { "replicas" };
            format!("{current} {replicas} between {minimum} and {maximum}, {branch}")
        };
        return (DivergingStep::Start, versus(&text(a), &text(b)));
    }
    for (index, (x, y)) in a.metrics.iter().zip(&b.metrics).enumerate() {
        if x.proposal == y.proposal {
            continue;
        }
        let measured = |x: &hpa_core::autoscaler::explanation::MetricStep| {
            use hpa_core::autoscaler::explanation::Calculation;
            match &x.calculation {
                Calculation::None => None,
                Calculation::Pods(pods) => {
                    Some((pods.first.total, pods.first.requests, pods.first.count))
                }
                Calculation::Total(total) => Some((total.usage, 0, 0)),
            }
        };
        let text = |x: &hpa_core::autoscaler::explanation::MetricStep| match &x.proposal {
            Ok(replicas) => format!("{} proposes {replicas}", x.name),
            Err((_, error)) => format!("{} fails: {error}", x.name),
        };
        let step = if measured(x) == measured(y) {
            DivergingStep::Proposal(index)
        } else {
            DivergingStep::Measurement(index)
        };
        return (step, versus(&text(x), &text(y)));
    }
    if a.combination != b.combination || a.metrics.len() != b.metrics.len() {
        let text = |x: &Explanation| {
            let proposal = x.combination.map_or(0, |combination| combination.proposal);
            format!("{proposal} from {} metrics", x.metrics.len())
        };
        return (DivergingStep::Combination, versus(&text(a), &text(b)));
    }
    let stabilized = |x: &Explanation| x.stabilization.map(|step| step.stabilized);
    if stabilized(a) != stabilized(b) {
        let text = |x: &Explanation| match stabilized(x) {
            Some(count) => format!("stabilized to {count}"),
            None => String::from("not stabilized"),
        };
        return (DivergingStep::Stabilization, versus(&text(a), &text(b)));
    }
    let text = |x: &Explanation| match x.rate {
        Some(rate) => format!("{} ({})", rate.result, rate.bound),
        None => format!("set to {}", x.desired),
    };
    (DivergingStep::Rate, versus(&text(a), &text(b)))
}

fn versus(a: &str, b: &str) -> String {
    format!("{a} in the first run, {b} in the second")
}
