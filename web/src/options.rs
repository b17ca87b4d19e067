//! Options for pages that embed the playground: what is shown, and the initial text.

use crate::session::link::Link;
use crate::state::Panel;

/// Whether the experiment may be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Everything can be changed.
    #[default]
    Edit,
    /// It can be played, inspected and shared, but not changed.
    ReadOnly,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The system's setting.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The pace at which mounting builds the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// All of it before mounting returns, for callers that use the page right away.
    #[default]
    AtOnce,
    /// Each piece in a task of its own: on a slow phone, all of them together take a third of a second,
    /// most of it for compiling functions on their first call.
    InTurn,
}

/// The options of the playground. The default is the whole playground, as on its own site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether the experiment may be changed.
    pub access: Access,
    /// The panels to show; empty for all of them.
    pub panels: Vec<Panel>,
    /// Light or dark.
    pub theme: Theme,
    /// Whether mounting builds the whole page at once or piece by piece.
    pub pace: Pace,
    /// The link to begin with, as [`crate::session::link::in_address`] finds it.
    pub link: Option<Link>,
    /// The initial text, instead of a link or the saved text; nothing is saved then.
    pub start: Option<String>,
}

impl Options {
    /// Whether a panel is shown.
    #[must_use]
    pub fn shows(&self, panel: Panel) -> bool {
        self.panels.is_empty() || self.panels.contains(&panel)
    }

    /// The columns of the page if some panels are hidden.
    #[must_use]
    pub fn columns(&self) -> Option<String> {
        let widths = [
            (Panel::Manifests, "minmax(18rem, 2fr)"),
            (Panel::Charts, "minmax(0, 3fr)"),
            (Panel::Why, "minmax(18rem, 2fr)"),
        ];
        let shown = widths.iter().filter(|(panel, _)| self.shows(*panel));
        let shown: Vec<&str> = shown.map(|(_, width)| *width).collect();
        (shown.len() < widths.len()).then(|| shown.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_panels_take_no_space() {
        let mut options = Options::default();
        assert!(options.shows(Panel::Why));
        assert_eq!(options.columns(), None);
        options.panels = vec![Panel::Why, Panel::Charts];
        assert!(!options.shows(Panel::Manifests));
        let columns = options.columns();
        assert_eq!(
            columns.as_deref(),
            Some("minmax(0, 3fr) minmax(18rem, 2fr)")
        );
    }
}
