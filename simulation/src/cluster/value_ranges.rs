//! The valid ranges of a setup's values. They are far beyond realistic values, but keep every run
//! meaningful and bounded.

use std::ops::RangeInclusive;

use hpa_core::time::SignedDuration;

use super::creation::MAX_PODS;

/// A day.
pub const DAY: SignedDuration = SignedDuration::from_secs(24 * 3600);
const HOUR: SignedDuration = SignedDuration::from_secs(3600);
const SECOND: SignedDuration = SignedDuration::from_secs(1);
const YEAR: SignedDuration = SignedDuration(DAY.0 * 366);
const MANY: f64 = 1e15;

/// The duration of a run.
pub const DURATION: RangeInclusive<SignedDuration> = SECOND..=SignedDuration(DAY.0 * 31);
/// The longest step while the load changes.
pub const MAX_STEP: RangeInclusive<SignedDuration> = SignedDuration(100)..=DAY;
/// The time of the first sync, and the jitter and the duration of syncs.
pub const SYNC_TIMING: RangeInclusive<SignedDuration> = SignedDuration::ZERO..=HOUR;
/// The time between two syncs.
pub const SYNC_PERIOD: RangeInclusive<SignedDuration> = SECOND..=DAY;
/// Durations from zero to a day.
pub const UP_TO_A_DAY: RangeInclusive<SignedDuration> = SignedDuration::ZERO..=DAY;
/// The tolerance of the controller.
pub const TOLERANCE: RangeInclusive<f64> = 0.0..=1e6;
/// Replicas.
pub const REPLICAS: RangeInclusive<i32> = 0..=MAX_PODS.cast_signed();
/// CPU \[cores\] or CPU time [core seconds], and containers' fractions of the usage.
pub const AMOUNT: RangeInclusive<f64> = 0.0..=1e6;
/// A pod's CPU limit \[cores\].
pub const CPU_LIMIT: RangeInclusive<f64> = 0.001..=1e6;
/// Memory \[bytes\].
pub const MEMORY: RangeInclusive<f64> = 0.0..=MANY;
/// The service time of a request.
pub const SERVICE_TIME: RangeInclusive<SignedDuration> = SignedDuration(1)..=DAY;
/// A pod's concurrency; computing its latency loops over it.
pub const CONCURRENCY: RangeInclusive<u32> = 1..=1_000_000;
/// Standard deviations relative to a mean, or of a logarithm.
pub const DEVIATION: RangeInclusive<f64> = 0.0..=3.0;
/// The timeout of a waiting request.
pub const TIMEOUT: RangeInclusive<SignedDuration> = SignedDuration::ZERO..=*DURATION.end();
/// The time from the start of the containers to a crash.
pub const CRASH_AFTER: RangeInclusive<SignedDuration> = SECOND..=DAY;
/// Nodes; Kubernetes itself supports half as many.
pub const NODES: RangeInclusive<u32> = 0..=10_000;
/// Pods that fit on one node.
pub const PODS_PER_NODE: RangeInclusive<u32> = 0..=MAX_PODS;
/// The time between two scrapes.
pub const INTERVAL: RangeInclusive<SignedDuration> = SECOND..=DAY;
/// Scrapes that the window or the lag of a pipeline may span: this many are kept.
pub const MAX_SCRAPES: i64 = 1000;
/// Rates [1/s], values and factors of series.
pub const RATE: RangeInclusive<f64> = -MANY..=MANY;
/// The period of a wave.
pub const PERIOD: RangeInclusive<SignedDuration> = SECOND..=YEAR;
/// The phase of a wave.
pub const PHASE: RangeInclusive<SignedDuration> = SignedDuration(-YEAR.0)..=YEAR;
/// The correlation time of a noise.
pub const CORRELATION: RangeInclusive<SignedDuration> = SECOND..=DAY;
/// The period of repeated points.
pub const REPEAT: RangeInclusive<SignedDuration> = SECOND..=SignedDuration(i64::MAX);
/// The times of timeline events.
pub const EVENT_TIME: RangeInclusive<SignedDuration> = SignedDuration::ZERO..=*DURATION.end();
/// The duration of faults.
pub const FAULT_TIME: RangeInclusive<SignedDuration> =
    SignedDuration::ZERO..=SignedDuration(i64::MAX);
/// The fraction of pods that a fault affects.
pub const SHARE: RangeInclusive<f64> = 0.0..=1.0;

/// Concurrent metric faults: each has its own bit in the affected pods.
pub const MAX_FAULTS: usize = 64;
/// Events of a timeline.
pub const MAX_EVENTS: usize = 1_000;
/// Parts of the load; and metrics, their series, policies and containers together.
pub const MAX_PARTS: usize = 1_000;
