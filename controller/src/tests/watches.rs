//! Watches that end in every way: what the controller knows is what the server has, and the server
//! is not asked more often than need be.

use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use serde_json::json;

use crate::args::Mode;
use crate::observe::lock;
use crate::tests::harness::Bench;
use fake_api_server::{Answer, Fault, Server};
use fake_api_server::{HPA, cluster};

/// Waits until the controller sees what the server has, through whatever happens to its watches.
async fn sees_the_change(bench: &mut Bench) {
    let mut hpa = bench.server.object(HPA);
    hpa["spec"]["maxReplicas"] = json!(3);
    bench.server.put(HPA, hpa);
    bench.saw_hpa().await;
    assert_eq!(bench.sync().await.desired, Some(3));
}

#[tokio::test]
async fn watches_are_closed() {
    let mut bench = Bench::busy(Mode::Active).await;
    bench.server.with(|world| world.hang_ups += 1);
    sees_the_change(&mut bench).await;
    let lists = bench.server.requests("GET", "/horizontalpodautoscalers");
    let listed = lists
        .iter()
        .filter(|request| !request.query.contains("watch"))
        .count();
    assert_eq!(listed, 1, "a closed watch goes on where it was");
}

#[tokio::test]
async fn versions_are_forgotten() {
    let bench = Bench::busy(Mode::Active).await;
    bench.server.with(|world| {
        world.compact();
        world.objects.remove("/api/v1/namespaces/prod/pods/web-1");
    });
    bench.server.put(HPA, bench.server.object(HPA));
    bench.saw_hpa().await;
    // What went while nobody watched is found out by the new list.
    let selector = hpa_core::api::Selector::parse("app=web").unwrap();
    let pods = || {
        lock(&bench.controller.context.observer.pods)
            .select("prod", &selector)
            .len()
    };
    bench.seen("that a pod is gone", || pods() == 1).await;
}

#[tokio::test]
async fn a_watch_that_is_refused_or_garbled_begins_with_a_list() {
    for answer in [
        Answer::Status(410, "Expired", String::from("too old")),
        Answer::Garbage("{\"type\": \"MODIFIED\", \"object\": \n"),
        Answer::Garbage(
            "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"code\": 410}}\n",
        ),
        Answer::Plain(500, "no"),
        Answer::Lost,
    ] {
        let mut bench = Bench::busy(Mode::Active).await;
        bench.server.with(|world| world.hang_ups += 1);
        bench
            .server
            .fault(Fault::times(2, "GET", "/horizontalpodautoscalers", answer));
        sees_the_change(&mut bench).await;
    }
}

#[tokio::test]
async fn bookmarks_move_the_version_along() {
    let mut bench = Bench::busy(Mode::Active).await;
    let watches = |server: &Server| {
        let all = server.requests("GET", "/horizontalpodautoscalers");
        let watches = all
            .into_iter()
            .filter(|request| request.query.contains("watch"));
        watches.collect::<Vec<_>>()
    };
    let bookmark =
        "{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"77\"}}}\n";
    let fault = Fault::times(
        1,
        "GET",
        "/horizontalpodautoscalers",
        Answer::Garbage(bookmark),
    );
    bench.server.fault(fault);
    bench.server.with(|world| {
        world.version = 90;
        world.hang_ups += 1;
    });
    bench
        .server
        .until("the watch goes on", |world| {
            world
                .requests
                .iter()
                .any(|request| request.query.contains("resourceVersion=77"))
        })
        .await;
    assert!(
        watches(&bench.server)[0]
            .query
            .contains("allowWatchBookmarks=true")
    );
    sees_the_change(&mut bench).await;
}

#[tokio::test]
async fn a_server_that_closes_every_watch_at_once_is_not_asked_at_once() {
    let bench = Bench::busy(Mode::Active).await;
    let end = Answer::Garbage("");
    bench
        .server
        .fault(Fault::always("GET", "/horizontalpodautoscalers", end));
    bench.server.with(|world| {
        world.requests.clear();
        world.hang_ups += 1;
    });
    bench
        .server
        .until("ten watches are opened", |world| {
            let of_hpas =
                |request: &&fake_api_server::Request| request.path.contains("/horizontal");
            world.requests.iter().filter(of_hpas).count() >= 10
        })
        .await;
    let times: Vec<_> = bench
        .server
        .requests("GET", "/horizontalpodautoscalers")
        .iter()
        .map(|request| request.at)
        .collect();
    // Waits of 5, 10, 20, 40, and from then on 50 ms.
    let took = times[9] - times[0];
    assert!(took >= Duration::from_millis(320), "{took:?}");
}

#[tokio::test]
async fn a_broken_object_costs_itself_only() {
    let server = cluster(2, "100m").await;
    let broken = HPA.replace("/web", "/broken");
    server.put(&broken, json!({"spec": {"maxReplicas": "many"}}));
    server.put(
        "/api/v1/namespaces/prod/pods/broken",
        json!({"spec": {"containers": 7}}),
    );
    let mut bench = Bench::new(server, Mode::Active, ControllerConfig::default()).await;
    assert_eq!(bench.sync().await.desired, Some(4));
    bench
        .server
        .put(&broken, json!({"spec": {"maxReplicas": "most"}}));
    sees_the_change(&mut bench).await;
}

#[tokio::test]
async fn lists_come_in_pages_whatever_stands_first_in_them() {
    for first in [
        "{\"metadata\": {\"continue\": \"/\"}, \"items\": []}",
        "{\"items\": [], \"metadata\": {\"continue\": \"/\"}}",
        "{\"items\": null, \"metadata\": {\"continue\": \"/\"}}",
    ] {
        let server = cluster(2, "100m").await;
        let page = Fault::times(
            1,
            "GET",
            "/horizontalpodautoscalers",
            Answer::Garbage(first),
        );
        server.fault(page);
        let mut bench = Bench::new(server, Mode::Active, ControllerConfig::default()).await;
        assert_eq!(bench.sync().await.desired, Some(4), "{first}");
        let lists = bench.server.requests("GET", "/horizontalpodautoscalers");
        let queries: Vec<_> = lists
            .iter()
            .map(|request| request.query.as_str())
            .filter(|query| !query.contains("watch"))
            .collect();
        assert_eq!(queries, ["limit=500", "limit=500&continue=%2F"], "{first}");
    }
}
