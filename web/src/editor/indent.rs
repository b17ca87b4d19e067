//! Automatic indentation of YAML.

/// The indentation of the line after `line`, which is given up to the caret \[spaces].
#[must_use]
pub fn below(line: &str) -> usize {
    let mut rest = line.trim_start_matches(' ');
    // The fields of an item align with its first one.
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start_matches(' ');
    }
    let indent = line.len() - rest.len();
    let content = rest.split(" #").next().unwrap_or_default().trim_end();
    let opens = [":", "|", "|-", ">", ">-"];
    let opens = !content.starts_with('#') && opens.iter().any(|mark| content.ends_with(mark));
    if opens { indent + 2 } else { indent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_line_is_indented_for_yaml() {
        #[track_caller]
        fn check(line: &str, expected: usize) {
            assert_eq!(below(line), expected, "{line}");
        }
        check("", 0);
        check("kind: Deployment", 0);
        check("spec:", 2);
        check("  metrics: # all", 4);
        check("  maxReplicas: 5", 2);
        check("  - type: Resource", 4);
        check("  - resource:", 6);
        check("  - - 5", 6);
        check("    csv: |-", 6);
        check("  # note:", 2);
        check("---", 0);
        check("  ", 2);
    }
}
