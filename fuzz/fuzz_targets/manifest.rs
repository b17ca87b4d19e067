//! Any text: parsing does not panic, diagnostics point into the text, and printing and parsing the
//! result again changes nothing.
#![no_main]

use hpa_core::manifest::{Options, Source, parse, print_hpa, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let options = Options::default();
    let parsed = parse(text, &options);
    for problem in &parsed.diagnostics {
        assert!(text.get(problem.span.range()).is_some(), "{problem:?}");
        if let Some(fix) = &problem.fix {
            assert!(text.get(fix.start..fix.end).is_some(), "{problem:?}");
        }
        let shown = render(problem, &[Source::new("fuzz.yaml", text)]).to_string();
        assert!(!shown.is_empty());
    }
    for hpa in parsed.autoscalers() {
        let printed = print_hpa(hpa);
        let again = parse(&printed, &options);
        assert_eq!(again.autoscalers().collect::<Vec<_>>(), [hpa], "{printed}");
    }
});
