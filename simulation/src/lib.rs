//! A simulated cluster around the Kubernetes HorizontalPodAutoscaler, and experiments with it.
//!
//! | module | contents |
//! |---|---|
//! | [`chart`] | the charts of a run: series, pictures, descriptions, tables, SVG |
//! | [`cluster`] | load, pods, metrics, faults, trace |
//! | [`experiment`] | the experiment document, its run, goals and presets |
//!
//! The algorithm itself is in the crate `hpa-core`, which does not depend on this one.
//!
//! # Run an experiment
//!
//! One text contains manifests and, to change defaults, an experiment document.
//!
//! ```
//! use hpa_simulation::experiment::{Experiment, Measure, presets};
//!
//! let parsed = Experiment::parse(presets::PHP_APACHE);
//! for problem in &parsed.diagnostics {
//!     eprintln!("{}", problem.message);
//! }
//! let experiment = parsed.experiment.expect("the walkthrough has no errors");
//! let run = experiment.run();
//! assert!(run.as_expected());
//! for verdict in &run.verdicts {
//!     println!("{}: {}", verdict.goal.name, verdict.measured_text());
//! }
//! // Ids are stable, labels are for people.
//! let most = run.summary.value(Measure::MostReplicas);
//! assert_eq!((Measure::MostReplicas.id(), most), ("mostReplicas", Some(7.0)));
//! ```
//!
//! `Run` and its parts implement `serde::Serialize` with stable names.
//!
//! # Sweep a field
//!
//! A setup is validated data: derive one with a change, run it, and compare the summaries.
//!
//! ```
//! use hpa_simulation::cluster::SetupDraft;
//! use hpa_simulation::experiment::{Check, Experiment, Measure, presets};
//!
//! let base = Experiment::parse(presets::PHP_APACHE).experiment.expect("no errors");
//! let mut peaks = Vec::new();
//! for max_replicas in [2, 4, 8] {
//!     let change = |draft: &mut SetupDraft| draft.autoscaler.spec.max_replicas = max_replicas;
//!     let setup = base.setup.with(change).expect("a valid setup");
//!     let run = Experiment::new(setup)
//!         .expecting(Check::ReplicasAtLeast(1))
//!         .run();
//!     assert!(run.as_expected());
//!     let number = |measure| run.summary.value(measure).unwrap_or_default();
//!     println!(
//!         "{max_replicas}: {:.2} pod hours, unmet demand for {} s",
//!         number(Measure::PodHours),
//!         number(Measure::UnmetDemand),
//!     );
//!     peaks.push(number(Measure::MostReplicas));
//! }
//! assert_eq!(peaks, [2.0, 4.0, 7.0]);
//! ```

#![deny(missing_docs)]

pub mod chart;
pub mod cluster;
pub mod experiment;
