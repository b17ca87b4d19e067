//! Random numbers that depend only on the seed, the concern and an index.
//!
//! There is no stream to advance: a pod's numbers do not depend on earlier draws.

use hpa_core::time::SignedDuration;

/// One concern's source of random numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    /// The source for `concern`; changing another concern's draws does not shift these.
    pub(super) fn new(seed: u64, concern: &str) -> Self {
        Self(concern.bytes().fold(mix(seed), |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    fn bits(self, index: u64) -> u64 {
        mix(self.0 ^ mix(index))
    }

    /// Uniform in [0, 1).
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(super) fn uniform(self, index: u64) -> f64 {
        (self.bits(index) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// One of [`CLASSES`] equally likely classes.
    pub(super) fn class(self, index: u64) -> u8 {
        (self.bits(index) >> 59) as u8
    }

    /// Standard normal (Box and Muller).
    pub(super) fn normal(self, index: u64) -> f64 {
        let u = 1.0 - self.uniform(2 * index);
        let v = self.uniform(2 * index + 1);
        (-2.0 * libm::log(u)).sqrt() * libm::cos(std::f64::consts::TAU * v)
    }

    /// A duration up to `most`.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "milliseconds of a run are far below 2^53"
    )]
    pub(super) fn up_to(self, index: u64, most: SignedDuration) -> SignedDuration {
        SignedDuration((self.uniform(index) * most.0 as f64) as i64)
    }
}

/// `SplitMix64`'s output function.
const fn mix(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The number of distinct values of a trait, limited so that many pods can share a cohort.
pub(super) const CLASSES: u8 = 32;

/// The middle of each of [`CLASSES`] equally likely parts of the standard normal distribution,
/// scaled so that their standard deviation is 1.
pub(super) fn normal_class(class: u8) -> f64 {
    const UPPER: [f64; 16] = [
        0.039_960, 0.120_126, 0.201_043, 0.283_247, 0.367_335, 0.454_002, 0.544_082, 0.638_626,
        0.739_011, 0.847_128, 0.965_725, 1.099_075, 1.254_466, 1.446_165, 1.709_472, 2.196_970,
    ];
    let class = usize::from(class % CLASSES);
    if class < 16 {
        -UPPER[15 - class]
    } else {
        UPPER[class - 16]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_mean_zero_and_deviation_one() {
        let values: Vec<f64> = (0..CLASSES).map(normal_class).collect();
        let sum: f64 = values.iter().sum();
        let squares: f64 = values.iter().map(|v| v * v).sum();
        assert!(sum.abs() < 1e-9);
        assert!(
            (squares / f64::from(CLASSES) - 1.0).abs() < 0.01,
            "{squares}"
        );
    }

    #[test]
    fn draws_are_spread_as_they_should_be() {
        let rng = Rng::new(1, "test");
        let n = 20_000;
        let uniform: f64 = (0..n).map(|i| rng.uniform(i)).sum::<f64>() / 20_000.0;
        let normal: f64 = (0..n).map(|i| rng.normal(i)).sum::<f64>() / 20_000.0;
        let square: f64 = (0..n).map(|i| rng.normal(i) * rng.normal(i)).sum::<f64>() / 20_000.0;
        assert!((uniform - 0.5).abs() < 0.01, "{uniform}");
        assert!(normal.abs() < 0.02, "{normal}");
        assert!((square - 1.0).abs() < 0.03, "{square}");
    }

    #[test]
    fn concerns_do_not_share_numbers() {
        let (a, b) = (Rng::new(1, "a"), Rng::new(1, "b"));
        assert!((0..100).all(|i| a.uniform(i).to_bits() != b.uniform(i).to_bits()));
    }
}
