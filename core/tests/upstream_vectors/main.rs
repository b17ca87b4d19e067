//! Replays the recorded cases of the real Kubernetes code, one test per file of cases.
//!
//! The files stand in `core/tests/vectors/`, with a README that describes their fields; the
//! environment variable `HPA_VECTORS` names another folder of the same form. The counts go to
//! standard error, where they are seen even if all is well, for each release and processor:
//! `quantity 1.34 amd64: 3000 passed, 0 failed`.

mod behavior;
mod calculator;
mod conversion;
mod fields;
mod files;
mod harness;
mod quantity;
mod queue;
mod reconcile;
mod rows;
mod update;
mod validation;

use harness::Kind;

#[test]
fn quantity() {
    Kind::new("quantity", quantity::prepare)
        .on_both_processors()
        .replay();
}

#[test]
fn behavior() {
    Kind::new("behavior", behavior::prepare)
        .on_both_processors()
        .with_saturating()
        .replay();
}

#[test]
fn calculator() {
    Kind::new("calculator", calculator::prepare)
        .on_both_processors()
        .with_saturating()
        .replay();
}

#[test]
fn validation() {
    Kind::new("validation", validation::prepare).replay();
}

#[test]
fn update() {
    Kind::new("update", update::prepare)
        .of_releases_only()
        .replay();
}

#[test]
fn conversion() {
    Kind::new("conversion", conversion::prepare)
        .of_releases_only()
        .replay();
}

#[test]
fn reconcile() {
    Kind::new("reconcile", reconcile::prepare)
        .on_both_processors()
        .replay();
}

#[test]
fn queue() {
    queue::check();
}
