//! Several texts that are read together: which of them a problem names, and how it is shown there.
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use expect_test::expect;
use hpa_core::manifest::{
    Diagnostic, MAX_DOCUMENTS, MAX_TEXT, Options, Parsed, Severity, Source, SourceId, Span,
    parse_sources, place, read_sources, render,
};
use test_support::{autoscaler, check_each, deployment};

/// The workload with a replica count beside its autoscaler.
fn scaled() -> String {
    deployment("  replicas: 2\n")
}

fn parse(sources: &[Source<'_>]) -> Parsed {
    parse_sources(sources, &Options::default())
}

fn find<'a>(parsed: &'a Parsed, code: &str) -> &'a Diagnostic {
    let mut found = parsed.diagnostics.iter();
    found.find(|problem| problem.code == code).expect(code)
}

#[track_caller]
fn check(texts: &[&str], expected: &[&str]) {
    let names = ["a.yaml", "b.yaml", "c.yaml"];
    let sources: Vec<Source<'_>> = names
        .iter()
        .zip(texts)
        .map(|(name, text)| Source::new(*name, *text))
        .collect();
    let parsed = parse(&sources);
    let found: Vec<String> = parsed
        .diagnostics
        .iter()
        .map(|problem| format!("{} {}", place(problem.span, &sources), problem.code))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn what_a_version_fills_in_is_named() {
    let hpa = |version: &str, rest: &str| {
        format!(
            "apiVersion: autoscaling/{version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: prod}}\nspec:\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n  maxReplicas: 3\n{rest}"
        )
    };
    check_each(
        [
            ("v2", "", ["spec.minReplicas", "spec.metrics"].as_slice()),
            ("v2", "  minReplicas: 2\n", &["spec.metrics"]),
            ("v1", "", &["spec.minReplicas", "spec.metrics"]),
            (
                "v1",
                "  targetCPUUtilizationPercentage: 50\n",
                &["spec.minReplicas"],
            ),
        ],
        |(version, rest, expected)| {
            let parsed = hpa_core::manifest::parse(&hpa(version, rest), &Options::default());
            let defaulted = parsed.objects[0].defaulted.iter();
            let found: Vec<String> = defaulted.map(ToString::to_string).collect();
            assert_eq!(found, expected);
        },
    );
}

#[test]
fn a_problem_names_its_text() {
    let hpa = autoscaler("  maxReplicas: 5\n");
    // They belong together: the autoscaler finds its workload in another text.
    check(
        &[&hpa, &scaled()],
        &["b.yaml:5:3 replicas-beside-autoscaler"],
    );
    // Without a line break at its end, or with a marker at its beginning, a text stands for itself.
    check(
        &[
            "# nothing",
            &format!("---\n{}", autoscaler("  maxReplicas: 0")),
            &scaled(),
        ],
        &[
            "b.yaml:7:16 required",
            "b.yaml:7:16 invalid",
            "c.yaml:5:3 replicas-beside-autoscaler",
        ],
    );
    check(
        &["kind: [", &hpa, "a: {"],
        &[
            "a.yaml:1:8 yaml-syntax",
            "b.yaml:5:65 target-not-found",
            "c.yaml:1:5 yaml-syntax",
        ],
    );
}

#[test]
fn errors_do_not_affect_other_texts_at_the_same_position() {
    let sources = [
        Source::new("a", autoscaler("  maxReplicas: 5\n")),
        Source::new("b", autoscaler("  maxReplicas: x\n")),
    ];
    let parsed = parse(&sources);
    assert!(parsed.has_errors());
    assert_eq!(parsed.autoscalers().count(), 1);
    let broken = [sources[0].clone(), Source::new("b", "a: b\n".repeat(9))];
    assert_eq!(parse(&broken).autoscalers().count(), 1);
}

#[test]
fn fixes_apply_to_the_text_of_their_problem() {
    let hpa = autoscaler("  maxReplicas: 5\n");
    let workload = scaled();
    let sources = [Source::from(&*hpa), Source::from(&*workload)];
    let parsed = parse(&sources);
    let problem = find(&parsed, "replicas-beside-autoscaler");
    assert_eq!(problem.span.source.index(), 1);
    let fix = problem.fix.as_ref().expect("a fix");
    assert_eq!(&workload[fix.start..fix.end], "  replicas: 2\n");
}

#[test]
fn limits_hold_for_all_texts_together() {
    let half = format!("# {}\n", "x".repeat(MAX_TEXT / 2 - 3));
    let hpa = autoscaler("");
    let sources = [&*half, &*half, "# one more\n", &*hpa].map(Source::from);
    let (documents, problems) = read_sources(&sources);
    assert!(documents.is_empty());
    let found: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(found, ["text-too-large"]);
    assert_eq!(problems[0].span.source, SourceId::new(2));

    let many = "---\na: b\n".repeat(MAX_DOCUMENTS / 2);
    let sources = [&*many, &*many, "---\na: b\n"].map(Source::from);
    let (documents, problems) = read_sources(&sources);
    assert_eq!(documents.len(), MAX_DOCUMENTS);
    let refused: Vec<_> = problems
        .iter()
        .filter(|problem| problem.code == "text-too-large")
        .map(|problem| problem.span.source.index())
        .collect();
    assert_eq!(refused, [2]);
}

#[test]
fn a_problem_is_shown_with_its_line() {
    let workload = scaled();
    let sources = [
        Source::from(&*workload),
        Source::new("hpa.yaml", autoscaler("  maxReplica: 5\n")),
    ];
    let parsed = parse(&sources);
    let problem = find(&parsed, "unknown-field").clone();
    expect![[r#"
        warning[unknown-field]: unknown field "spec.maxReplica"
         --> hpa.yaml:6:3
          |
        6 |   maxReplica: 5
          |   ^^^^^^^^^^
          = help: did you mean `maxReplicas`? as written the field is dropped, and kubectl refuses the manifest
    "#]].assert_eq(&render(&problem, &sources).to_string());
    let colored = render(&problem, &sources).colored(true).to_string();
    assert!(
        colored.starts_with("\u{1b}[33mwarning[unknown-field]\u{1b}[0m: unknown field"),
        "{colored}"
    );
    assert!(
        colored.contains("\u{1b}[33m^^^^^^^^^^\u{1b}[0m\n"),
        "{colored}"
    );
    let first = parsed.objects[0].document.locate(&"kind".into());
    let both = problem.related(first, "the workload is here");
    expect![[r#"
        warning[unknown-field]: unknown field "spec.maxReplica"
         --> hpa.yaml:6:3
          |
        6 |   maxReplica: 5
          |   ^^^^^^^^^^
          = help: did you mean `maxReplicas`? as written the field is dropped, and kubectl refuses the manifest
        note: the workload is here
         --> <text>:2:7
          |
        2 | kind: Deployment
          |       ^^^^^^^^^^
    "#]].assert_eq(&render(&both, &sources).to_string());
}

#[test]
fn control_characters_do_not_break_rendering() {
    // A tab is as wide as it is counted, and nothing moves the cursor.
    let sources = [Source::new(
        "a\r",
        "kind: A\napiVersion: v1\nb:\t{\u{1b}x: 1, \u{1b}x: 2}\n",
    )];
    let parsed = parse(&sources);
    let shown = render(find(&parsed, "duplicate-key"), &sources).to_string();
    expect![[r#"
        error[duplicate-key]: key "�x" already set in map
         --> a�:3:12
          |
        3 | b: {�x: 1, �x: 2}
          |            ^^
          = help: it is first set on line 3; keep one of the two
    "#]]
    .assert_eq(&shown);
    // Of a long line the part around the mark is shown.
    let long = format!("{{{}, kind: Pod}}", "a: 0, ".repeat(1000) + "a: 1");
    let sources = [Source::new("a", &*long)];
    let parsed = parse(&sources);
    for problem in &parsed.diagnostics {
        let shown = render(problem, &sources).to_string();
        assert!(
            shown.lines().all(|line| line.chars().count() < 200),
            "{shown}"
        );
        let mark = shown
            .lines()
            .find(|line| line.contains('^'))
            .expect("a mark");
        let line = shown
            .lines()
            .find(|line| line.starts_with("1 |"))
            .expect("its line");
        let at = mark.find('^').expect("a mark");
        assert_eq!(&line[at..=at], "a", "{shown}");
    }
    // A place that is not in the text has no line to show.
    let nowhere = Diagnostic::new(
        Severity::Error,
        "x",
        Span::at(SourceId::new(7), Span::default().start),
        "".into(),
        "m",
    );
    expect![[r#"
        error[x]: m
         --> ?:1:1
    "#]]
    .assert_eq(&render(&nowhere, &sources).to_string());
}
