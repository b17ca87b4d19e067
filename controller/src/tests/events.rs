//! Events: what is counted, combined or cut, as client-go's recorder does; and that they wait.

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::{Duration as Span, Timestamp};
use serde_json::Value;

use crate::api_objects::Key;
use crate::args::Mode;
use crate::clock::Reading;
use crate::event_correlator::{Correlator, Limits, Occurrence};
use crate::tests::harness::Bench;
use fake_api_server::{Answer, Fault};
use fake_api_server::{SCALE, cluster, events, scale_of};

/// An event `at` seconds after the first.
fn event(name: &str, at: i64, reason: &str, message: &str) -> Occurrence {
    let time = Timestamp::parse("2026-01-01T12:00:00Z").unwrap() + Span::from_secs(at);
    Occurrence {
        key: Key::new("prod", name),
        uid: format!("uid-{name}").into(),
        version: "1".into(),
        kind: String::from("Warning"),
        reason: reason.to_owned(),
        message: message.to_owned(),
        name: String::new(),
        count: 1,
        first: time,
        last: time,
        combined: false,
    }
}

fn reading(event: &Occurrence) -> Reading {
    Reading {
        wall: event.last,
        monotonic: Span(event.last.0),
    }
}

/// Which of these events, by time in seconds, reason and message, are written, with which count and
/// message.
#[track_caller]
fn check(limits: Limits, happened: &[(i64, &str, &str)], expected: &[Option<(u32, &str)>]) {
    let mut correlator = Correlator::new(limits);
    let mut written = Vec::new();
    for (at, reason, message) in happened {
        let event = event("web", *at, reason, message);
        let now = reading(&event);
        let found = correlator.correlate(event, now);
        if let Some(found) = &found {
            correlator.confirm(found);
        }
        written.push(found.map(|found| (found.count, found.message)));
    }
    let expected: Vec<_> = expected
        .iter()
        .map(|expected| expected.map(|(count, message)| (count, message.to_owned())))
        .collect();
    assert_eq!(written, expected);
}

/// No flood is cut.
const QUIET: Limits = Limits {
    burst: 1e6,
    similar: 10,
};

#[test]
fn equal_events_are_counted() {
    check(
        QUIET,
        &[
            (0, "A", "x"),
            (5, "B", "x"),
            (9, "A", "x"),
            (9_000, "A", "x"),
        ],
        &[
            Some((1, "x")),
            Some((1, "x")),
            Some((2, "x")),
            Some((3, "x")),
        ],
    );
}

#[test]
fn the_tenth_that_differs_only_in_its_message_is_combined() {
    let messages: Vec<String> = (0..13).map(|number| format!("{number:02}")).collect();
    let mut happened: Vec<(i64, &str, &str)> = messages
        .iter()
        .zip(0..)
        .map(|(message, at)| (at, "A", message.as_str()))
        .collect();
    let combined = |number: usize| format!("(combined from similar events): {}", messages[number]);
    let texts: Vec<String> = (9..13).map(combined).collect();
    let mut expected: Vec<Option<(u32, &str)>> = messages[..9]
        .iter()
        .map(|message| Some((1, message.as_str())))
        .collect();
    expected.extend(
        texts
            .iter()
            .zip(1..)
            .map(|(text, count)| Some((count, text.as_str()))),
    );
    // Another reason is another group.
    happened.push((14, "B", "00"));
    expected.push(Some((1, "00")));
    // One of those that are still remembered is counted by itself.
    happened.push((15, "A", "12"));
    expected.push(Some((1, "12")));
    // Ten minutes after the last one, and no earlier, all begins anew.
    happened.push((15 + 600, "A", "a new one"));
    expected.push(Some((5, "(combined from similar events): a new one")));
    happened.push((15 + 600 + 601, "A", "another one"));
    expected.push(Some((1, "another one")));
    check(QUIET, &happened, &expected);
}

#[test]
fn a_flood_is_cut_and_counted_all_the_same() {
    let limits = Limits {
        burst: 3.0,
        similar: 10,
    };
    check(
        limits,
        &[
            (0, "A", "x"),
            (0, "A", "x"),
            (0, "B", "y"),
            (1, "A", "x"),
            (2, "C", "z"),
            // One more every five minutes.
            (299, "A", "x"),
            (300, "A", "x"),
            (301, "C", "z"),
            (600, "C", "z"),
            // As many as at first after a long quiet, and no more.
            (9_000, "A", "x"),
            (9_000, "A", "x"),
            (9_000, "A", "x"),
            (9_000, "A", "x"),
        ],
        &[
            Some((1, "x")),
            Some((2, "x")),
            Some((1, "y")),
            None,
            None,
            None,
            Some((5, "x")),
            None,
            Some((3, "z")),
            Some((6, "x")),
            Some((7, "x")),
            Some((8, "x")),
            None,
        ],
    );
}

#[test]
fn a_repeated_event_keeps_its_name_and_its_beginning() {
    let mut correlator = Correlator::new(Limits::default());
    let mut tell = |at: i64, message: &str| {
        let event = event("web", at, "A", message);
        let now = reading(&event);
        correlator.correlate(event, now).unwrap()
    };
    let (first, other, again) = (tell(0, "x"), tell(0, "y"), tell(60, "x"));
    // Upstream: the object's name and nanoseconds in hexadecimal.
    let (of, number) = first.name.split_once('.').unwrap();
    let nanoseconds = i64::from_str_radix(number, 16).unwrap();
    assert_eq!((of, nanoseconds / 1_000_000), ("web", first.first.0));
    assert_ne!(first.name, other.name);
    assert_eq!(again.name, first.name);
    assert_eq!(
        (again.first, again.last),
        (first.first, first.first + Span::from_secs(60))
    );
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut correlator = Correlator::new(Limits::default());
    let tell = |correlator: &mut Correlator, name: &str, message: &str| {
        let event = event(name, 0, "A", message);
        let now = reading(&event);
        correlator.correlate(event, now)
    };
    for number in 0..5_000 {
        tell(&mut correlator, &format!("web-{number}"), "x");
        // What is asked for stays.
        tell(&mut correlator, "always", "x");
    }
    assert_eq!(correlator.sizes(), [4_096; 3]);
    for number in 0..5_000 {
        tell(&mut correlator, "always", &format!("{number}"));
    }
    assert_eq!(correlator.sizes(), [4_096; 3]);
    // The last of the first ones is remembered, the first is not.
    let count = |told: Option<Occurrence>| told.unwrap().count;
    assert_eq!(count(tell(&mut correlator, "web-4999", "x")), 2);
    assert_eq!(count(tell(&mut correlator, "web-0", "x")), 1);
}

#[tokio::test]
async fn events_wait_for_a_server_that_is_away() {
    let mut bench = Bench::busy(Mode::Active).await;
    bench.server.fault(Fault::times(
        4,
        "POST",
        "/events",
        Answer::Plain(503, "away"),
    ));
    bench.sync().await;
    bench
        .server
        .until("the event is written", |world| {
            world
                .requests
                .iter()
                .any(|request| request.method == "POST" && request.status == 201)
        })
        .await;
    let told = events(&bench.server);
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].2,
        "New size: 4; reason: cpu resource utilization (percentage of request) above target"
    );
}

#[tokio::test]
async fn equal_events_are_counted_and_floods_are_cut() {
    let server = cluster(2, "100m").await;
    let mut bench = Bench::with(
        server,
        Mode::Active,
        ControllerConfig::default(),
        |settings| {
            settings.limits.burst = 5.0;
        },
    )
    .await;
    bench.server.put(SCALE, scale_of(2, 2, ""));
    for _ in 0..8 {
        bench.sync().await;
    }
    bench
        .server
        .until("five are written", |world| {
            world
                .requests
                .iter()
                .filter(|request| request.path.contains("/events"))
                .count()
                >= 5
        })
        .await;
    let created: Vec<Value> = bench.server.with(|world| world.list("/api/v1/events", ""));
    let counts: Vec<i64> = created
        .iter()
        .map(|event| event["count"].as_i64().unwrap())
        .collect();
    assert_eq!(counts.iter().sum::<i64>(), 5, "{created:#?}");
    assert_eq!(
        created.len(),
        2,
        "SelectorRequired and FailedComputeMetricsReplicas"
    );
    let dropped = || bench.controller.context.telemetry.render();
    let series = "hpa_controller_events_dropped_total{reason=\"flood\"} 11";
    bench.seen(series, || dropped().contains(series)).await;
    // One more every five minutes.
    bench.hands.pass(Span::from_secs(300));
    bench.sync().await;
    bench
        .server
        .until("a sixth is written", |world| {
            world
                .requests
                .iter()
                .filter(|request| request.path.contains("/events"))
                .count()
                == 6
        })
        .await;
    // Those that were cut are counted.
    let required = bench.server.with(|world| {
        let mut events = world.list("/api/v1/events", "");
        events.retain(|event| event["reason"] == "SelectorRequired");
        events[0]["count"].clone()
    });
    assert_eq!(required, 9);
}

#[tokio::test]
async fn an_event_that_the_server_has_forgotten_is_made_again() {
    let server = cluster(2, "100m").await;
    server.put(SCALE, scale_of(2, 2, ""));
    let mut bench = Bench::new(server, Mode::Active, ControllerConfig::default()).await;
    let required = |bench: &Bench| {
        bench.server.with(|world| {
            let events = world.list("/api/v1/events", "");
            let mut required = events
                .into_iter()
                .filter(|event| event["reason"] == "SelectorRequired");
            required.next()
        })
    };
    bench.sync().await;
    bench.seen("the event", || required(&bench).is_some()).await;
    let first = required(&bench).unwrap();
    let name = first["metadata"]["name"].as_str().unwrap();
    bench
        .server
        .delete(&format!("/api/v1/namespaces/prod/events/{name}"));
    bench.sync().await;
    bench
        .seen("the event again", || required(&bench).is_some())
        .await;
    let again = required(&bench).unwrap();
    assert_eq!(again["count"], 2);
    for field in ["firstTimestamp", "message", "reportingComponent"] {
        assert_eq!(again[field], first[field]);
    }
    assert_eq!(again["metadata"]["name"], first["metadata"]["name"]);
}
