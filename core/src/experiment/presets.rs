//! The experiments that are shipped: their titles, and the one that is always at hand.

/// A shipped experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its file below `core/experiments/`, without `.yaml`.
    pub file: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it shows, one line.
    pub summary: &'static str,
}

/// The walkthrough of the Kubernetes documentation: the first experiment of the page.
pub const PHP_APACHE: &str = include_str!("../../experiments/php-apache.yaml");

/// All shipped experiments, in the order in which they are offered.
pub const ALL: &[Preset] = &[Preset {
    file: "php-apache",
    title: "php-apache, the walkthrough",
    summary: "305 % of a 50 % target from one pod: 4, then 7, and back after five minutes",
}];
