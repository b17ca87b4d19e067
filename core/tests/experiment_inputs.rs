//! Experiments, links and imported series from anywhere: nothing that is read panics.

use hpa_core::experiment::{Experiment, import, link, presets};
use hpa_core::time::Duration;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A text with a part cut out and something else in its place still gives an answer, and runs
    /// if it is accepted.
    #[test]
    fn damaged_experiments_are_answered(
        at in 0..presets::PHP_APACHE.len(),
        length in 0..40_usize,
        put in "[-a-z0-9: {}\\[\\],\n]{0,12}",
    ) {
        let text = presets::PHP_APACHE;
        let boundary = |at: usize| (at..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
        let (start, end) = (boundary(at), boundary((at + length).min(text.len())));
        let damaged = format!("{}{put}{}", &text[..start], &text[end..]);
        let parsed = Experiment::parse(&damaged);
        prop_assert_eq!(parsed.experiment.is_none(), parsed.has_errors());
        if let Some(mut experiment) = parsed.experiment {
            experiment.setup.duration = experiment.setup.duration.min(Duration::from_secs(300));
            let run = experiment.run();
            prop_assert_eq!(run.verdicts.len(), experiment.goals.len());
        }
    }

    #[test]
    fn links_open_again(
        text in "\\PC{0,300}",
        pinned in proptest::option::of("\\PC{0,300}"),
        cursor in proptest::option::of(0_u64..1 << 40),
        view in proptest::collection::vec(("[a-b]{1,5}", "\\PC{0,9}"), 0..4),
    ) {
        let content = link::Content { text, pinned, cursor, view };
        prop_assert_eq!(link::decode(&link::encode(&content)), Ok(content));
    }

    #[test]
    fn any_link_is_answered(body in "[-_A-Za-z0-9=.# ]{0,80}") {
        let _ = link::decode(&body);
        let _ = link::decode(&format!("v1.{body}"));
    }

    #[test]
    fn any_series_is_answered(text in "[-+0-9x_eE., ;:TZ\n\"{}\\[\\]a-z]{0,60}") {
        for result in [
            import::prometheus(&text, 0),
            import::csv(&text, 0),
            import::promtool(&text, Duration::from_secs(15)),
        ].into_iter().flatten() {
            prop_assert_eq!(result.points[0].0, Duration::ZERO);
            prop_assert!(result.points.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
