//! Replays the recorded cases of the real Kubernetes code, one test per file of cases.
//!
//! The files stand in `core/tests/vectors/`, with a README that describes their fields; the
//! environment variable `HPA_VECTORS` names another folder of the same form. The counts go to
//! standard error, where they are seen even if all is well:
//! `quantity: 2500 passed, 0 failed`.

mod behavior;
mod calculator;
mod fields;
mod harness;
mod quantity;
mod reconcile;
mod validation;

#[test]
fn quantity() {
    harness::replay("quantity", quantity::check);
}

#[test]
fn behavior() {
    harness::replay_both("behavior", behavior::check);
}

#[test]
fn calculator() {
    harness::replay_both("calculator", calculator::check);
}

#[test]
fn validation() {
    harness::replay("validation", validation::check);
}

#[test]
fn reconcile() {
    harness::replay("reconcile", reconcile::check);
}
