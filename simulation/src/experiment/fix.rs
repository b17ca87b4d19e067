//! The fix of an experiment that shows a problem: an edit of its text.

use hpa_core::manifest::edit::{self, Fragment};
use hpa_core::manifest::{FieldPath, OWN_API_GROUP, read};

/// An edit of an experiment's text that makes its goals pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fix {
    /// What the edit does, in one line.
    pub summary: String,
    /// Pairs of old and new text; the first occurrence is replaced.
    pub edits: Vec<(String, String)>,
}

impl Fix {
    /// Applies the fix; goals that were expected to be violated are then expected to pass.
    /// `None` if the text does not contain the old text, or its goals cannot be edited.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let mut fixed = text.to_owned();
        for (find, replace) in &self.edits {
            let at = fixed.find(find.as_str())?;
            fixed.replace_range(at..at + find.len(), replace);
        }
        let mut at = 0;
        while let Some((path, after)) = expect_pass(&fixed, at) {
            fixed = after.ok()?;
            at = path + 1;
        }
        Some(fixed)
    }
}

/// Changes the first goal at or after `from` that is expected to be violated to `pass`; returns its
/// index and the new text.
fn expect_pass(text: &str, from: usize) -> Option<(usize, Result<String, edit::EditError>)> {
    let (documents, _) = read(text);
    let mut documents = documents.iter();
    let own = documents.find(|document| document.api_version.starts_with(OWN_API_GROUP))?;
    let goals = FieldPath::new("goals");
    let mut items = own.root.at(&goals)?.items().iter().enumerate().skip(from);
    let (at, _) = items.find(|(_, goal)| goal.text("expect") == Some("violated"))?;
    let path = goals.index(at).child("expect");
    Some((at, edit::set(text, own, &path, Fragment::string("pass"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_expects_goals_to_pass() {
        let text = |window: u32, expect: &str| {
            format!(
                "a: {{window: {window}}}\n---\napiVersion: hpa-playground/v1\nkind: Experiment\ngoals:\n- {{name: a, expect: {expect}}} # expect: violated\n- name: b\n- name: c\n  expect: \"{expect}\" # c\n"
            )
        };
        let fix = Fix {
            summary: String::new(),
            edits: vec![("window: 0".to_owned(), "window: 300".to_owned())],
        };
        let fixed = text(300, "pass").replace("\"pass\"", "pass");
        assert_eq!(fix.apply(&text(0, "violated")), Some(fixed));
        assert_eq!(fix.apply(&text(5, "violated")), None);
    }
}
