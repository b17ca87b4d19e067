//! How a page that embeds the playground wants it: what is shown of it, and with what it begins.

use crate::state::Panel;
use crate::steps::Pace;

/// Whether the experiment may be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Everything can be changed.
    #[default]
    Edit,
    /// It can be played, looked at and shared, and stays as it is.
    ReadOnly,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the person's system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What the playground is mounted with. The default is the whole playground, as on its own site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether the experiment may be changed.
    pub access: Access,
    /// The panels, one at least; all of them where none is named.
    pub panels: Vec<Panel>,
    /// Light or dark.
    pub theme: Theme,
    /// Whether all of the page is there once it is mounted, or a piece at a time.
    pub pace: Pace,
    /// The text to begin with, in the place of the link and of what the browser kept; nothing of
    /// it is kept then.
    pub start: Option<String>,
}

impl Options {
    /// Whether a panel is shown.
    #[must_use]
    pub fn shows(&self, panel: Panel) -> bool {
        self.panels.is_empty() || self.panels.contains(&panel)
    }

    /// The columns of the page, where panels are left out.
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
    fn panels_that_are_left_out_take_no_room() {
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
