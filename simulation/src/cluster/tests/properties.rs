//! What holds for any setup: nothing is lost, counts stay in range, the same comes out again.

use proptest::prelude::*;

use super::*;
use hpa_core::autoscaler::explanation::Branch;

prop_compose! {
    fn shape()(
        kind in 0..6,
        rate in -50.0..400.0_f64,
        a in 0_i64..1500,
        b in 1_i64..900,
        c in 0_i64..300,
    ) -> Shape {
        let (from, until) = (s(a), s(a + b));
        match kind {
            0 => Shape::Constant { rate },
            1 => Shape::Step { rate, from, until: Some(until) },
            2 => Shape::Ramp { start_rate: rate, end_rate: 100.0, from, until },
            3 => Shape::Wave {
                mean: rate, amplitude: rate, period: s(b), phase: s(c), form: WaveShape::Triangle,
            },
            4 => Shape::Spike { height: 10.0 * rate, at: from, rise: s(c), hold: s(c), decay: s(b) },
            _ => Shape::Noise { deviation: rate.abs(), correlation: s(1 + c) },
        }
    }
}

fn action() -> impl Strategy<Value = Action> {
    let fault = prop_oneof![
        Just(FaultKind::Missing),
        Just(FaultKind::Zero),
        Just(FaultKind::Stale),
        Just(FaultKind::Error(String::from("broken"))),
        (0.0..5.0).prop_map(FaultKind::Factor),
    ];
    prop_oneof![
        (0..30).prop_map(|replicas| Action::Scale { replicas }),
        Just(Action::RollingUpdate),
        (0_u32..9).prop_map(|count| Action::LosePods { count }),
        (0_u32..3).prop_map(|count| Action::LoseNodes { count }),
        (fault, 0.0..=1.0, 0_i64..600).prop_map(|(fault, share, time)| Action::MetricFault {
            target: FaultTarget::All,
            fault,
            share,
            duration: s(time),
        }),
        (0_i64..200).prop_map(|time| Action::MetricsApiDown {
            api: MetricsApi::All,
            duration: s(time),
        }),
        (0_i64..60).prop_map(|time| Action::RestartController { downtime: s(time) }),
        proptest::option::of(0_u32..20).prop_map(|pods| Action::SetQuota { pods }),
    ]
}

prop_compose! {
    fn setup()(
        shapes in proptest::collection::vec(shape(), 0..4),
        events in proptest::collection::vec((0_i64..1800, action()), 0..6),
        (replicas, minimum, more) in (0..12_i32, 1..6_i32, 0..15_i32),
        (unevenness, deviation) in (0.0..0.5_f64, 0.0..0.5_f64),
        (concurrency, kind, queue) in (1_u32..20, 0..3_usize, 0..3),
        (room, nodes, seed) in (proptest::option::of(1_u32..6), 1_u32..4, any::<u64>()),
    ) -> SetupDraft {
        let mut setup = SetupDraft { duration: s(1800), seed, ..SetupDraft::default() };
        setup.load.parts = shapes
            .into_iter()
            .map(|shape| LoadPart { name: String::from("part"), shape })
            .collect();
        setup.timeline = events
            .into_iter()
            .map(|(time, action)| TimelineEvent { at: s(time), action })
            .collect();
        setup.workload.spec.replicas = Some(replicas);
        setup.autoscaler.spec.min_replicas = Some(minimum);
        setup.autoscaler.spec.max_replicas = minimum + more;
        setup.model.unevenness = if unevenness < 0.2 { 0.0 } else { unevenness };
        setup.startup.start_time.deviation = if deviation < 0.2 { 0.0 } else { deviation };
        setup.model.concurrency = concurrency;
        setup.model.queue = match queue {
            0 => Queue::WorkQueue,
            1 => Queue::PerPod { length: Some(5), timeout: None },
            _ => Queue::default(),
        };
        setup.workload.kind = hpa_core::api::ScaleTargetKind::KNOWN[kind].clone();
        setup.autoscaler.spec.scale_target_ref.kind = setup.workload.kind.kind().to_owned();
        setup.nodes = Nodes {
            count: nodes,
            pods_per_node: room,
            autoscaler: Some(NodeAutoscaler::default()),
            quota: None,
        };
        setup
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_run_keeps_its_promises(setup in setup()) {
        let Recording { trace, replay } = run(&setup);
        let totals = trace.totals;
        let out = totals.served + totals.dropped + totals.timed_out + totals.in_system;
        prop_assert!((totals.arrived - out).abs() <= 1e-6 * (totals.arrived + 1.0), "{totals:?}");
        for sum in [totals.served, totals.dropped, totals.timed_out, totals.in_system] {
            prop_assert!(sum >= -1e-9, "{totals:?}");
        }
        let (least, most) = (
            setup.autoscaler.spec.lower_limit(),
            setup.autoscaler.spec.max_replicas,
        );
        for sync in &trace.syncs {
            prop_assert!(sync.desired >= 0 && sync.ready <= 100);
            // Without metrics nothing changes, and zero replicas are left alone.
            if !matches!(sync.branch, Branch::NoMetrics | Branch::NoScale | Branch::Disabled) {
                prop_assert!((least..=most).contains(&sync.desired), "{sync:?}");
            }
        }
        prop_assert!(trace.syncs.windows(2).all(|pair| pair[0].time < pair[1].time));
        prop_assert!(trace.steps.time.windows(2).all(|pair| pair[0] < pair[1]));
        // Pods that live at the end are those that the charts count.
        let alive: u32 = trace.pods.iter().filter(|pod| pod.gone.is_none()).map(|pod| pod.count).sum();
        let last = trace.steps.time.len() - 1;
        let steps = &trace.steps;
        let shown = steps.ready[last] + steps.unready[last] + steps.pending[last] + steps.terminating[last];
        let recent = trace.pods.iter().any(|pod| {
            [Some(pod.created), pod.gone].into_iter().flatten().any(|time| time.0 >= 1_795_000)
        });
        prop_assert!(alive == shown || recent, "{alive} {shown}");
        prop_assert_eq!(run(&setup).trace.hash(), trace.hash());
        // Any sync can be computed again.
        for index in [0, trace.syncs.len() / 2, trace.syncs.len() - 1] {
            let detail = replay.detail(index).expect("within the run");
            prop_assert_eq!(detail.time, trace.syncs[index].time);
            prop_assert_eq!(detail.explanation.desired, trace.syncs[index].desired);
        }
    }
}
