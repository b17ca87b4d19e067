//! Texts built to exhaust memory, stack or patience: each is refused, or read, quickly.
//!
//! "Quickly" is a bound so wide that a busy machine keeps it, and so narrow that anything
//! quadratic in a megabyte breaks it. The stack is the one megabyte that a browser gives.

use std::fmt::Write as _;
use std::time::Duration;

use hpa_core::manifest::edit::{self, Fragment};
use hpa_core::manifest::{
    FieldPath, MAX_DIAGNOSTICS, MAX_OBJECTS, Options, Parsed, Verdict, parse, read,
};
use test_support::check_each;

/// Far above what any of these takes (under a second, unoptimized).
const PATIENCE: Duration = Duration::from_secs(20);

/// Parses on a small stack; `code` is what must be found, empty for nothing in particular.
#[track_caller]
#[expect(
    clippy::disallowed_types,
    reason = "this is about how long a person waits"
)]
fn check(text: String, code: &str) {
    let start = std::time::Instant::now();
    let codes = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || {
            let parsed = parse(&text, &Options::default());
            for problem in &parsed.diagnostics {
                assert!(text.get(problem.span.range()).is_some(), "{problem:?}");
            }
            let codes = parsed.diagnostics.into_iter().map(|problem| problem.code);
            codes.collect::<Vec<_>>()
        })
        .expect("a thread")
        .join()
        .expect("no panic");
    assert!(
        code.is_empty() || codes.contains(&code),
        "{code} not in {codes:?}"
    );
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
}

/// What a browser gives to wasm; unoptimized code needs several times as much of it.
const STACK: usize = if cfg!(debug_assertions) {
    4 << 20
} else {
    1 << 20
};

const MEGABYTE: usize = 1 << 20;

#[test]
fn nesting() {
    check_each(
        [
            ("[", "]"),
            ("{a: ", "}"),
            ("- ", ""),
            ("? ", ""),
            ("[{a: ", "}]"),
        ],
        |(open, close)| {
            check_each([50, 99, 101, 5_000, 200_000], |depth| {
                let text = open.repeat(depth) + &close.repeat(depth);
                check(text, if depth > 101 { "yaml-too-deep" } else { "" });
            });
        },
    );
    let mut block = String::new();
    for depth in 0..1_000 {
        let _ = writeln!(block, "{:depth$}a:", "");
    }
    check(block, "yaml-too-deep");
}

#[test]
fn alias_bombs() {
    let mut laughs = String::from("a0: &a0 [x, x]\n");
    for level in 1..60 {
        let last = level - 1;
        let _ = writeln!(
            laughs,
            "a{level}: &a{level} [{}]",
            vec![format!("*a{last}"); 9].join(", ")
        );
    }
    check(laughs, "yaml-too-large");
    let mut deep = String::from("a0: &a0 [x]\n");
    for level in 1..500 {
        let _ = writeln!(deep, "a{level}: &a{level} [*a{}]", level - 1);
    }
    check(deep, "yaml-too-deep");
    let mut merged = String::from("a0: &a0 {k0: 1, j0: 2}\n");
    for level in 1..60 {
        let last = level - 1;
        let _ = writeln!(
            merged,
            "a{level}: &a{level} {{<<: [*a{last}, *a{last}, *a{last}], k{level}: 1}}"
        );
    }
    check(merged, "yaml-too-large");
    check("a: &a\n  b: *a\n".to_owned(), "yaml-alias");
    // Few values, but 200 GB of text; the second one in keys.
    let long = "x".repeat(MEGABYTE);
    let aliases = "*a, ".repeat(199_000);
    check(format!("a: &a {long}\nb: [{aliases}]\n"), "yaml-too-large");
    let keys = "{*a : 1}, ".repeat(50_000);
    check(
        format!("a: &a {}\nb: [{keys}]\n", "k".repeat(1000)),
        "yaml-too-large",
    );
    // Each anchor keeps all that stands in it.
    let nested = "&a [".repeat(99);
    let close = "]".repeat(99);
    check(
        format!("{nested}{}{close}", "x, ".repeat(150_000)),
        "yaml-too-large",
    );
    check(format!("{nested}{long}{close}"), "yaml-too-large");
}

#[test]
fn a_megabyte_of_noise() {
    check_each(
        [
            "x", "a: b\n", "- ", ": ", "\t", "&a ", "*a ", "!t ", "{", "}", "\"", "'", "|\n",
            "---\n", "%Y\n", "é", "\u{0}", "a: é\n", "? a\n", "# c\n", "\r", "a:\r\n", "<<: ",
            "--- a: ", "...\n", "\u{feff}",
        ],
        |piece| {
            check(piece.repeat(MEGABYTE / 4 / piece.len()), "");
        },
    );
    // Every byte once and again, in an order without pattern.
    let mut state = 1_u32;
    let noise: String = (0..MEGABYTE)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from((state >> 24) as u8)
        })
        .collect();
    check(noise, "");
}

#[test]
fn long_lists_and_long_lines() {
    let mut many = String::from(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec:\n  metrics:\n",
    );
    for _ in 0..5_000 {
        many.push_str("  - {type: resource}\n");
    }
    check(many, "unsupported");
    let labels: Vec<String> = (0..5_000).map(|n| format!("\"ü{n}\": {n}")).collect();
    let line = format!(
        "{{\"apiVersion\": \"autoscaling/v2\", \"kind\": \"HorizontalPodAutoscaler\", \"metadata\": {{\"labels\": {{{}}}}}}}",
        labels.join(", ")
    );
    check(line, "wrong-type");
    let typos: Vec<String> = (0..5_000)
        .map(|n| format!("  maxReplica{n}: 1\n"))
        .collect();
    let typos = typos.concat();
    check(
        format!("apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec:\n{typos}"),
        "unknown-field",
    );
    check("x".repeat(5 * MEGABYTE), "text-too-large");
    check("---\na: 1\n".repeat(5_000), "text-too-large");
}

/// A text of many objects ends in few objects and few problems, all of them found.
#[track_caller]
fn bounded(text: String, codes: &[&str]) -> Parsed {
    let parsed = parse(&text, &Options::default());
    let problems = &parsed.diagnostics;
    assert!(
        parsed.objects.len() <= MAX_OBJECTS,
        "{}",
        parsed.objects.len()
    );
    assert!(problems.len() <= MAX_DIAGNOSTICS + 1, "{}", problems.len());
    for code in codes {
        assert!(
            problems.iter().any(|problem| problem.code == *code),
            "no {code}"
        );
    }
    check(text, codes.first().copied().unwrap_or_default());
    parsed
}

/// Sets, adds to and removes from a large document, on a small stack.
#[track_caller]
#[expect(
    clippy::disallowed_types,
    reason = "this is about how long a person waits"
)]
fn edited(text: String, path: &'static str, expected: usize) {
    let start = std::time::Instant::now();
    let edits = move || {
        let (documents, _) = read(&text);
        let document = &documents[0];
        let path = FieldPath::new(path);
        let value = || Fragment::number(5.0);
        let results = [
            edit::set(&text, document, &path, value()),
            edit::set(&text, document, &path.parent().child("new"), value()),
            edit::insert_item(&text, document, &path, 0, value()),
            edit::remove(&text, document, &path),
        ];
        results.iter().filter(|result| result.is_ok()).count()
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(edits);
    assert_eq!(
        thread.expect("a thread").join().expect("no panic"),
        expected
    );
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
}

#[test]
fn edits_of_large_documents() {
    let entries: Vec<String> = (0..5_000).map(|n| format!("k{n}: {{a: {n}}}")).collect();
    edited(
        format!("kind: A\na: {{{}}}\n", entries.join(", ")),
        "a.k900",
        3,
    );
    edited(
        format!("kind: A\na:\n  {}\n", entries.join("\n  ")),
        "a.k900",
        3,
    );
    let lists = ["[", "]", "- ", ""].map(|piece| piece.repeat(97));
    edited(format!("kind: A\na: {}{}\n", lists[0], lists[1]), "a", 4);
    edited(format!("kind: A\na:\n{}x{}\n", lists[2], lists[3]), "a", 4);
    let comments = "# c\n".repeat(MEGABYTE / 32);
    edited(format!("kind: A\n{comments}a: 1 # c\n{comments}"), "a", 3);
}

#[test]
fn many_objects() {
    let hpa = |name: usize, target: &str| {
        format!(
            "- {{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: a{name}}}, spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {target}}}, maxReplicas: 9}}}}\n"
        )
    };
    let workload = |name: usize, label: &str| {
        format!(
            "- {{apiVersion: apps/v1, kind: Deployment, metadata: {{name: w{name}}}, spec: {{selector: {{matchLabels: {{{label}}}}}, template: {{metadata: {{labels: {{{label}}}}}, spec: {{containers: [{{name: app}}]}}}}}}}}\n"
        )
    };
    let list = |items: &mut dyn Iterator<Item = String>| {
        let items: String = items.collect();
        format!("apiVersion: v1\nkind: List\nitems:\n{items}")
    };
    // Objects by the list, far more than documents may be.
    bounded(
        list(&mut (0..2_000).map(|name| hpa(name, "one"))),
        &["text-too-large", "ambiguous-target"],
    );
    bounded(
        list(&mut (0..2_000).map(|name| workload(name, "app: web"))),
        &["text-too-large", "overlapping-selectors"],
    );
    bounded(
        list(&mut (0..50_000).map(|_| "- 1\n".to_owned())),
        &["not-an-object", "text-too-large"],
    );
    let half = |name| {
        [
            hpa(name, &format!("w{name:040}")),
            workload(name, &format!("app: x{name}")),
        ]
    };
    bounded(
        list(&mut (0..600).flat_map(half)),
        &["target-not-found", "text-too-large"],
    );
    // Selectors that differ in their last label only.
    let labels: Vec<String> = (0..30).map(|label| format!("l{label}: x")).collect();
    let labels = labels.join(", ");
    let alike = |name| workload(name, &format!("{labels}, z: x{name}"));
    bounded(list(&mut (0..400).map(alike)), &[]);
    // Problems in each of many documents, and errors behind warnings.
    let wrong = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {on: yes, on: no}\nspec: {a: 1, b: 2, c: 3, maxReplicas: x}\n---\n";
    let parsed = bounded(wrong.repeat(900), &["more-problems", "wrong-type"]);
    assert!(parsed.has_errors());
    let last = parsed.diagnostics.last().map(|problem| problem.code);
    assert_eq!(last, Some("more-problems"));
    assert!(
        parsed
            .objects
            .iter()
            .all(|object| object.verdict == Verdict::Rejected)
    );
    // Each metric asks for a request of each container.
    let metrics = "*m, ".repeat(5_000);
    let containers = "*c, ".repeat(5_000);
    bounded(
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: a}}, spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: w}}, maxReplicas: 9, metrics: [&m {{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 50}}}}}}, {metrics}]}}}}\n- {{apiVersion: apps/v1, kind: Deployment, metadata: {{name: w}}, spec: {{selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [&c {{name: c}}, {containers}]}}}}}}}}\n"
        ),
        &["missing-request", "more-problems"],
    );
    // Unknown fields are compared with the known ones only as long as they are reported.
    let fields: Vec<String> = (0..20_000)
        .map(|n| format!("  maxReplic{n}: 1\n"))
        .collect();
    let fields = fields.concat();
    bounded(
        format!("apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec:\n{fields}"),
        &["unknown-field"],
    );
}

#[test]
fn an_object_is_refused_for_what_an_alias_repeats() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- &a {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {maxReplicas: -1}}\n- *a\n";
    let parsed = parse(text, &Options::default());
    let verdicts: Vec<_> = parsed.objects.iter().map(|object| object.verdict).collect();
    assert_eq!(verdicts, [Verdict::Rejected; 2]);
}
