//! The active faults of metrics.

use hpa_core::autoscaler::Sample;
use hpa_core::time::{SignedDuration, Timestamp};

use super::cohort::NEVER;
use super::rng::Rng;
use super::sources::Source;
use super::timeline::{FaultKind, FaultTarget, MetricsApi};

/// The active faults.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    active: Vec<Fault>,
}

/// An active fault.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// Its index in the timeline.
    event: usize,
    /// Its start.
    since: Timestamp,
    /// Its end.
    until: Timestamp,
    /// What is affected.
    wrong: Wrong,
}

/// What is affected.
#[derive(Clone, Debug)]
enum Wrong {
    /// Some metrics, for the pods with this bit.
    Metrics {
        target: FaultTarget,
        kind: FaultKind,
        /// The fraction of pods affected.
        share: f64,
        bit: u64,
    },
    /// A whole API.
    Api(MetricsApi),
}

/// The period of a fault, and its index in the timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Its index in the timeline.
    pub(super) event: usize,
    /// Its start.
    pub(super) since: Timestamp,
    /// Its duration: at least a millisecond.
    pub(super) duration: SignedDuration,
}

impl Faults {
    /// Starts an outage of an API.
    pub(super) fn begin_outage(&mut self, span: Span, api: MetricsApi) {
        self.begin(span, Wrong::Api(api));
    }

    /// Starts a fault of some metrics for a fraction of the pods.
    pub(super) fn begin_fault(
        &mut self,
        span: Span,
        target: FaultTarget,
        kind: FaultKind,
        share: f64,
    ) -> &Fault {
        let used = self.active.iter().fold(0, |bits, fault| bits | fault.bit());
        let bit = 1_u64
            .checked_shl((!used).trailing_zeros())
            .unwrap_or(1 << 63);
        self.begin(
            span,
            Wrong::Metrics {
                target,
                kind,
                share,
                bit,
            },
        )
    }

    fn begin(&mut self, span: Span, wrong: Wrong) -> &Fault {
        self.active.push(Fault {
            event: span.event,
            since: span.since,
            until: span.since + span.duration.max(SignedDuration(1)),
            wrong,
        });
        &self.active[self.active.len() - 1]
    }

    /// The end of the next fault to end.
    pub(super) fn due(&self) -> Timestamp {
        let ends = self.active.iter().map(|fault| fault.until);
        ends.fold(NEVER, Ord::min)
    }

    /// Removes and returns a fault that has ended at `now`.
    pub(super) fn end_next(&mut self, now: Timestamp) -> Option<Fault> {
        let over = self.active.iter().position(|fault| fault.until <= now)?;
        Some(self.active.swap_remove(over))
    }

    /// Whether any fault repeats stale values.
    pub(super) fn keep_values(&self) -> bool {
        self.active.iter().any(Fault::is_stale)
    }

    /// Whether any fault affects only some pods.
    pub(super) fn concern_pods(&self) -> bool {
        self.active.iter().any(|fault| fault.bit() != 0)
    }

    /// The bits of the faults that affect a new pod.
    pub(super) fn of_pod(&self, serial: u32, rng: Rng) -> u64 {
        self.active.iter().fold(0, |bits, fault| match fault.wrong {
            Wrong::Metrics { share, bit, .. } => {
                let index = u64::from(serial) << 6 | u64::from(bit.trailing_zeros());
                if rng.uniform(index) < share {
                    bits | bit
                } else {
                    bits
                }
            }
            Wrong::Api(_) => bits,
        })
    }

    /// The error of a whole API or metric, if any.
    pub(super) fn error(&self, source: &Source) -> Option<String> {
        let (api, group) = source.api.names();
        let text = self
            .active
            .iter()
            .filter(|fault| fault.concerns(source))
            .find_map(|fault| match &fault.wrong {
                Wrong::Api(_) => Some(format!(
                    "the server is currently unable to handle the request (get {group})"
                )),
                Wrong::Metrics {
                    kind: FaultKind::Error(text),
                    ..
                } => Some(text.clone()),
                Wrong::Metrics { .. } => None,
            })?;
        Some(format!(
            "unable to fetch metrics from {api} metrics API: {text}"
        ))
    }

    /// Applies the faults to a value; `bits` are those of its pod.
    pub(super) fn distort(
        &self,
        sample: Option<Sample>,
        source: &Source,
        bits: u64,
    ) -> Option<Sample> {
        let mut sample = sample;
        for fault in self.active.iter().filter(|fault| fault.concerns(source)) {
            if let Wrong::Metrics { kind, bit, .. } = &fault.wrong
                && bits & bit != 0
            {
                sample = sample.and_then(|sample| distorted(sample, kind, fault.since));
            }
        }
        sample
    }
}

/// Applies one kind of fault, active since `since`, to a value.
fn distorted(mut sample: Sample, kind: &FaultKind, since: Timestamp) -> Option<Sample> {
    match kind {
        FaultKind::Missing => return None,
        FaultKind::Zero => sample.milli_value = 0,
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "a fault need not be exact"
        )]
        FaultKind::Factor(factor) => {
            sample.milli_value = (sample.milli_value as f64 * factor) as i64;
        }
        // A pod created after the fault has no last value.
        FaultKind::Stale => return (sample.timestamp <= since).then_some(sample),
        FaultKind::Error(_) => {}
    }
    Some(sample)
}

impl Fault {
    /// Its index in the timeline.
    pub(super) const fn event(&self) -> usize {
        self.event
    }

    /// The bit of the affected pods; 0 if it does not select pods.
    pub(super) const fn bit(&self) -> u64 {
        match self.wrong {
            Wrong::Metrics { bit, .. } => bit,
            Wrong::Api(_) => 0,
        }
    }

    /// Whether it repeats stale values.
    pub(super) const fn is_stale(&self) -> bool {
        matches!(
            self.wrong,
            Wrong::Metrics {
                kind: FaultKind::Stale,
                ..
            }
        )
    }

    /// Whether it affects a metric.
    pub(super) fn concerns(&self, source: &Source) -> bool {
        match &self.wrong {
            Wrong::Metrics {
                target: FaultTarget::All,
                ..
            } => true,
            Wrong::Metrics {
                target: FaultTarget::Named(name),
                ..
            } => **name == *source.name,
            Wrong::Api(api) => *api == MetricsApi::All || *api == source.api,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(event: usize, since: i64, duration: i64) -> Span {
        Span {
            event,
            since: Timestamp(since),
            duration: SignedDuration(duration),
        }
    }

    fn missing(faults: &mut Faults, span: Span, share: f64) -> u64 {
        let target = FaultTarget::All;
        faults
            .begin_fault(span, target, FaultKind::Missing, share)
            .bit()
    }

    #[test]
    fn ended_faults_release_their_bits() {
        let mut faults = Faults::default();
        assert_eq!(faults.due(), NEVER);
        assert_eq!(missing(&mut faults, span(0, 0, 10), 1.0), 1);
        assert_eq!(missing(&mut faults, span(1, 0, 20), 1.0), 2);
        faults.begin_outage(span(2, 5, 0), MetricsApi::All);
        assert_eq!(faults.due(), Timestamp(6), "a millisecond at least");
        let mut end = |now| faults.end_next(Timestamp(now)).map(|fault| fault.event());
        assert_eq!([end(5), end(6), end(6)], [None, Some(2), None]);
        assert_eq!([end(15), end(15)], [Some(0), None]);
        assert_eq!(missing(&mut faults, span(3, 15, 10), 1.0), 1);
    }

    #[test]
    fn a_fault_affects_its_share_of_new_pods() {
        let rng = Rng::new(1, "fault");
        let mut faults = Faults::default();
        assert!(!faults.concern_pods());
        missing(&mut faults, span(0, 0, 10), 0.25);
        missing(&mut faults, span(1, 0, 10), 0.0);
        missing(&mut faults, span(2, 0, 10), 1.0);
        assert!(faults.concern_pods());
        let pods = (0..4000).map(|serial| faults.of_pod(serial, rng));
        let mut counts = [0; 3];
        for bits in pods {
            for (bit, count) in counts.iter_mut().enumerate() {
                *count += bits >> bit & 1;
            }
        }
        assert!((900..1100).contains(&counts[0]), "{counts:?}");
        assert_eq!(counts[1..], [0, 4000]);
    }

    #[test]
    fn each_kind_of_fault_changes_values() {
        let now = Timestamp(60_000);
        let sample = Sample::new(1000, now, SignedDuration::ZERO);
        let value = |kind: FaultKind, since| {
            distorted(sample, &kind, Timestamp(since)).map(|sample| sample.milli_value)
        };
        assert_eq!(value(FaultKind::Missing, 0), None);
        assert_eq!(value(FaultKind::Zero, 0), Some(0));
        assert_eq!(value(FaultKind::Factor(-1.5), 0), Some(-1500));
        assert_eq!(value(FaultKind::Stale, 60_000), Some(1000));
        assert_eq!(
            value(FaultKind::Stale, 59_999),
            None,
            "newer than the fault"
        );
        assert_eq!(
            value(FaultKind::Error(String::from("broken")), 0),
            Some(1000)
        );
    }
}
