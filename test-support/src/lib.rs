//! What the tests of several packages share: manifests, the shipped experiments, and tables of rows.
//!
//! It depends on no other package of the workspace, so that the unit tests of each can use it.

#[cfg(feature = "recorded-queue")]
pub mod recorded_queue;
mod rows;

use std::path::{Path, PathBuf};

pub use rows::check_each;

/// An autoscaler of the Deployment `web`, with these lines in its spec, the first on line 6.
#[must_use]
pub fn autoscaler(spec: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
{spec}"
    )
}

/// The Deployment `web` of one container, with these lines at the start of its spec, from line 5.
#[must_use]
pub fn deployment(spec: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
{spec}  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - {{name: app, resources: {{requests: {{cpu: 100m}}}}}}
"
    )
}

/// The folder of the shipped experiments.
#[must_use]
pub fn experiments_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulation/experiments")
}

/// A shipped experiment: the name of its file without `.yaml`, and its text.
#[derive(Clone, Debug)]
pub struct Shipped {
    /// The name of its file, without `.yaml`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// All shipped experiments in the order of their names.
///
/// # Panics
/// If the files cannot be read, or there are none.
#[must_use]
pub fn shipped_experiments() -> Vec<Shipped> {
    let files = std::fs::read_dir(experiments_folder()).expect("the folder of the experiments");
    let files = files.map(|file| file.expect("a file").file_name());
    let mut names: Vec<String> = files
        .filter_map(|file| file.to_str()?.strip_suffix(".yaml").map(str::to_owned))
        .collect();
    names.sort_unstable();
    assert!(!names.is_empty(), "no experiments");
    let shipped = |name: String| Shipped {
        text: shipped_experiment(&name),
        name,
    };
    names.into_iter().map(shipped).collect()
}

/// The text of the shipped experiment with this name.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn shipped_experiment(name: &str) -> String {
    let path = experiments_folder().join(format!("{name}.yaml"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
