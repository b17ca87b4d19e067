//! Label selectors: parsing their text form, and whether they match (to be completed).

use super::{LabelSelector, Labels};

/// A parsed label selector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector;

/// Why a selector is invalid, in upstream's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError(pub String);

impl Selector {
    /// Parses the text form, such as `app=web,tier in (a,b)`.
    ///
    /// # Errors
    /// Upstream's text for what is wrong.
    pub fn parse(_text: &str) -> Result<Self, SelectorError> {
        Ok(Self)
    }

    /// Converts the object form; an absent or empty one matches everything.
    ///
    /// # Errors
    /// Upstream's text for what is wrong.
    pub fn from_label_selector(_selector: &LabelSelector) -> Result<Self, SelectorError> {
        Ok(Self)
    }

    /// Whether an object with these labels is selected.
    #[must_use]
    pub fn matches(&self, _labels: &Labels) -> bool {
        true
    }
}

impl LabelSelector {
    /// As Go prints the pointer to it.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn fmt_go(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
impl std::fmt::Display for SelectorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
