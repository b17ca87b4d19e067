//! A ring buffer of the last scrapes of one quantity.

use hpa_core::autoscaler::Sample;
use smallvec::SmallVec;

/// Values of one quantity, one per scrape, newest last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ring {
    /// Integral since the last scrape.
    sum: f64,
    /// Means between scrapes, or values at scrapes.
    values: SmallVec<[f64; 4]>,
    /// Whether there was a scrape to count from.
    counts: bool,
    /// The stale value that is read instead.
    frozen: Frozen,
}

/// Whether a value is stale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Frozen {
    /// The value is current.
    #[default]
    No,
    /// The last value, if there was one, is repeated.
    At(Option<Sample>),
}

impl Ring {
    /// Adds to the integral.
    pub(super) fn add(&mut self, integral: f64) {
        self.sum += integral;
    }

    /// The staleness of the value.
    pub(super) const fn frozen(&self) -> Frozen {
        self.frozen
    }

    /// Sets the staleness.
    pub(super) const fn freeze(&mut self, frozen: Frozen) {
        self.frozen = frozen;
    }

    fn push(&mut self, value: f64, keep: usize) {
        if self.values.len() >= keep {
            self.values.remove(0);
        }
        self.values.push(value);
    }

    /// Clears the ring, as after a container restart.
    pub(super) fn clear(&mut self) {
        *self = Self {
            frozen: self.frozen,
            ..Self::default()
        };
    }

    /// Whether `keep` scrapes are kept.
    pub(super) fn is_full(&self, keep: usize) -> bool {
        self.values.len() >= keep
    }

    /// Records a scrape: the mean since the previous one, `elapsed` seconds ago, or `instant`, the
    /// current value, for instantaneous metrics.
    pub(super) fn scrape(&mut self, instant: Option<f64>, elapsed: f64, keep: usize) {
        if let Some(instant) = instant {
            self.push(instant, keep);
        } else if self.counts && elapsed > 0.0 {
            self.push(self.sum / elapsed, keep);
        }
        self.sum = 0.0;
        self.counts = true;
    }

    /// Fills the last `keep` scrapes with this value.
    pub(super) fn fill(&mut self, value: f64, keep: usize) {
        self.values = SmallVec::from_elem(value, keep);
        self.counts = true;
    }

    /// The values of up to `span` scrapes, the last of them `back` scrapes ago; `None` if there are
    /// none.
    pub(super) fn values(&self, back: usize, span: usize) -> Option<&[f64]> {
        let end = self.values.len().checked_sub(back).filter(|end| *end > 0)?;
        Some(&self.values[end.saturating_sub(span)..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_needs_two_scrapes_and_an_instant_one() {
        let mut ring = Ring::default();
        ring.add(30.0);
        ring.scrape(None, 0.0, 2);
        assert_eq!(ring.values(0, 2), None);
        for integral in [30.0, 60.0, 90.0] {
            ring.add(integral);
            ring.scrape(None, 15.0, 2);
        }
        assert_eq!(ring.values(0, 2), Some(&[4.0, 6.0][..]));
        assert_eq!(ring.values(1, 2), Some(&[4.0][..]));
        assert_eq!(ring.values(2, 2), None);
        let mut ring = Ring::default();
        ring.scrape(Some(7.0), 0.0, 2);
        assert_eq!(ring.values(0, 5), Some(&[7.0][..]));
    }

    #[test]
    fn a_restarted_container_has_no_past_and_a_stale_value_stays() {
        let mut ring = Ring::default();
        ring.fill(3.0, 4);
        assert!(ring.is_full(4));
        ring.freeze(Frozen::At(None));
        ring.clear();
        assert!(!ring.is_full(1));
        assert_eq!(ring.frozen(), Frozen::At(None));
    }
}
