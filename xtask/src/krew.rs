//! The krew manifest that installs a released hpa-sim as the plugin `kubectl hpa-sim`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::tools;

/// Prints the manifest for the archives in a file of checksums.
///
/// # Errors
/// If the file cannot be read, is not what sha256sum prints, or names no archive of hpa-sim.
pub(crate) fn print(repository: &str, tag: &str, checksums: &Path) -> Result<()> {
    print!("{}", manifest(repository, tag, &tools::read(checksums)?)?);
    Ok(())
}

fn manifest(repository: &str, tag: &str, checksums: &str) -> Result<String> {
    let mut text = format!(
        "\
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: hpa-sim
spec:
  version: {tag}
  homepage: https://github.com/{repository}
  shortDescription: Simulate HorizontalPodAutoscalers
  description: |
    Runs the algorithm of the HorizontalPodAutoscaler on your manifests and a simulated
    cluster: how many replicas, when, and why. Needs no cluster.
  platforms:
"
    );
    let mut platforms = 0;
    for line in checksums.lines() {
        let (sum, file) = line
            .split_once(char::is_whitespace)
            .with_context(|| format!("not a line of sha256sum: {line}"))?;
        // A second space precedes the name, or a star if the file was read as binary.
        let file = file.trim_start_matches([' ', '*']);
        let Some(platform) = file.strip_prefix("hpa-sim-") else {
            continue;
        };
        let (os, arch) = platform
            .strip_suffix(".tar.gz")
            .and_then(|platform| platform.split_once('-'))
            .with_context(|| format!("not hpa-sim-OS-ARCH.tar.gz: {file}"))?;
        let program = if os == "windows" {
            "hpa-sim.exe"
        } else {
            "hpa-sim"
        };
        platforms += 1;
        let _ = write!(
            text,
            "  \
  - selector:
      matchLabels:
        os: {os}
        arch: {arch}
    uri: https://github.com/{repository}/releases/download/{tag}/{file}
    sha256: {sum}
    bin: {program}
"
        );
    }
    ensure!(platforms > 0, "the checksums name no archive of hpa-sim");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_archive_of_hpa_sim_is_a_platform() {
        let checksums = "aa  hpa-controller-linux-amd64.tar.gz\nbb  hpa-sim-linux-amd64.tar.gz\ncc *hpa-sim-windows-amd64.tar.gz\n";
        let text = manifest("someone/hpa", "v1.2.3", checksums).expect("a manifest");
        let (_, platforms) = text.split_once("platforms:\n").expect("platforms");
        assert_eq!(
            platforms,
            "  - selector:
      matchLabels:
        os: linux
        arch: amd64
    uri: https://github.com/someone/hpa/releases/download/v1.2.3/hpa-sim-linux-amd64.tar.gz
    sha256: bb
    bin: hpa-sim
  - selector:
      matchLabels:
        os: windows
        arch: amd64
    uri: https://github.com/someone/hpa/releases/download/v1.2.3/hpa-sim-windows-amd64.tar.gz
    sha256: cc
    bin: hpa-sim.exe
"
        );
    }

    #[test]
    fn checksums_that_do_not_fit_are_refused() {
        for (checksums, why) in [
            ("", "name no archive"),
            ("aa  hpa-controller-linux-amd64.tar.gz", "name no archive"),
            ("aa", "not a line of sha256sum"),
            ("aa  hpa-sim-linux.tar.gz", "not hpa-sim-OS-ARCH.tar.gz"),
            ("aa  hpa-sim-linux-amd64.zip", "not hpa-sim-OS-ARCH.tar.gz"),
        ] {
            let error = manifest("a/b", "v1", checksums).expect_err(checksums);
            assert!(error.to_string().contains(why), "{checksums}: {error}");
        }
    }
}
