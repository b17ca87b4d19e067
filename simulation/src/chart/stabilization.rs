//! The recommendation that holds the count at a sync, as text and as a mark in the chart.

use std::cmp::Ordering;

use super::axes::Axes;
use super::format::{clock, counted, spoken};
use super::path;
use super::style::{Color, Fill, Style};
use super::time_range::seconds;
use hpa_core::autoscaler::explanation::Stabilization;
use hpa_core::time::Timestamp;

/// A past recommendation that holds the count at a sync.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StabilizationHold {
    /// The sync \[s\].
    pub sync: f64,
    /// The recommended replicas.
    pub replicas: i32,
    /// The time of the recommendation \[s\].
    pub since: f64,
    /// The time at which the recommendation expires \[s\].
    pub until: f64,
    /// The length of the window \[s\].
    pub window: f64,
}

/// The two paths of the mark: class and style.
pub const MARKS: [(&str, Style); 2] = [
    ("hold-window", Style::line(Color::Held, 1.5)),
    (
        "hold-ring",
        Style::line(Color::Held, 2.0).filled(Fill::Color(Color::Paper), 1.0),
    ),
];

impl StabilizationHold {
    /// The hold at a sync; `None` if the window changes nothing.
    #[must_use]
    pub fn at(sync: Timestamp, stabilization: &Stabilization) -> Option<Self> {
        let Stabilization {
            recommended,
            stabilized,
            ..
        } = *stabilization;
        let (past, window) = match stabilized.cmp(&recommended) {
            Ordering::Greater => (stabilization.highest_past?, stabilization.down_window),
            Ordering::Less => (stabilization.lowest_past?, stabilization.up_window?),
            Ordering::Equal => return None,
        };
        Some(Self {
            sync: seconds(sync),
            replicas: past.replicas,
            since: seconds(past.time),
            until: seconds(past.time + window),
            window: seconds(Timestamp::default() + window),
        })
    }

    /// The hold and its end in words.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "held at {}, recommended at {}; leaves the {} window at {}.",
            counted(self.replicas.into(), "pod", "pods"),
            clock(self.since),
            spoken(self.window),
            clock(self.until)
        )
    }

    /// The paths of [`MARKS`]: the window that ends at the sync, as a bracket at the height of the held
    /// count, and a ring around the recommendation.
    #[must_use]
    pub fn marks(&self, axes: &Axes) -> [String; 2] {
        let (x, y) = (&axes.x, &axes.y);
        let shown = x.domain();
        let replicas = self.replicas.into();
        let level = y.pixel(replicas);
        let is_shown = |time: f64| (shown.0..=shown.1).contains(&time);
        let end = |time: f64| {
            if is_shown(time) {
                let x = x.pixel(time);
                format!("M{x:.1} {:.1}V{:.1}", level - 5.0, level + 5.0)
            } else {
                String::new()
            }
        };
        let start = self.sync - self.window;
        let (from, to) = (start.max(shown.0), self.sync.min(shown.1));
        let bracket = if from < self.sync {
            path::line(&[(from, replicas), (to, replicas)], x, y) + &end(start) + &end(self.sync)
        } else {
            String::new()
        };
        let ring = if is_shown(self.since) {
            let left = x.pixel(self.since) - 4.0;
            format!("M{left:.1} {level:.1}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0")
        } else {
            String::new()
        };
        [bracket, ring]
    }
}

#[cfg(test)]
mod tests {
    use crate::chart::ChartKind;
    use crate::chart::testing::{hold_at, picture};

    #[test]
    fn a_hold_names_the_count_and_its_end() {
        assert_eq!(hold_at(300), None);
        let hold = hold_at(900).expect("held");
        assert_eq!(
            hold.text(),
            "held at 7 pods, recommended at 11:15; leaves the 5 min window at 16:15."
        );
        let axes = picture(ChartKind::Replicas, (0.0, 1800.0)).axes;
        assert!(hold.marks(&axes).iter().all(|path| path.starts_with('M')));
        let axes = picture(ChartKind::Replicas, (1000.0, 1100.0)).axes;
        assert_eq!(hold.marks(&axes), ["", ""]);
    }
}
