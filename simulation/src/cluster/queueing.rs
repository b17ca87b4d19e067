//! Latency of requests in a pod: M/M/c exactly, M/D/c approximately, overload as a fluid.
//!
//! A pod is a queue with `c` servers. While arrivals stay below its capacity, the latency is that
//! of the stationary queue: for exponential service times the exact distribution (Erlang C); for
//! deterministic ones the waiting probability of Erlang C with Cosmetatos' mean wait, spread
//! exponentially. Of the latter the mean is within 1 % of the exact one; percentiles are within
//! 12 % from a load of 0.6 on, and below it up to 20 % too high. Above capacity, and until what has
//! piled up is worked off, requests wait as long as the backlog takes.
//!
//! Drops and timeouts are those of the fluid: below capacity, random fluctuations never fill a queue.
//!
//! The stationary latency is capped at a load of 0.99: closer to 1 the queue needs hours to become
//! stationary, and until then the backlog dominates.

use std::sync::{Arc, OnceLock};

/// The stored quantiles of a latency: the three that are shown, then the midpoints of parts of the
/// distribution, whose weights are [`ATOM_WEIGHTS`].
const LEVELS: [f64; 12] = [
    0.5, 0.95, 0.99, 0.1, 0.3, 0.5, 0.7, 0.85, 0.925, 0.96, 0.98, 0.995,
];

/// The parts' weights: 0 to 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.97, 0.99, 1.
const ATOM_WEIGHTS: [f64; 9] = [0.2, 0.2, 0.2, 0.2, 0.1, 0.05, 0.02, 0.02, 0.01];

const GRID: usize = 256;
const HIGHEST_LOAD: f64 = 0.99;
/// The square root of the idle fraction of the capacity goes from 1 to 0.1 in [`GRID`] steps.
const GRID_STEP: f64 = 0.9 / 256.0;

/// The stationary latency of one kind of pod at any load.
#[derive(Clone, Debug)]
pub(super) struct Latencies {
    servers: u32,
    service: f64,
    deterministic: bool,
    cells: Arc<[OnceLock<Cell>]>,
}

/// The latency at one load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    /// Its mean \[s\].
    pub(super) mean: f64,
    /// Its quantiles \[s\] at [`LEVELS`].
    quantiles: [f64; 12],
}

impl Cell {
    /// Median, 95th and 99th percentile \[s\].
    pub(super) const fn percentiles(&self) -> [f64; 3] {
        [self.quantiles[0], self.quantiles[1], self.quantiles[2]]
    }

    /// The distribution as a few latencies \[s\] with weights that sum up to 1.
    pub(super) fn atoms(&self) -> impl Iterator<Item = (f64, f64)> {
        self.quantiles[3..].iter().copied().zip(ATOM_WEIGHTS)
    }
}

impl Latencies {
    /// A pod with `servers` servers that take `service` seconds each.
    pub(super) fn new(servers: u32, service: f64, deterministic: bool) -> Self {
        Self {
            servers: servers.max(1),
            service,
            deterministic,
            cells: (0..=GRID).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The latency at `load`, arrivals over capacity.
    pub(super) fn at(&self, load: f64) -> Cell {
        let (low, high, part) = self.around(load);
        let between = |a: f64, b: f64| a + (b - a) * part;
        Cell {
            mean: between(low.mean, high.mean),
            quantiles: std::array::from_fn(|i| between(low.quantiles[i], high.quantiles[i])),
        }
    }

    /// The mean latency at `load` \[s\].
    pub(super) fn mean(&self, load: f64) -> f64 {
        let (low, high, part) = self.around(load);
        low.mean + (high.mean - low.mean) * part
    }

    /// Median, 95th and 99th percentile at `load` \[s\].
    pub(super) fn percentiles(&self, load: f64) -> [f64; 3] {
        let (low, high, part) = self.around(load);
        let (low, high) = (low.percentiles(), high.percentiles());
        std::array::from_fn(|i| low[i] + (high[i] - low[i]) * part)
    }

    /// The grid loads around `load`, and its position between them.
    fn around(&self, load: f64) -> (&Cell, &Cell, f64) {
        let load = if load.is_finite() {
            load.clamp(0.0, HIGHEST_LOAD)
        } else {
            HIGHEST_LOAD
        };
        // The grid is finer towards full load, where the latency grows without bound.
        let exact = (1.0 - (1.0 - load).sqrt()) / GRID_STEP;
        let low = grid_index(exact);
        let part = exact - exact.floor();
        if part == 0.0 {
            return (self.cell(low), self.cell(low), 0.0);
        }
        (self.cell(low), self.cell((low + 1).min(GRID)), part)
    }

    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    fn cell(&self, index: usize) -> &Cell {
        self.cells[index].get_or_init(|| {
            let root = 1.0 - index as f64 * GRID_STEP;
            stationary(
                self.servers,
                self.service,
                1.0 - root * root,
                self.deterministic,
            )
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the grid's size"
)]
fn grid_index(exact: f64) -> usize {
    (exact as usize).min(GRID)
}

/// The probability that a request has to wait in an M/M/c queue (Erlang C).
pub(super) fn erlang_c(servers: u32, load: f64) -> f64 {
    if load <= 0.0 {
        return 0.0;
    }
    if load >= 1.0 {
        return 1.0;
    }
    let offered = load * f64::from(servers);
    let mut blocking = 1.0; // Erlang B, server by server.
    for n in 1..=servers {
        blocking = offered * blocking / (f64::from(n) + offered * blocking);
    }
    blocking / (1.0 - load * (1.0 - blocking))
}

/// The stationary latency of an M/M/c or M/D/c queue.
fn stationary(servers: u32, service: f64, load: f64, deterministic: bool) -> Cell {
    let c = f64::from(servers);
    let waits = erlang_c(servers, load);
    // Waiting requests wait for an exponential time with this mean.
    let exponential = service / (c * (1.0 - load));
    if deterministic {
        // Cosmetatos: half of the exponential queue's wait, corrected for several servers.
        let correction = if load > 0.0 {
            (1.0 - load) * (c - 1.0) * ((4.0 + 5.0 * c).sqrt() - 2.0) / (16.0 * load * c)
        } else {
            0.0
        };
        let mean_wait = waits * exponential * 0.5 * (1.0 + correction.min(1.0));
        let wait = if waits > 0.0 { mean_wait / waits } else { 0.0 };
        return Cell {
            mean: service + mean_wait,
            quantiles: LEVELS.map(|level| {
                let rest = 1.0 - level;
                service
                    + if rest < waits {
                        wait * libm::log(waits / rest)
                    } else {
                        0.0
                    }
            }),
        };
    }
    Cell {
        mean: service + waits * exponential,
        quantiles: LEVELS.map(|level| sojourn_quantile(1.0 - level, waits, exponential, service)),
    }
}

/// The latency that a fraction `rest` of all requests exceeds: an exponential service, after an
/// exponential wait for a fraction `waits` of them. Newton's method on the logarithm.
fn sojourn_quantile(rest: f64, waits: f64, wait: f64, service: f64) -> f64 {
    let (mu, nu) = (1.0 / service, 1.0 / wait);
    let goal = libm::log(rest);
    let mut t = service * -goal;
    for _ in 0..50 {
        let (served, waited) = (libm::exp(-mu * t), libm::exp(-nu * t));
        // P(service > t) and P(wait + service > t), with their derivatives.
        let (sum, slope) = if (mu - nu).abs() > 1e-9 * mu {
            let scale = 1.0 / (mu - nu);
            (
                (mu * waited - nu * served) * scale,
                mu * nu * (served - waited) * scale,
            )
        } else {
            ((1.0 + mu * t) * served, -mu * mu * t * served)
        };
        let exceeds = (1.0 - waits) * served + waits * sum;
        let slope = -(1.0 - waits) * mu * served + waits * slope;
        if exceeds <= 0.0 || slope >= 0.0 {
            break;
        }
        let change = (libm::log(exceeds) - goal) * exceeds / slope;
        t = (t - change).max(0.0);
        if change.abs() <= 1e-12 * t {
            break;
        }
    }
    t
}

/// The requests of one queue in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Passed {
    /// Requests that were served.
    pub(super) served: f64,
    /// Requests that were rejected.
    pub(super) dropped: f64,
    /// Requests that timed out.
    pub(super) timed_out: f64,
    /// Requests waiting at the end.
    pub(super) backlog: f64,
}

/// The limits of a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The maximum number of waiting requests; more are rejected.
    pub(super) length: f64,
    /// The timeout in seconds. In a queue that is served in order, it makes no difference to the served
    /// requests whether the others leave immediately or when they time out.
    pub(super) timeout: f64,
}

/// The fluid model: `arrivals` over `time` seconds, served at most at `capacity` per second.
pub(super) fn pass(
    backlog: f64,
    arrivals: f64,
    capacity: f64,
    time: f64,
    bounds: Bounds,
) -> Passed {
    let able = capacity * time;
    let rest = backlog + arrivals - able;
    if rest <= 0.0 {
        return Passed {
            served: backlog + arrivals,
            ..Passed::default()
        };
    }
    let patient = capacity * bounds.timeout;
    let room = patient.min(bounds.length);
    let excess = (rest - room).max(0.0);
    let (dropped, timed_out) = if patient < bounds.length {
        (0.0, excess)
    } else {
        (excess, 0.0)
    };
    Passed {
        served: able,
        dropped,
        timed_out,
        backlog: rest - excess,
    }
}

#[cfg(test)]
mod tests;
