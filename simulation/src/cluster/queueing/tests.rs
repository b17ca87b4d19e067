//! Compares the simulation's formulas with queueing theory.

use test_support::check_each;

use super::super::rng::Rng;
use super::*;

/// Asserts that the relative error of `actual` is at most `error`.
#[track_caller]
fn check(actual: f64, expected: f64, error: f64) {
    assert!(
        (actual - expected).abs() <= error * expected,
        "{actual} is not within {error} of {expected}"
    );
}

const LOADS: [f64; 7] = [0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 0.98];

/// Erlang C as the textbook writes it: a sum over the states.
fn erlang_c_by_states(servers: u32, load: f64) -> f64 {
    let offered = load * f64::from(servers);
    let mut term = 1.0;
    let mut sum = 0.0;
    for n in 0..servers {
        sum += term;
        term *= offered / f64::from(n + 1);
    }
    let waiting = term / (1.0 - load);
    waiting / (sum + waiting)
}

#[test]
fn erlang_c_is_the_sum_over_the_states() {
    check_each([1, 2, 3, 8, 32, 100], |servers| {
        check_each(LOADS, |load| {
            check(
                erlang_c(servers, load),
                erlang_c_by_states(servers, load),
                1e-12,
            );
        });
    });
    assert_eq!(erlang_c(4, 0.0).to_bits(), 0.0_f64.to_bits());
    check(erlang_c(4, 1.5), 1.0, 0.0);
}

/// M/M/1: the latency is exponential with mean service / (1 - load).
#[test]
fn one_exponential_server_is_exact() {
    let latencies = Latencies::new(1, 0.05, false);
    check_each(LOADS, |load| {
        let cell = latencies.at(load);
        let mean = 0.05 / (1.0 - load);
        check(cell.mean, mean, 0.002);
        let [p50, p95, p99] = cell.percentiles();
        check(p50, mean * libm::log(2_f64), 0.002);
        check(p95, mean * libm::log(20_f64), 0.002);
        check(p99, mean * libm::log(100_f64), 0.002);
    });
}

/// M/M/c: the quantiles solve the known distribution, found here by bisection.
#[test]
fn several_exponential_servers_are_exact() {
    check_each([2, 8, 32, 100], |servers| {
        let (service, c) = (0.2, f64::from(servers));
        let latencies = Latencies::new(servers, service, false);
        check_each(LOADS, |load| {
            let waits = erlang_c_by_states(servers, load);
            let (mu, nu) = (1.0 / service, c * (1.0 - load) / service);
            let exceeds = |t: f64| {
                let (served, waited) = (libm::exp(-mu * t), libm::exp(-nu * t));
                let sum = if (mu - nu).abs() < 1e-9 {
                    (1.0 + mu * t) * served
                } else {
                    (mu * waited - nu * served) / (mu - nu)
                };
                (1.0 - waits) * served + waits * sum
            };
            let quantile = |rest: f64| {
                let (mut low, mut high) = (0.0, 1e4);
                for _ in 0..200 {
                    let middle = f64::midpoint(low, high);
                    if exceeds(middle) > rest {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                low
            };
            let cell = latencies.at(load);
            check(cell.mean, service + waits / nu, 0.002);
            let [p50, p95, p99] = cell.percentiles();
            check(p50, quantile(0.5), 0.002);
            check(p95, quantile(0.05), 0.002);
            check(p99, quantile(0.01), 0.002);
        });
    });
}

/// M/D/1: the Pollaczek-Khinchine formula gives the mean exactly.
#[test]
fn one_deterministic_server_has_the_exact_mean() {
    let latencies = Latencies::new(1, 0.05, true);
    check_each(LOADS, |load| {
        let mean = 0.05 + 0.05 * load / (2.0 * (1.0 - load));
        check(latencies.at(load).mean, mean, 0.002);
    });
}

/// Latencies of an M/D/c queue, request by request: mean, median, 95th and 99th percentile.
fn by_simulation(servers: u32, service: f64, load: f64) -> [f64; 4] {
    let rng = Rng::new(7, "arrivals");
    let rate = load * f64::from(servers) / service;
    let mut free = vec![0.0_f64; servers as usize];
    let mut now = 0.0;
    let mut latencies = Vec::new();
    for index in 0..150_000_u64 {
        now += -libm::log(1.0 - rng.uniform(index)) / rate;
        let server = (0..free.len())
            .min_by(|a, b| free[*a].total_cmp(&free[*b]))
            .expect("one");
        let done = free[server].max(now) + service;
        free[server] = done;
        if index > 15_000 {
            latencies.push(done - now);
        }
    }
    latencies.sort_by(f64::total_cmp);
    let at = |part: usize| latencies[latencies.len() * part / 100];
    let sum: f64 = latencies.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "a few hundred thousand")]
    let mean = sum / latencies.len() as f64;
    [mean, at(50), at(95), at(99)]
}

/// M/D/c is approximate: the mean within 1 %, percentiles within 20 %, and within 12 % from a
/// load of 0.6 on.
#[test]
fn deterministic_servers_have_the_documented_accuracy() {
    check_each([1, 2, 8], |servers| {
        let latencies = Latencies::new(servers, 0.1, true);
        check_each(
            [(0.3, 0.2), (0.6, 0.12), (0.8, 0.12), (0.9, 0.12)],
            |(load, error)| {
                let [mean, p50, p95, p99] = by_simulation(servers, 0.1, load);
                let cell = latencies.at(load);
                let ours = cell.percentiles();
                // The simulated mean itself varies by a percent.
                check(cell.mean, mean, 0.02);
                check(ours[0], p50, error);
                check(ours[1], p95, error);
                check(ours[2], p99, error);
            },
        );
    });
}

/// The weighted latencies that represent a distribution if pods differ.
#[test]
fn atoms_keep_the_mean_of_the_distribution() {
    let latencies = Latencies::new(8, 0.1, false);
    check_each(LOADS, |load| {
        let cell = latencies.at(load);
        let mean: f64 = cell.atoms().map(|(value, weight)| value * weight).sum();
        let weights: f64 = cell.atoms().map(|(_, weight)| weight).sum();
        check(weights, 1.0, 1e-12);
        check(mean, cell.mean, 0.03);
    });
}

const UNBOUNDED: Bounds = Bounds {
    length: f64::INFINITY,
    timeout: f64::INFINITY,
};

#[test]
fn overload_piles_up_and_is_worked_off() {
    // 120/s against 100/s for 10 s leave 200, which 80/s against 100/s take 10 s to work off.
    let piled = pass(0.0, 1200.0, 100.0, 10.0, UNBOUNDED);
    check(piled.backlog, 200.0, 1e-12);
    check(piled.served, 1000.0, 1e-12);
    let done = pass(piled.backlog, 800.0, 100.0, 10.0, UNBOUNDED);
    assert!(done.backlog.abs() < 1e-9);
    check(done.served, 1000.0, 1e-12);
}

#[test]
fn a_full_queue_rejects_and_a_slow_one_times_out() {
    let short = Bounds {
        length: 50.0,
        timeout: f64::INFINITY,
    };
    let full = pass(0.0, 1200.0, 100.0, 10.0, short);
    assert_eq!(
        (full.backlog, full.dropped, full.timed_out),
        (50.0, 150.0, 0.0)
    );
    let impatient = Bounds {
        length: 500.0,
        timeout: 1.0,
    };
    let left = pass(0.0, 1200.0, 100.0, 10.0, impatient);
    assert_eq!(
        (left.backlog, left.dropped, left.timed_out),
        (100.0, 0.0, 100.0)
    );
}
