//! Leader election: one candidate leads, and none starts before the previous leader has stopped.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::leader_election::{Candidate, Timing, lead};
use crate::tests::harness::client;
use fake_api_server::{Answer, Fault, Server};

const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/hpa-controller";
/// Upstream's defaults.
const TIMING: Timing = Timing {
    lease_duration: Duration::from_secs(15),
    renew_deadline: Duration::from_secs(10),
    retry_period: Duration::from_secs(2),
};

fn candidate(server: &Server, identity: &str) -> Candidate {
    let (client, telemetry) = client(server, Duration::from_secs(5));
    Candidate {
        client,
        clock: Clock::system(),
        telemetry,
        namespace: String::from("kube-system"),
        name: String::from("hpa-controller"),
        identity: identity.to_owned(),
        timing: TIMING,
    }
}

fn holder(server: &Server) -> String {
    let lease = server.object(LEASE);
    lease["spec"]["holderIdentity"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_first_candidate_leads_and_the_second_waits_for_the_release() {
    let server = Server::default();
    let (first, second) = (candidate(&server, "first"), candidate(&server, "second"));
    first.acquire().await;
    assert_eq!(holder(&server), "first");
    let begin = tokio::time::Instant::now();
    let releasing = async {
        server
            .until("the second candidate has asked", |world| {
                world
                    .requests
                    .iter()
                    .filter(|request| request.method == "GET")
                    .count()
                    >= 4
            })
            .await;
        assert_eq!(holder(&server), "first");
        first.release().await;
    };
    tokio::join!(second.acquire(), releasing);
    assert_eq!(holder(&server), "second");
    assert!(
        begin.elapsed() < TIMING.lease_duration,
        "a release is faster than expiry"
    );
    assert_eq!(server.object(LEASE)["spec"]["leaseTransitions"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_vanished_leader_is_replaced_after_the_lease_duration_by_our_own_clock() {
    let server = Server::default();
    candidate(&server, "first").acquire().await;
    // The clock of the first is far ahead of ours, which must not matter.
    let mut lease = server.object(LEASE);
    lease["spec"]["renewTime"] = json!("2099-01-01T00:00:00.000000Z");
    server.put(LEASE, lease);
    let begin = tokio::time::Instant::now();
    candidate(&server, "second").acquire().await;
    assert!(begin.elapsed() >= TIMING.lease_duration);
    assert_eq!(holder(&server), "second");
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_renew_stops_before_another_may_start() {
    let server = Server::default();
    let first = candidate(&server, "first");
    first.acquire().await;
    let (permit, mut permitted) = watch::channel(false);
    let (_run, stop) = watch::channel(false);
    let begin = tokio::time::Instant::now();
    let breaking = async {
        permitted.wait_for(|permitted| *permitted).await.unwrap();
        server.fault(Fault::always("PUT", LEASE, Answer::Never));
        permitted.wait_for(|permitted| !permitted).await.unwrap();
        begin.elapsed()
    };
    let ((), took) = tokio::join!(first.hold(&permit, stop), breaking);
    assert!(took < TIMING.lease_duration, "{took:?}");
    assert!(took >= TIMING.renew_deadline, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_replaced_leader_stops_at_its_next_renewal() {
    let server = Server::default();
    let first = candidate(&server, "first");
    first.acquire().await;
    let (permit, permitted) = watch::channel(false);
    let (_run, stop) = watch::channel(false);
    let mut lease = server.object(LEASE);
    lease["spec"]["holderIdentity"] = json!("second");
    server.put(LEASE, lease);
    first.hold(&permit, stop).await;
    assert!(!*permitted.borrow());
}

#[tokio::test(start_paused = true)]
async fn transient_renewal_failures_are_tolerated() {
    let server = Server::default();
    let first = candidate(&server, "first");
    first.acquire().await;
    server.fault(Fault::times(3, "GET", LEASE, Answer::Plain(500, "no")));
    let (permit, permitted) = watch::channel(false);
    let (run, stop) = watch::channel(false);
    let renewing = async {
        server
            .until("it is renewed again", |world| {
                world.faults[0].times == 0
                    && world
                        .requests
                        .last()
                        .is_some_and(|request| request.method == "PUT")
            })
            .await;
        assert!(*permitted.borrow());
        run.send_replace(true);
    };
    tokio::join!(first.hold(&permit, stop), renewing);
}

#[tokio::test(start_paused = true)]
async fn work_restarts_after_a_loss_and_the_end_releases_the_lease() {
    let server = Server::default();
    let first = candidate(&server, "first");
    let (permit, _) = watch::channel(false);
    let (stop, stopped) = watch::channel(false);
    let rounds = AtomicUsize::new(0);
    let work = |mut end: watch::Receiver<bool>| {
        let (rounds, server, stop) = (&rounds, &server, &stop);
        async move {
            if rounds.fetch_add(1, Ordering::SeqCst) == 0 {
                let mut lease = server.object(LEASE);
                lease["spec"]["holderIdentity"] = json!("");
                lease["spec"]["acquireTime"] = json!("2000-01-01T00:00:00.000000Z");
                server.put(LEASE, lease);
                // Another candidate holds it for a moment, which ends the work.
                let mut lease = server.object(LEASE);
                lease["spec"]["holderIdentity"] = json!("second");
                server.put(LEASE, lease);
                end.wait_for(|end| *end).await.unwrap();
                let mut lease = server.object(LEASE);
                lease["spec"]["holderIdentity"] = json!("");
                server.put(LEASE, lease);
            } else {
                stop.send_replace(true);
                end.wait_for(|end| *end).await.unwrap();
            }
        }
    };
    lead(&first, &permit, stopped, work).await;
    assert_eq!(rounds.load(Ordering::SeqCst), 2);
    assert_eq!(holder(&server), "", "released at the end");
    assert!(!*permit.borrow());
}
