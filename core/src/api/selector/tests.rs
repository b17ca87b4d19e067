//! Rows named after upstream's tests of `labels.Selector`, and properties.

use proptest::prelude::*;

use super::super::LabelSelectorRequirement;
use super::*;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|&(k, v)| (k.into(), v.into())).collect()
}

fn object(expressions: &[(&str, &str, &[&str])]) -> LabelSelector {
    LabelSelector {
        match_labels: Labels::new(),
        match_expressions: expressions
            .iter()
            .map(|(key, operator, values)| LabelSelectorRequirement {
                key: (*key).into(),
                operator: (*operator).into(),
                values: values.iter().map(|&v| v.into()).collect(),
            })
            .collect(),
    }
}

/// `TestSelectorParse` and `TestToString`.
#[test]
fn parsing() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(
            Selector::parse(text).map(|s| s.to_string()),
            Ok(expected.into())
        );
    }
    check("", "");
    check("\t\r\n ", "");
    check("x=a,y=b,z=c", "x=a,y=b,z=c");
    check("z=c, x = a ,y!=b", "x=a,y!=b,z=c");
    check("x=,z= ", "x=,z=");
    check("!x,y", "!x,y");
    check("x==a", "x==a");
    check("x>1,z <5", "x>1,z<5");
    check("x in (b,a,b)", "x in (a,b)");
    check("x notin ()", "x notin ()");
    check("x in (,a,,b,)", "x in (,a,b)");
    check("in in (in,notin)", "in in (in,notin)");
    check("x = in", "x=in");
}

#[test]
fn parse_errors() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        match Selector::parse(text) {
            Ok(selector) => panic!("{text:?} parsed as {selector:?}"),
            Err(error) => assert_eq!(error.to_string(), expected),
        }
    }
    const PARSE: &str = "unable to parse requirement: ";
    let broken = |text, rest: &str| check(text, &format!("{PARSE}{rest}"));
    check(
        "=a",
        "found '=', expected: !, identifier, or 'end of string'",
    );
    check(
        "x=a||y=b",
        &format!(
            "{PARSE}values[0][x]: Invalid value: \"a||y\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
        ),
    );
    check("x=a,", "found '', expected: identifier after ','");
    check("x=a b", "found 'b', expected: ',' or 'end of string'");
    check("!x=a", "found '=', expected: ',' or 'end of string'");
    broken("!", "found '', expected: identifier");
    broken("x y", "found 'y', expected: in, notin, =, ==, !=, gt, lt");
    broken("x===a", "found '=', expected: identifier");
    broken("x in a", "found 'a' expected: '('");
    broken("x in (a", "found '', expected: ',' or ')'");
    broken("x in (", "found '', expected: ',', ')' or identifier");
    broken("x in (a,,)", "found ')', expected: ',', or identifier");
    broken("x in (a,=)", "found '=', expected: ',', or identifier");
    broken(
        "x>a",
        "values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer",
    );
    broken(
        "-x=a",
        "<nil>: Invalid value: \"-x\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    );
}

/// `TestSelectorMatches`.
#[test]
fn matching() {
    #[track_caller]
    fn check(text: &str, pairs: &[(&str, &str)], expected: bool) {
        let selector = Selector::parse(text).unwrap();
        assert_eq!(selector.matches(&labels(pairs)), expected, "{text:?}");
    }
    check("", &[("x", "y")], true);
    check("x=y", &[("x", "y"), ("z", "w")], true);
    check("x=y", &[("x", "z")], false);
    check("x!=y", &[("x", "z")], true);
    check("x!=y", &[], true);
    check("x notin (y)", &[("x", "y")], false);
    check("x notin (y)", &[], true);
    check("x in (y,z)", &[("x", "z")], true);
    check("x=", &[], false);
    check("x=", &[("x", "")], true);
    check("x", &[("x", "")], true);
    check("!x", &[("x", "")], false);
    check("x>1", &[("x", "2")], true);
    check("x<1", &[("x", "1")], false);
    check("x<1", &[("x", "a")], false);
    check("x=a,y=b", &[("x", "a")], false);
}

/// `TestLabelSelectorAsSelector`.
#[test]
fn from_objects() {
    let both = LabelSelector {
        match_labels: labels(&[("foo", "bar")]),
        ..object(&[("baz", "In", &["qux", "norf"]), ("a", "DoesNotExist", &[])])
    };
    let selector = Selector::from_label_selector(&both).unwrap();
    assert_eq!(selector.to_string(), "!a,baz in (norf,qux),foo=bar");
    let everything = Selector::from_label_selector(&LabelSelector::default()).unwrap();
    assert!(everything.is_empty() && everything.matches(&Labels::new()));
}

#[test]
fn object_errors() {
    #[track_caller]
    fn check(expression: (&str, &str, &[&str]), expected: &str) {
        let error = Selector::from_label_selector(&object(&[expression])).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    check(
        ("a", "Is", &[]),
        "\"Is\" is not a valid label selector operator",
    );
    check(
        ("a", "In", &[]),
        "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty",
    );
    check(
        ("a", "Exists", &["x", "y"]),
        "values: Invalid value: [\"x\",\"y\"]: values set must be empty for exists and does not exist",
    );
    let two = Selector::from_label_selector(&object(&[("", "In", &[])])).unwrap_err();
    assert!(
        two.0
            .starts_with("[key: Invalid value: \"\": name part must be non-empty; name part must")
    );
    assert!(two.0.ends_with(
        ", values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty]"
    ));
}

#[test]
fn objects_print_as_go_code_does() {
    assert_eq!(
        LabelSelector {
            match_labels: labels(&[("queue", "q1"), ("a", "b")]),
            ..LabelSelector::default()
        }
        .to_string(),
        "&LabelSelector{MatchLabels:map[string]string{a: b,queue: q1,},\
         MatchExpressions:[]LabelSelectorRequirement{},}"
    );
    assert_eq!(
        object(&[("a", "In", &["x", "y"]), ("b", "Exists", &[])]).to_string(),
        "&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]\
         LabelSelectorRequirement{LabelSelectorRequirement{Key:a,Operator:In,Values:[x y],},\
         LabelSelectorRequirement{Key:b,Operator:Exists,Values:[],},},}"
    );
}

fn requirement() -> impl Strategy<Value = String> {
    let key = "([a-z0-9]{1,3}/)?[a-zA-Z0-9]([a-z._-]{0,3}[0-9])?|in|notin";
    let value = "|in|notin|[a-zA-Z0-9]([a-z._-]{0,3}[0-9])?";
    // Upstream refuses two empty values at the end of a list.
    let list = (
        " ?,?",
        prop::collection::vec(value.trim_start_matches('|'), 0..4),
    )
        .prop_map(|(empty, values)| format!("{empty}{}", values.join(" ,")));
    let rest = prop_oneof![
        Just(String::new()),
        ("==?|!=", value).prop_map(|(o, v)| format!("{o} {v}")),
        ("[<>]", any::<i64>()).prop_map(|(o, v)| format!("{o}{}", v.unsigned_abs())),
        ("in|notin", list).prop_map(|(o, v)| format!(" {o} ({v})")),
    ];
    prop_oneof![
        ("!? ?", key).prop_map(|(not, key)| format!("{not}{key}")),
        (key, rest).prop_map(|(key, rest)| format!("{key}{rest}")),
    ]
}

proptest! {
    #[test]
    fn printing_and_parsing_are_inverse(parts in prop::collection::vec(requirement(), 0..5)) {
        let text = parts.join(",");
        if let Ok(selector) = Selector::parse(&text) {
            let printed = selector.to_string();
            prop_assert_eq!(Selector::parse(&printed), Ok(selector), "{} -> {}", text, printed);
        } else {
            // Only a number past i64 is refused.
            prop_assert!(text.contains(['<', '>']), "{}", text);
        }
    }

    #[test]
    fn nothing_panics(text in "([a-z0-9=!<>(), \t/-]|in|notin|\\PC|\0){0,20}") {
        if let Ok(selector) = Selector::parse(&text) {
            let _ = selector.matches(&Labels::new());
        }
    }
}

#[test]
fn pairs_are_what_every_selected_object_carries() {
    #[track_caller]
    fn check(selector: &str, expected: &[(&str, &str)]) {
        let selector = Selector::parse(selector).expect("a selector");
        assert_eq!(selector.pairs().collect::<Vec<_>>(), expected);
    }
    check("app=web,tier==front", &[("app", "web"), ("tier", "front")]);
    check("app in (web)", &[("app", "web")]);
    check("app in (web,api),app!=x,!y,z,n>1", &[]);
    check("", &[]);
}
