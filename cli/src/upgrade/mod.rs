//! `hpa-sim upgrade --from A --to B`: what another release changes for each autoscaler of some files.

mod report;
mod units;

use std::path::PathBuf;

use anyhow::ensure;
use hpa_core::manifest::Severity;
use hpa_simulation::experiment::upgrade::{Releases, Upgrade};

use crate::cli::{Status, UpgradeOutput};
use crate::input;
use crate::style::Style;
use units::Unit;

/// What changes for one autoscaler of a unit.
struct Changed<'a> {
    unit: &'a Unit,
    upgrade: Upgrade,
}

pub(crate) fn upgrade(
    files: &[PathBuf],
    releases: Releases,
    form: UpgradeOutput,
) -> anyhow::Result<Status> {
    ensure!(
        releases.from != releases.to,
        "--from and --to are the same release"
    );
    let inputs = input::read_all(files)?;
    let units = units::of(&inputs);
    let unread = units::unread(&inputs);
    for reason in &unread {
        eprintln!("warning: {reason}");
    }
    ensure!(
        !units.is_empty(),
        "no HorizontalPodAutoscaler found, so nothing was compared"
    );
    let mut changed = Vec::new();
    for (index, unit) in units.iter().enumerate() {
        let upgrade = Upgrade::of(&unit.inputs, Some(&unit.autoscaler), releases);
        changed.push(Changed { unit, upgrade });
        input::progress(index + 1, units.len());
    }
    let report = match form {
        UpgradeOutput::Text => report::text(&changed, releases, Style::of(&std::io::stdout())),
        UpgradeOutput::Json => report::json(&changed, releases),
        UpgradeOutput::Markdown => report::markdown(&changed, releases),
        UpgradeOutput::Junit => report::junit(&changed, releases),
    };
    input::print(&report)?;
    let unreadable = changed.iter().any(|changed| {
        let mut both = changed.upgrade.refused_by_both.iter();
        both.any(|problem| problem.severity == Severity::Error)
    });
    Ok(if unreadable || !unread.is_empty() {
        Status::BadInput
    } else if changed
        .iter()
        .any(|changed| changed.upgrade.needs_attention())
    {
        Status::Found
    } else {
        Status::Ok
    })
}
