//! Whole runs: the walkthrough, a day with 10, 1,000 and 1,000 uneven pods, a week.

mod setups;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hpa_simulation::cluster::{Setup, run};

use setups::{day, valid, week};

fn simulation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulation");
    let walkthrough = Setup::default();
    group.bench_function("walkthrough, 30 min", |bencher| {
        bencher.iter(|| run(black_box(&walkthrough)));
    });
    group.sample_size(20);
    let ten = valid(day(10.0));
    group.bench_function("24 h, 10 pods", |bencher| {
        bencher.iter(|| run(black_box(&ten)));
    });
    let thousand = valid(day(1000.0));
    group.bench_function("24 h, 1000 pods", |bencher| {
        bencher.iter(|| run(black_box(&thousand)));
    });
    let mut uneven = day(1000.0);
    uneven.model.unevenness = 0.3;
    let uneven = valid(uneven);
    group.bench_function("24 h, 1000 uneven pods", |bencher| {
        bencher.iter(|| run(black_box(&uneven)));
    });
    let week = week();
    group.bench_function("7 days, 4 metrics", |bencher| {
        bencher.iter(|| run(black_box(&week)));
    });
    group.finish();
}

criterion_group!(benches, simulation);
criterion_main!(benches);
