//! The command line, its environment variables and the config file.
#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes its strings so"
)]

use hpa_core::autoscaler::FeatureGate;
use std::path::Path;

use expect_test::{expect, expect_file};
use hpa_core::autoscaler::{ControllerConfig, KubernetesVersion};

use crate::args::{Args, LogFormat, Mode, command};
use crate::cluster::rules_of;

/// The beginning of a config file.
const HEAD: &str = "apiVersion: hpa-playground/v1\nkind: Controller\n";

fn read(arguments: &[&str]) -> Result<Args, String> {
    let all = std::iter::once("hpa-controller").chain(arguments.iter().copied());
    Args::read(all.map(Into::into)).map_err(|error| error.to_string())
}

#[test]
fn help() {
    // The test below checks the environment variables.
    let command = command().mut_args(|arg| arg.hide_env(true));
    let mut command = command.term_width(100);
    expect_file!["./help.txt"].assert_eq(&command.render_long_help().to_string());
}

#[test]
fn every_flag_has_an_environment_variable() {
    let command = command();
    command.clone().debug_assert();
    let mut wrong = Vec::new();
    for flag in command.get_arguments() {
        let (flag, variable) = (flag.get_long().unwrap(), flag.get_env().unwrap());
        let expected = format!("HPA_CONTROLLER_{}", flag.to_uppercase().replace('-', "_"));
        if variable != expected.as_str() {
            wrong.push((flag.to_owned(), variable.to_owned()));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn defaults_are_upstreams() {
    let args = read(&[]).unwrap();
    assert_eq!(
        (args.mode, args.log_format),
        (Mode::Shadow, LogFormat::Json)
    );
    let cluster = KubernetesVersion::DEFAULT;
    assert_eq!(
        args.controller_config(cluster).unwrap(),
        ControllerConfig::default()
    );
    let args = read(&[
        "--feature-gates",
        "HPAScaleToZero=true,PodLevelResources=false",
        "--kubernetes-version",
        "v1.37.1",
    ])
    .unwrap();
    let config = args.controller_config(cluster).unwrap();
    assert_eq!(config.version.minor(), 37);
    assert!(config.gates.is_on(FeatureGate::HpaScaleToZero));
    assert!(!config.gates.is_on(FeatureGate::PodLevelResources));
    let args = read(&["--feature-gates", "HPAGeneration=true"]).unwrap();
    let older = KubernetesVersion::from_minor(36).unwrap();
    assert_eq!(
        args.controller_config(older).unwrap_err().to_string(),
        "--feature-gates: unrecognized feature gate: HPAGeneration (Kubernetes 1.36)"
    );
}

#[test]
fn flags_take_precedence_over_the_config_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a.yaml");
    let text = "log-format: text\nnamespace: here\nleader-elect: false\nfeature-gates: HPAScaleToZero=true\n";
    std::fs::write(&file, format!("{HEAD}{text}")).unwrap();
    let args = read(&["--config", file.to_str().unwrap(), "--namespace", "there"]).unwrap();
    assert_eq!(args.namespace.as_deref(), Some("there"));
    assert_eq!(args.log_format, LogFormat::Text);
    assert!(!args.upstream.leader_elect);
    assert_eq!(
        args.upstream.feature_gates,
        [(FeatureGate::HpaScaleToZero, true)]
    );
}

/// The message about a config file, without its directory.
fn config_problem(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.yaml");
    std::fs::write(&file, text).unwrap();
    let error = read(&["--config", file.to_str().unwrap()]).unwrap_err();
    error.replace(&format!("{}/", directory.path().display()), "")
}

#[test]
fn problems_of_a_config_file_have_a_place() {
    let problems = config_problem(&format!(
        "{HEAD}mode: [active]\nno-such-flag: 1\nconfig: a.yaml\n"
    ));
    expect![[r#"
        error: config.yaml is invalid

        error[type]: mode: expected a string, a number, true or false
         --> config.yaml:3:1
          |
        3 | mode: [active]
          | ^^^^

        error[unknown-field]: unknown flag no-such-flag
         --> config.yaml:4:1
          |
        4 | no-such-flag: 1
          | ^^^^^^^^^^^^

        error[unknown-field]: unknown flag config
         --> config.yaml:5:1
          |
        5 | config: a.yaml
          | ^^^^^^


        Usage: hpa-controller [OPTIONS]

        For more information, try '--help'.
    "#]]
    .assert_eq(&problems);
    let problem = config_problem("apiVersion: v1\nkind: ConfigMap\n");
    expect![[r#"
        error: config.yaml is invalid

        error[unknown-kind]: expected apiVersion hpa-playground/v1 and kind Controller
         --> config.yaml:1:1
          |
        1 | apiVersion: v1
          | ^^^^^^^^^^


        Usage: hpa-controller [OPTIONS]

        For more information, try '--help'.
    "#]]
    .assert_eq(&problem);
    let problem = config_problem(&format!("{HEAD}mode: both\n"));
    assert!(problem.contains("invalid value 'both'"), "{problem}");
    let absent = Path::new("/no/such/settings.yaml");
    assert!(read(&["--config", absent.to_str().unwrap()]).is_err());
}

#[test]
fn a_server_without_version_information_gets_the_newest_rules() {
    let rows = [
        ("v1.36.2", 36, false),
        ("v1.33.5+k3s1", 33, false),
        ("v1.35.1-gke.200", 35, false),
        ("v1.26.0", 27, true),
        ("v1.99.0", 37, true),
        ("v2.0.0", 37, true),
        ("v0.0.0-master+$Format:%H$", 37, true),
        ("", 37, true),
    ];
    for (version, minor, warns) in rows {
        let (rules, warning) = rules_of(version);
        assert_eq!(
            (rules.minor(), warning.is_some()),
            (minor, warns),
            "{version}"
        );
    }
}
