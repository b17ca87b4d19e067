//! Watches that end in every way: the stores still follow the server, and requests are not repeated
//! needlessly.

use std::time::Duration;

use hpa_core::autoscaler::ControllerConfig;
use serde_json::json;

use crate::args::Mode;
use crate::mutex::lock;
use crate::tests::harness::TestController;
use fake_api_server::fixtures::{HPA, cluster};
use fake_api_server::{Answer, Fault, Server};

/// Changes the autoscaler and waits until the controller follows.
async fn follows_a_change(controller: &mut TestController) {
    let mut hpa = controller.server.object(HPA);
    hpa["spec"]["maxReplicas"] = json!(3);
    controller.server.put(HPA, hpa);
    controller.saw_hpa().await;
    assert_eq!(controller.sync().await.desired, Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_closed_watch_continues_where_it_was() {
    let mut controller = TestController::overloaded(Mode::Active).await;
    controller.server.with(|world| world.hang_ups += 1);
    follows_a_change(&mut controller).await;
    let lists = controller
        .server
        .requests("GET", "/horizontalpodautoscalers");
    let listed = lists
        .iter()
        .filter(|request| !request.query.contains("watch"))
        .count();
    assert_eq!(listed, 1, "it does not list again");
}

#[tokio::test(start_paused = true)]
async fn expired_versions_are_listed_again() {
    let controller = TestController::overloaded(Mode::Active).await;
    controller.server.with(|world| {
        world.compact();
        world.objects.remove("/api/v1/namespaces/prod/pods/web-1");
    });
    controller.server.put(HPA, controller.server.object(HPA));
    controller.saw_hpa().await;
    // The new list shows what was deleted without an event.
    let selector = hpa_core::api::Selector::parse("app=web").unwrap();
    let pods = || {
        lock(&controller.controller.context.observer.pods)
            .select("prod", &selector)
            .len()
    };
    controller.saw("that a pod is gone", || pods() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_or_garbled_watch_is_restarted() {
    for answer in [
        Answer::Status(410, "Expired", String::from("too old")),
        Answer::Garbage("{\"type\": \"MODIFIED\", \"object\": \n"),
        Answer::Garbage(
            "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"code\": 410}}\n",
        ),
        Answer::Plain(500, "no"),
        Answer::Lost,
    ] {
        let mut controller = TestController::overloaded(Mode::Active).await;
        controller.server.with(|world| world.hang_ups += 1);
        controller
            .server
            .fault(Fault::times(2, "GET", "/horizontalpodautoscalers", answer));
        follows_a_change(&mut controller).await;
    }
}

#[tokio::test(start_paused = true)]
async fn bookmarks_advance_the_version() {
    let mut controller = TestController::overloaded(Mode::Active).await;
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
    controller.server.fault(fault);
    controller.server.with(|world| {
        world.version = 90;
        world.hang_ups += 1;
    });
    controller
        .server
        .until("the watch continues", |world| {
            world
                .requests
                .iter()
                .any(|request| request.query.contains("resourceVersion=77"))
        })
        .await;
    assert!(
        watches(&controller.server)[0]
            .query
            .contains("allowWatchBookmarks=true")
    );
    follows_a_change(&mut controller).await;
}

#[tokio::test(start_paused = true)]
async fn watches_that_are_closed_at_once_are_reopened_with_backoff() {
    let controller = TestController::overloaded(Mode::Active).await;
    let end = Answer::Garbage("");
    controller
        .server
        .fault(Fault::always("GET", "/horizontalpodautoscalers", end));
    controller.server.with(|world| {
        world.requests.clear();
        world.hang_ups += 1;
    });
    controller
        .server
        .until("ten watches are opened", |world| {
            let of_hpas =
                |request: &&fake_api_server::Request| request.path.contains("/horizontal");
            world.requests.iter().filter(of_hpas).count() >= 10
        })
        .await;
    let times: Vec<_> = controller
        .server
        .requests("GET", "/horizontalpodautoscalers")
        .iter()
        .map(|request| request.at)
        .collect();
    // Waits of 5, 10, 20, 40, and from then on 50 ms.
    let took = times[9] - times[0];
    assert!(took >= Duration::from_millis(320), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn only_the_undecodable_object_is_skipped() {
    let server = cluster(2, "100m");
    let broken = HPA.replace("/web", "/broken");
    server.put(&broken, json!({"spec": {"maxReplicas": "many"}}));
    server.put(
        "/api/v1/namespaces/prod/pods/broken",
        json!({"spec": {"containers": 7}}),
    );
    let mut controller =
        TestController::new(server, Mode::Active, ControllerConfig::default()).await;
    assert_eq!(controller.sync().await.desired, Some(4));
    controller
        .server
        .put(&broken, json!({"spec": {"maxReplicas": "most"}}));
    follows_a_change(&mut controller).await;
}

#[tokio::test(start_paused = true)]
async fn lists_are_paged_in_whatever_order_their_fields_come() {
    for first in [
        "{\"metadata\": {\"continue\": \"/\"}, \"items\": []}",
        "{\"items\": [], \"metadata\": {\"continue\": \"/\"}}",
        "{\"items\": null, \"metadata\": {\"continue\": \"/\"}}",
    ] {
        let server = cluster(2, "100m");
        let page = Fault::times(
            1,
            "GET",
            "/horizontalpodautoscalers",
            Answer::Garbage(first),
        );
        server.fault(page);
        let mut controller =
            TestController::new(server, Mode::Active, ControllerConfig::default()).await;
        assert_eq!(controller.sync().await.desired, Some(4), "{first}");
        let lists = controller
            .server
            .requests("GET", "/horizontalpodautoscalers");
        let queries: Vec<_> = lists
            .iter()
            .map(|request| request.query.as_str())
            .filter(|query| !query.contains("watch"))
            .collect();
        assert_eq!(queries, ["limit=500", "limit=500&continue=%2F"], "{first}");
    }
}
