//! Events: which are counted, combined or rate-limited, as in client-go; and that writes are retried.

use hpa_core::autoscaler::ControllerConfig;
use hpa_core::time::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::api_objects::Key;
use crate::args::Mode;
use crate::clock::Reading;
use crate::event_correlator::{EventCorrelator, EventRecord, Limits};
use crate::tests::harness::{TestController, settle};
use fake_api_server::fixtures::{SCALE, cluster, events, scale_of};
use fake_api_server::{Answer, Fault, World};

/// An event `at` seconds after the first.
fn event(name: &str, at: i64, reason: &str, message: &str) -> EventRecord {
    let time = Timestamp::parse("2026-01-01T12:00:00Z").unwrap() + SignedDuration::from_secs(at);
    EventRecord {
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

fn reading(event: &EventRecord) -> Reading {
    Reading {
        wall: event.last,
        monotonic: SignedDuration(event.last.0),
    }
}

/// Checks which of these events (time in seconds, reason, message) are written, with which count and
/// message.
#[track_caller]
fn check(limits: Limits, happened: &[(i64, &str, &str)], expected: &[Option<(u32, &str)>]) {
    let mut correlator = EventCorrelator::new(limits);
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

/// No rate limit.
const UNLIMITED: Limits = Limits {
    burst: 1e6,
    similar: 10,
};

#[test]
fn equal_events_are_counted() {
    check(
        UNLIMITED,
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
fn the_tenth_event_that_differs_only_in_its_message_is_combined() {
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
    // A message that is still remembered is counted by itself.
    happened.push((15, "A", "12"));
    expected.push(Some((1, "12")));
    // More than ten minutes after the last similar event, counting starts over.
    happened.push((15 + 600, "A", "a new one"));
    expected.push(Some((5, "(combined from similar events): a new one")));
    happened.push((15 + 600 + 601, "A", "another one"));
    expected.push(Some((1, "another one")));
    check(UNLIMITED, &happened, &expected);
}

#[test]
fn a_rate_limited_event_is_counted() {
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
            // The whole burst again after a long quiet period, and no more.
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
fn a_repeated_event_keeps_its_name_and_first_timestamp() {
    let mut correlator = EventCorrelator::new(Limits::default());
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
        (first.first, first.first + SignedDuration::from_secs(60))
    );
}

#[test]
fn the_caches_are_bounded() {
    let mut correlator = EventCorrelator::new(Limits::default());
    let tell = |correlator: &mut EventCorrelator, name: &str, message: &str| {
        let event = event(name, 0, "A", message);
        let now = reading(&event);
        correlator.correlate(event, now)
    };
    for number in 0..5_000 {
        tell(&mut correlator, &format!("web-{number}"), "x");
        // A recently used entry stays.
        tell(&mut correlator, "always", "x");
    }
    assert_eq!(correlator.sizes(), [4_096; 3]);
    for number in 0..5_000 {
        tell(&mut correlator, "always", &format!("{number}"));
    }
    assert_eq!(correlator.sizes(), [4_096; 3]);
    // Of the first 5,000, the last is remembered and the first is not.
    let count = |told: Option<EventRecord>| told.unwrap().count;
    assert_eq!(count(tell(&mut correlator, "web-4999", "x")), 2);
    assert_eq!(count(tell(&mut correlator, "web-0", "x")), 1);
}

#[tokio::test(start_paused = true)]
async fn event_writes_are_retried_while_the_server_is_down() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    controller.server.fault(Fault::times(
        4,
        "POST",
        "/events",
        Answer::Plain(503, "away"),
    ));
    controller.sync().await;
    controller
        .server
        .until("the event is written", |world| {
            world
                .requests
                .iter()
                .any(|request| request.method == "POST" && request.status == 201)
        })
        .await;
    let told = events(&controller.server);
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].2,
        "New size: 4; reason: cpu resource utilization (percentage of request) above target"
    );
}

#[tokio::test(start_paused = true)]
async fn equal_events_are_counted_and_floods_are_rate_limited() {
    let server = cluster(2, "100m");
    let mut controller = TestController::with(
        server,
        Mode::Active,
        ControllerConfig::default(),
        |settings| {
            settings.events.limits.burst = 5.0;
        },
    )
    .await;
    controller.server.put(SCALE, scale_of(2, 2, ""));
    for _ in 0..8 {
        controller.sync().await;
    }
    controller
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
    let created: Vec<Value> = controller
        .server
        .with(|world| world.list("/api/v1/events", ""));
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
    settle().await;
    let series = "hpa_controller_events_dropped_total{reason=\"flood\"} 11";
    let page = controller.metrics();
    assert!(page.contains(series), "{page}");
    // One more every five minutes.
    controller.clock.advance(SignedDuration::from_secs(300));
    controller.sync().await;
    controller
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
    // Rate-limited ones are counted too.
    let required = controller.server.with(|world| {
        let mut events = world.list("/api/v1/events", "");
        events.retain(|event| event["reason"] == "SelectorRequired");
        events[0]["count"].clone()
    });
    assert_eq!(required, 9);
}

#[tokio::test(start_paused = true)]
async fn an_expired_event_is_created_again() {
    let server = cluster(2, "100m");
    server.put(SCALE, scale_of(2, 2, ""));
    let mut controller =
        TestController::new(server, Mode::Active, ControllerConfig::default()).await;
    let find = |world: &World| {
        let events = world.list("/api/v1/events", "");
        let mut required = events
            .into_iter()
            .filter(|event| event["reason"] == "SelectorRequired");
        required.next()
    };
    controller.sync().await;
    let server = controller.server.clone();
    server
        .until("the event is written", |world| find(world).is_some())
        .await;
    let first = server.with(|world| find(world)).unwrap();
    let name = first["metadata"]["name"].as_str().unwrap();
    server.delete(&format!("/api/v1/namespaces/prod/events/{name}"));
    controller.sync().await;
    server
        .until("the event is written again", |world| find(world).is_some())
        .await;
    let again = server.with(|world| find(world)).unwrap();
    assert_eq!(again["count"], 2);
    for field in ["firstTimestamp", "message", "reportingComponent"] {
        assert_eq!(again[field], first[field]);
    }
    assert_eq!(again["metadata"]["name"], first["metadata"]["name"]);
}
