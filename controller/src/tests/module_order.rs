//! The modules are layers: each uses only modules above it in the table of `lib.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The modules of the table, top to bottom.
fn order(lib: &str) -> Vec<&str> {
    lib.lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .filter_map(|row| row.split(" |").next())
        .flat_map(|modules| modules.split(", "))
        .map(|module| module.trim_matches('`'))
        .collect()
}

#[test]
fn modules_use_only_modules_above_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = std::fs::read_to_string(source.join("lib.rs")).unwrap();
    let order = order(&lib);
    let place: BTreeMap<&str, usize> = order
        .iter()
        .zip(0..)
        .map(|(name, at)| (*name, at))
        .collect();
    let declared: BTreeSet<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .filter(|module| *module != "tests")
        .collect();
    assert_eq!(
        declared,
        order.iter().copied().collect(),
        "the table names every module"
    );
    let mut complaints = Vec::new();
    for (at, module) in order.iter().enumerate() {
        let text = std::fs::read_to_string(source.join(format!("{module}.rs"))).unwrap();
        let uses = text.split("crate::").skip(1).flat_map(|rest| {
            let list = rest
                .strip_prefix('{')
                .and_then(|rest| rest.split('}').next());
            let names = list.map_or_else(|| vec![rest], |list| list.split(',').collect());
            names.into_iter().map(|name| {
                let name = name.trim();
                let end = name.find(|c: char| !c.is_ascii_lowercase() && c != '_');
                &name[..end.unwrap_or(name.len())]
            })
        });
        for used in uses {
            if place.get(used).is_some_and(|used| *used >= at) {
                complaints.push(format!("{module} uses {used}"));
            }
        }
    }
    assert_eq!(complaints, [""; 0]);
}
