//! What cargo says of a workspace: its packages, their targets and which of them need which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// The packages of a workspace by their names.
#[derive(Debug)]
pub(crate) struct Workspace {
    packages: BTreeMap<String, Package>,
}

#[derive(Debug, Default)]
struct Package {
    /// Kind and name of each target.
    targets: BTreeSet<(String, String)>,
    /// Packages that it needs and that lie in folders.
    needs: Vec<(String, String)>,
}

impl Workspace {
    /// Asks cargo, without network and without looking at what the packages need from elsewhere.
    ///
    /// # Errors
    /// What cargo says against the workspace.
    pub(crate) fn at(manifest: &Path) -> Result<Self, String> {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--offline", "--no-deps", "--format-version=1"])
            .arg("--manifest-path")
            .arg(manifest)
            .output()
            .map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let metadata: Metadata =
            serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
        Ok(Self::from(metadata))
    }

    /// A workspace for samples.
    pub(crate) fn of(packages: &[(&str, &[(&str, &str)])]) -> Self {
        let package = |targets: &[(&str, &str)]| Package {
            targets: targets
                .iter()
                .map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned()))
                .collect(),
            needs: Vec::new(),
        };
        Self {
            packages: packages
                .iter()
                .map(|(name, targets)| ((*name).to_owned(), package(targets)))
                .collect(),
        }
    }

    pub(crate) fn has_package(&self, name: &str) -> bool {
        self.packages.contains_key(name)
    }

    pub(crate) fn has_target(&self, kind: &str, name: &str) -> bool {
        self.packages
            .values()
            .any(|package| package.has(kind, name))
    }

    /// True if this package has this target.
    pub(crate) fn package_has_target(&self, package: &str, kind: &str, name: &str) -> bool {
        let package = self.packages.get(package);
        package.is_some_and(|package| package.has(kind, name))
    }

    /// The names of all packages.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.packages.keys().map(String::as_str)
    }

    /// Packages in folders that a package of the workspace needs, with the folders.
    pub(crate) fn needs(&self) -> impl Iterator<Item = (&str, &str)> {
        let needs = self.packages.values().flat_map(|package| &package.needs);
        needs.map(|(name, folder)| (&**name, &**folder))
    }
}

impl Package {
    fn has(&self, kind: &str, name: &str) -> bool {
        self.targets.contains(&(kind.to_owned(), name.to_owned()))
    }
}

/// The part of what `cargo metadata` prints that is of interest here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<PackageMetadata>,
}

#[derive(Deserialize)]
struct PackageMetadata {
    name: String,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    path: Option<String>,
}

impl From<Metadata> for Workspace {
    fn from(metadata: Metadata) -> Self {
        let targets = |targets: Vec<Target>| {
            let mut named = BTreeSet::new();
            for Target { kind, name } in targets {
                named.extend(kind.into_iter().map(|kind| (kind, name.clone())));
            }
            named
        };
        let needs = |dependencies: Vec<Dependency>| {
            let dependencies = dependencies.into_iter();
            let local = dependencies.filter_map(|need| Some((need.name, need.path?)));
            local.collect()
        };
        let packages = metadata.packages.into_iter().map(|package| {
            let known = Package {
                targets: targets(package.targets),
                needs: needs(package.dependencies),
            };
            (package.name, known)
        });
        Self {
            packages: packages.collect(),
        }
    }
}
