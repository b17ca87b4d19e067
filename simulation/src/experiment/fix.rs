//! The fix of an experiment that shows a pain: a change of its text.

/// A change of an experiment's text after which its goals are met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, one line.
    pub summary: String,
    /// What to find and what to put there, each in the first place where it stands.
    pub edits: Vec<(String, String)>,
}

impl Fix {
    /// The text with the fix; goals that were meant to be violated are then meant to be met.
    /// `None` where the text does not have what is to be replaced.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let mut fixed = text.to_owned();
        for (find, replace) in &self.edits {
            let at = fixed.find(find.as_str())?;
            fixed.replace_range(at..at + find.len(), replace);
        }
        Some(fixed.replace("expect: violated", "expect: pass"))
    }
}
