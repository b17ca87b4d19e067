//! The order of the core's modules, as ARCHITECTURE.md states it: a module names only those left of it.
//!
//! Between crates the compiler keeps the layers; inside one crate every module can name every other.

use std::fs;
use std::path::{Path, PathBuf};

/// The sentence of ARCHITECTURE.md that states the order, up to its colon.
const STATED: &str = "Inside `core` a module uses only those to its left: ";

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Groups of modules from the lowest to the highest; modules of one group do not know each other.
fn order() -> Vec<Vec<String>> {
    let text = fs::read_to_string(package().join("../ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, rest) = text.split_once(STATED).expect("the order is stated");
    let stated = rest.split('.').next().unwrap_or_default();
    let group = |group: &str| {
        let names = group.split(',');
        names
            .map(|name| name.trim_matches([' ', '`']).to_owned())
            .collect()
    };
    stated.split('←').map(group).collect()
}

/// The modules that a file of module `own` names and may not.
fn wrongly_named<'a>(order: &'a [Vec<String>], own: &str, text: &str) -> Vec<&'a str> {
    let level = order
        .iter()
        .position(|group| group.iter().any(|name| name == own));
    let level = level.unwrap_or_else(|| panic!("ARCHITECTURE.md gives `{own}` no place"));
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let above = order[level..].iter().flatten();
    above
        .map(String::as_str)
        .filter(|name| *name != own && code.contains(&format!("crate::{name}")))
        .collect()
}

fn files(folder: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn modules_use_only_those_to_their_left() {
    let order = order();
    let source = package().join("src");
    let mut found = Vec::new();
    files(source.clone(), &mut found);
    let mut complaints = Vec::new();
    for path in found.iter().filter(|path| !path.ends_with("lib.rs")) {
        let text = fs::read_to_string(path).expect("a text");
        let relative = path.strip_prefix(&source).expect("below src");
        let own = relative.iter().next().expect("a module").to_string_lossy();
        let own = own.trim_end_matches(".rs");
        for name in wrongly_named(&order, own, &text) {
            complaints.push(format!("{}: names `{name}`", relative.display()));
        }
        // Its author has frozen it: whoever replaces it has one file to look at.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        if !path.ends_with("manifest/notation.rs") && code.contains("serde_yaml::") {
            complaints.push(format!("{}: names serde_yaml", relative.display()));
        }
        // Imports of several modules at once would hide them from this test.
        if text.contains("use crate::{") {
            complaints.push(format!(
                "{}: write one `use crate::` each",
                relative.display()
            ));
        }
    }
    assert!(found.len() > 50, "{} files", found.len());
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn a_use_against_the_order_is_found() {
    let order = order();
    let named = |own, text| wrongly_named(&order, own, text);
    assert_eq!(named("api", "use crate::autoscaler::Spec;"), ["autoscaler"]);
    assert_eq!(
        named("autoscaler", "crate::manifest::read(x)"),
        ["manifest"]
    );
    assert_eq!(
        named("manifest", "use crate::api::Pod;\n// crate::autoscaler"),
        [""; 0]
    );
}
