//! Replays the files of one kind of cases under each release and processor, and reports what
//! differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use hpa_core::autoscaler::{Arch, KubernetesVersion};
use serde_json::Value;

use crate::fields::{Expected, Prepare, Setting, text};
use crate::files;

/// How many differing cases are shown of each line of counts.
const SHOWN: usize = 5;

/// The oldest release that was recorded.
const OLDEST: u8 = 33;

/// The release that the base cases were recorded of.
fn base() -> KubernetesVersion {
    KubernetesVersion::from_minor(36).expect("it is modelled")
}

/// The releases that were recorded.
pub(crate) fn releases() -> impl Iterator<Item = KubernetesVersion> {
    KubernetesVersion::all().filter(|version| version.minor() >= OLDEST)
}

/// One line of counts.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    report: String,
}

/// One comparison of a case: the lines that count it, and what it compares.
struct Run<'a> {
    lines: Vec<String>,
    setting: Result<Setting, String>,
    expected: Expected<'a>,
}

/// The files of one kind.
pub(crate) struct Kind {
    name: &'static str,
    prepare: Prepare,
    processors: &'static [Arch],
    has_saturating: bool,
    has_base: bool,
    tallies: Mutex<BTreeMap<String, Tally>>,
}

impl Kind {
    /// Cases of `<name>.jsonl.gz` and its siblings, recorded on amd64.
    pub(crate) const fn new(name: &'static str, prepare: Prepare) -> Self {
        Self {
            name,
            prepare,
            processors: &[Arch::Amd64],
            has_saturating: false,
            has_base: true,
            tallies: Mutex::new(BTreeMap::new()),
        }
    }

    /// Recorded on arm64, too.
    pub(crate) fn on_both_processors(self) -> Self {
        Self {
            processors: &Arch::ALL,
            ..self
        }
    }

    /// With a file of base cases as arm64 answers them.
    pub(crate) fn with_saturating(self) -> Self {
        Self {
            has_saturating: true,
            ..self
        }
    }

    /// Without base cases.
    pub(crate) fn of_releases_only(self) -> Self {
        Self {
            has_base: false,
            ..self
        }
    }

    /// Replays every case of the files, and panics unless all pass.
    ///
    /// - `<name>.jsonl.gz`: the release that the model is base for, on amd64; every other release
    ///   and processor for those cases that the file of releases does not have.
    /// - `<name>-saturating.jsonl.gz`: the same release on arm64.
    /// - `releases/<name>.jsonl.gz`: each release that ran the case, on each processor.
    #[track_caller]
    pub(crate) fn replay(self) {
        let mut missing = Vec::new();
        let listed = self.replay_releases();
        if listed.is_none() {
            missing.push(format!("releases/{}", self.name));
        }
        if self.has_base && !self.replay_base(listed.as_ref()) {
            missing.push(self.name.to_owned());
        }
        let saturating = format!("{}-saturating", self.name);
        if self.has_saturating
            && !self.replay_file(&saturating, |case| {
                vec![Self::base_run(case, saturating.clone(), Arch::Arm64)]
            })
        {
            missing.push(saturating);
        }
        self.finish(&missing);
    }

    /// The case numbers of the file of releases, if there is one.
    fn replay_releases(&self) -> Option<BTreeSet<String>> {
        let ids = Mutex::new(BTreeSet::new());
        let found = self.replay_file(&format!("releases/{}", self.name), |case| {
            lock(&ids).insert(text(case, "id").to_owned());
            let mut runs = Vec::new();
            for version in releases() {
                for &arch in self.processors {
                    let Some(expected) = Expected::of_release(case, version, arch) else {
                        continue;
                    };
                    runs.push(Run {
                        lines: vec![self.line(version, arch)],
                        setting: Setting::new(case, version, arch),
                        expected,
                    });
                }
            }
            runs
        });
        found.then(|| ids.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether there is a file of base cases.
    fn replay_base(&self, listed: Option<&BTreeSet<String>>) -> bool {
        let base = base();
        self.replay_file(self.name, |case| {
            let mut runs = vec![Self::base_run(case, self.name.to_owned(), Arch::Amd64)];
            if listed.is_none_or(|listed| listed.contains(text(case, "id"))) {
                return runs;
            }
            runs[0].lines.push(self.line(base, Arch::Amd64));
            for version in releases() {
                for &arch in self.processors {
                    let setting = Setting::new(case, version, arch);
                    if (version, arch) == (base, Arch::Amd64) || setting.is_err() {
                        continue;
                    }
                    let lines = vec![self.line(version, arch)];
                    let expected = Expected::of_case(case);
                    runs.push(Run {
                        lines,
                        setting,
                        expected,
                    });
                }
            }
            runs
        })
    }

    fn base_run(case: &Value, line: String, arch: Arch) -> Run<'_> {
        Run {
            lines: vec![line],
            setting: Setting::new(case, base(), arch),
            expected: Expected::of_case(case),
        }
    }

    fn line(&self, version: KubernetesVersion, arch: Arch) -> String {
        format!("{} {version} {arch}", self.name)
    }

    /// Whether there is such a file; each thread takes the next case as soon as it is free.
    fn replay_file<'a>(
        &self,
        file: &str,
        runs: impl for<'case> Fn(&'case Value) -> Vec<Run<'case>> + Sync + 'a,
    ) -> bool {
        let Some(lines) = files::lines(file) else {
            return false;
        };
        let lines = Mutex::new(lines);
        let next = || lock(&lines).next();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(line) = next() {
                        let case: Value = serde_json::from_str(&line)
                            .unwrap_or_else(|error| panic!("{file}: {error}: {line}"));
                        self.replay_case(&case, runs(&case));
                    }
                });
            }
        });
        true
    }

    fn replay_case(&self, case: &Value, runs: Vec<Run<'_>>) {
        let check = (self.prepare)(case);
        for run in runs {
            let outcome = match &run.setting {
                Err(refused) => Err(refused.clone()),
                Ok(setting) => catch_unwind(AssertUnwindSafe(|| check(setting, &run.expected)))
                    .unwrap_or_else(|_| Err("the check panicked".to_owned())),
            };
            let mut tallies = lock(&self.tallies);
            for line in run.lines {
                tallies.entry(line).or_default().add(case, &outcome);
            }
        }
    }

    #[track_caller]
    fn finish(self, missing: &[String]) {
        let tallies = lock(&self.tallies);
        let mut report = String::new();
        for (line, tally) in &*tallies {
            let Tally {
                passed,
                failed,
                report: differences,
            } = tally;
            let _ = writeln!(report, "{line}: {passed} passed, {failed} failed");
            report += differences;
            if *failed > SHOWN {
                let _ = writeln!(report, "  … and {} more", failed - SHOWN);
            }
        }
        for file in missing {
            assert!(files::is_another_folder(), "{file}.jsonl.gz is missing");
            let _ = writeln!(report, "{file}: not among these vectors");
        }
        say(&report);
        assert!(
            !tallies.is_empty() || !missing.is_empty(),
            "{} has no case",
            self.name
        );
        let failed: usize = tallies.values().map(|tally| tally.failed).sum();
        assert_eq!(failed, 0, "cases differ");
    }
}

impl Tally {
    fn add(&mut self, case: &Value, outcome: &Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(difference) => {
                self.failed += 1;
                if self.failed <= SHOWN {
                    let (id, difference) = (text(case, "id"), difference.trim_end());
                    let _ = writeln!(self.report, "  {id}: {difference}");
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Written past libtest's capture, in one piece because tests run side by side.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
