//! Reading and checking in slices of any size give what they give in one go, in small steps.

use std::fmt::Write as _;

use hpa_core::manifest::{Checking, Options, Parsed, Reading, Source, parse_sources, read_sources};
use proptest::prelude::*;

/// Reads and checks in slices whose sizes go round.
fn in_slices(sources: &[Source<'_>], sizes: &[u64]) -> Parsed {
    let mut sizes = sizes.iter().cycle().copied();
    let mut reading = Reading::new(sources);
    let mut last = 0.0;
    while !reading.advance(sizes.next().unwrap_or(1)) {
        assert!((last..1.0).contains(&reading.fraction()));
        last = reading.fraction();
    }
    let mut checking = Checking::new(sources, reading.finish(), &Options::default());
    last = 0.0;
    while !checking.advance(sizes.next().unwrap_or(1)) {
        assert!((last..1.0).contains(&checking.fraction()));
        last = checking.fraction();
    }
    checking.finish()
}

/// Pieces of texts: whole objects, objects with problems, lists, comments, what cannot be read.
const PIECES: [&str; 16] = [
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 2\n  maxReplicas: 1\n",
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 9\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: app}]}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: wep}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: app}, {name: app}]}\n",
    "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\"},\n5]}\n",
    "# a comment\n\n[1, {a: b}, \"c\"]\n",
    "\n  # \u{e9}\r\n{a: &x [yes, no], b: *x}\n",
    "a: 1\na: 2\n\u{e9}: |\n  text\n\n   more\nb: {<<: {c: 1}}\n",
    "{a: b}: c\n",
    "{a: [1,\n# open\n",
    "a: \"open\n",
    "a:\n\t- b\n",
    "kind: Pod\n",
    "--- # begins\n# here\n{kind: Pod}\n",
    "...\n{}\n",
    "%YAML 1.2\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn slices_change_nothing(
        texts in proptest::collection::vec(
            proptest::collection::vec((0..PIECES.len(), any::<bool>()), 0..6),
            1..4,
        ),
        sizes in proptest::collection::vec(prop_oneof![0..300_u64, 0..20_000_u64], 1..9),
    ) {
        let texts: Vec<String> = texts
            .into_iter()
            .map(|pieces| {
                let pieces = pieces.into_iter().flat_map(|(piece, apart)| {
                    [if apart { "---\n" } else { "" }, PIECES[piece]]
                });
                pieces.collect()
            })
            .collect();
        let sources: Vec<Source<'_>> = texts.iter().map(|text| Source::from(&**text)).collect();
        let whole = parse_sources(&sources, &Options::default());
        prop_assert_eq!(in_slices(&sources, &sizes), whole);
    }
}

/// The largest part of a text that one step reads.
fn largest_step(text: &str) -> f64 {
    let mut reading = Reading::new(&[Source::from(text)]);
    let (mut last, mut largest) = (0.0, 0.0_f64);
    while !reading.advance(0) {
        largest = largest.max(reading.fraction() - last);
        last = reading.fraction();
    }
    assert!(last > 0.5, "{last}");
    largest
}

#[test]
fn no_step_reads_much_of_a_long_text() {
    let mut deployments = String::new();
    for index in 0..300 {
        deployments += &format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web{index}\nspec:\n  env:\n"
        );
        for variable in 0..20 {
            writeln!(
                deployments,
                "  - name: VARIABLE_{variable}\n    value: \"{index}\""
            )
            .unwrap();
        }
    }
    let map: String = (0..20_000).fold(String::from("data:\n"), |mut text, index| {
        writeln!(text, "  key{index}: {{a: {index}}}").unwrap();
        text
    });
    let items: Vec<String> = (0..20_000)
        .map(|index| format!("{{\"a\": [{index}]}}"))
        .collect();
    let brackets = format!("{{\"kind\": \"List\", \"items\": [{}]}}", items.join(", "));
    let marked = format!("--- # all on one line\n{brackets}");
    for text in [deployments, map, brackets, marked] {
        let largest = largest_step(&text);
        assert!(largest < 0.002, "{largest}: {}", &text[..40]);
    }
}

/// Problems are where they are without the marker that a document in brackets is read behind.
#[test]
fn brackets_keep_their_places() {
    for before in ["", "# \u{e9}\n", "\n\n", "---\n", "--- # \u{e9}\n\n"] {
        let text =
            format!("{before}{{\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"a\": 1, \"a\": 2}}\n");
        let (documents, problems) = read_sources(&[Source::from(&*text)]);
        let start = documents[0].root.span.start;
        let again = problems[0].span;
        assert_eq!(&text[start.byte..=start.byte], "{", "{text}");
        assert_eq!(start.line, before.matches('\n').count() + 1, "{text}");
        assert_eq!(
            (&text[again.range()], again.start.column),
            ("\"a\"", 45),
            "{text}"
        );
        assert_eq!(problems[0].code, "duplicate-key");
    }
}
