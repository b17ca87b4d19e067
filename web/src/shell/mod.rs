//! What surrounds the panels: the toolbar, tabs, notices, the tour and dialogs.

pub mod clipboard;
pub mod crash;
pub mod dialog;
pub mod icon;
pub mod notice;
pub(crate) mod stages;
pub mod tabs;
pub mod toolbar;
pub mod tour;
