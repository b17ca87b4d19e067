//! The benchmarks in the order of the table, with their targets.

/// The unit of a measured value and of its aim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Megabytes,
    Kilobytes,
    Tasks,
}

/// The largest acceptable value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Aim {
    /// Printed for comparison; or the measurement itself states the aim.
    None,
    Most(f64),
    /// A multiple of the median of another value.
    Times(f64, &'static str),
}

use Aim::{Most, Times};
use Unit::{Kilobytes, Megabytes, Milliseconds, Tasks};

#[rustfmt::skip]
pub(super) const AIMS: &[(&str, Aim, Unit)] = &[
    ("decide/10", Most(0.001), Milliseconds),
    ("decide/10 by upstream", Aim::None, Milliseconds),
    ("decide/100", Most(0.004), Milliseconds),
    ("decide/100 by upstream", Aim::None, Milliseconds),
    ("decide/1000", Most(0.04), Milliseconds),
    ("decide/1000 by upstream", Aim::None, Milliseconds),
    ("simulation/walkthrough, 30 min", Most(1.0), Milliseconds),
    ("simulation/24 h, 10 pods", Most(8.0), Milliseconds),
    ("simulation/24 h, 1000 pods", Times(3.0, "simulation/24 h, 10 pods"), Milliseconds),
    ("simulation/24 h, 1000 uneven pods", Most(150.0), Milliseconds),
    ("simulation/7 days, 4 metrics", Most(150.0), Milliseconds),
    ("memory of 7 days, 4 metrics", Most(64.0), Megabytes),
    ("check of all experiments", Most(2000.0), Milliseconds),
    ("controller, 10000 x 10, processor a sync", Most(0.1), Milliseconds),
    ("controller, 10000 x 10, memory at most", Most(250.0), Megabytes),
    ("controller, 10000 x 10, start to first sync", Most(1000.0), Milliseconds),
    ("controller, 1 x 1000, processor a sync", Most(5.0), Milliseconds),
    ("controller, binary", Most(15.0), Megabytes),
    ("24 h in Chromium", Most(16.0), Milliseconds),
    ("slider, 30m: main thread, mean", Most(16.0), Milliseconds),
    ("slider, 30m: until painted", Most(16.0), Milliseconds),
    ("slider, 30m: until painted, 95th percentile", Aim::None, Milliseconds),
    ("slider, 2h: main thread, mean", Aim::None, Milliseconds),
    ("slider, 2h: until painted", Most(16.0), Milliseconds),
    ("slider, 2h: until painted, 95th percentile", Most(33.0), Milliseconds),
    ("slider, 24h: main thread, mean", Aim::None, Milliseconds),
    ("slider, 24h: until painted", Most(50.0), Milliseconds),
    ("slider, 24h: until painted, 95th percentile", Aim::None, Milliseconds),
    ("playing: time from frame to frame, mean", Aim::None, Milliseconds),
    ("playing: tasks of more than 50 ms", Aim::None, Tasks),
    ("100,000 points: dropped", Aim::None, Milliseconds),
    ("100,000 points: crosshair", Most(33.0), Milliseconds),
    ("100,000 points: cursor", Most(33.0), Milliseconds),
    ("100,000 points: wheel zoom", Most(33.0), Milliseconds),
    ("100,000 points: load slider", Aim::None, Milliseconds),
    ("first contentful paint", Aim::None, Milliseconds),
    ("first load", Aim::None, Kilobytes),
    ("lazy parts of the page", Aim::None, Kilobytes),
    ("all that travels", Aim::None, Kilobytes),
];
