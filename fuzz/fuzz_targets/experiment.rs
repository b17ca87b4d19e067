//! Any link or text is opened or refused with a reason, problems point into it, and an accepted
//! experiment runs to its end without NaN in its results.
#![no_main]

use hpa_simulation::experiment::{Experiment, import, link};
use hpa_core::time::SignedDuration;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|given: &str| {
    let content = link::decode(given).unwrap_or_else(|_| link::Content::of(given));
    let text = content.text.as_str();
    let _ = (import::csv(text, 0), import::prometheus(text, 0));
    let _ = import::promtool(text, SignedDuration::from_secs(15));
    let parsed = Experiment::parse(text);
    for problem in &parsed.diagnostics {
        assert!(text.get(problem.span.range()).is_some(), "{problem:?}");
    }
    assert_eq!(parsed.experiment.is_none(), parsed.has_errors());
    let Some(mut experiment) = parsed.experiment else {
        return;
    };
    assert_eq!(link::decode(&link::encode(&content)), Ok(content));
    // An accepted experiment may take seconds; here many have to run per second.
    let smaller = experiment.setup.with(|draft| {
        draft.duration = draft.duration.min(SignedDuration::from_secs(600));
        draft.nodes.count = draft.nodes.count.min(100);
        draft.model.concurrency = draft.model.concurrency.min(1_000);
    });
    experiment.setup = smaller.expect("less is valid too");
    let run = experiment.run();
    assert_eq!(run.verdicts.len(), experiment.goals.len());
    assert_eq!(run.trace.hash(), experiment.run().trace.hash());
    let totals = run.trace.totals;
    for sum in [
        totals.arrived,
        totals.served,
        totals.dropped,
        totals.timed_out,
        totals.pod_seconds,
    ] {
        assert!(sum.is_finite() && sum >= 0.0, "{totals:?}");
    }
    assert!(run.trace.syncs.is_empty() || run.replay.detail(run.trace.syncs.len() - 1).is_some());
});
