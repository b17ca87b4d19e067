//! Upgrades that change something, one of each kind.

use super::*;
use test_support::{autoscaler, check_each};

fn release(text: &str) -> KubernetesVersion {
    KubernetesVersion::parse(text).expect("a modelled release")
}

fn upgrade(text: &str, from: &str, to: &str) -> Upgrade {
    let (from, to) = (release(from), release(to));
    Upgrade::of(&[Source::from(text)], None, Releases { from, to })
}

/// A load that doubles the usage after five minutes.
const LOAD: &str = "---
apiVersion: hpa-playground/v1
kind: Experiment
duration: 10m
load:
- step: {rate: 30, from: 5m}
";

#[test]
fn a_gate_that_turns_on_is_the_cause_of_other_counts() {
    let spec = "  maxReplicas: 9\n  behavior: {scaleUp: {tolerance: 20}}\n";
    let found = upgrade(&(autoscaler(spec) + LOAD), "1.34", "1.35");
    assert_eq!(found.autoscaler, "default/web");
    let divergence = found.divergence.as_ref().expect("1.35 does not scale");
    assert!(
        divergence.desired.0 > divergence.desired.1,
        "{divergence:?}"
    );
    assert!(
        divergence
            .causes
            .contains(&Cause::Gate(FeatureGate::HpaConfigurableTolerance)),
        "{divergence:?}"
    );
    let stored: Vec<_> = found
        .stored
        .iter()
        .map(|field| field.path.to_string())
        .collect();
    assert_eq!(stored, ["spec.behavior.scaleUp.tolerance"]);
    assert!(found.needs_attention());
}

#[test]
fn what_only_the_later_release_accepts_is_no_longer_refused() {
    let spec = "  minReplicas: 0
  maxReplicas: 9
  metrics:
  - type: External
    external: {metric: {name: queue}, target: {type: Value, value: '10'}}
";
    let text = autoscaler(spec);
    let found = upgrade(&text, "1.36", "1.37");
    assert!(found.refused.is_empty());
    let path = |list: &[Diagnostic]| list.first().map(|problem| problem.path.to_string());
    let refused = path(&found.no_longer_refused);
    assert_eq!(refused.as_deref(), Some("spec.minReplicas"));
    assert_eq!(found.comparison, None, "1.36 cannot run it");
    assert!(!found.needs_attention());
    let back = upgrade(&text, "1.37", "1.36");
    assert_eq!(path(&back.refused), refused);
    assert!(back.needs_attention());
}

#[test]
fn moments_of_syncs_are_no_other_counts() {
    let edit = "timeline: [{at: 7m5s, editAutoscaler: {maxReplicas: 3}}]\n";
    let text = autoscaler("  maxReplicas: 9\n") + LOAD + edit;
    let found = upgrade(&text, "1.36", "1.37");
    let [before, after] = ["1.36", "1.37"].map(|minor| {
        let overrides = Overrides::default().release(release(minor));
        let parsed = overrides.parse_sources(&[Source::from(&*text)], Defaults::default());
        parsed.experiment.expect("a valid experiment").run()
    });
    assert_ne!(
        before.trace.syncs.len(),
        after.trace.syncs.len(),
        "1.37 syncs an edited autoscaler at once"
    );
    assert_eq!(found.divergence, None);
    assert!(!found.status.is_empty());
}

#[test]
fn a_release_changes_nothing_for_itself_and_rules_are_symmetric() {
    check_each(["1.33", "1.36", "1.37"], |minor| {
        let found = upgrade(&(autoscaler("  maxReplicas: 9\n") + LOAD), minor, minor);
        assert!(found.status.is_empty() && found.stored.is_empty());
        assert_eq!((&found.divergence, found.first_sync), (&None, None));
    });
    let (from, to) = (release("1.33"), release("1.37"));
    let there = Releases { from, to }.rules();
    let back = Releases { from: to, to: from }.rules();
    assert!(there.eq(back.map(|(rule, later)| (rule, !later))));
}

#[test]
fn what_neither_release_can_read_is_unreadable() {
    let found = upgrade(&autoscaler("  maxReplicas: none\n"), "1.34", "1.37");
    assert!(!found.refused_by_both.is_empty());
    assert!(found.refused.is_empty() && found.comparison.is_none());
}
