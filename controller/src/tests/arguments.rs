//! The command line and the config file beneath it.

use std::path::Path;

use crate::args::{Args, LogFormat, Mode};

/// The beginning of a config file.
const HEAD: &str = "apiVersion: hpa-playground/v1\nkind: Controller\n";

fn read(arguments: &[&str]) -> Result<Args, String> {
    let all = std::iter::once("hpa-controller").chain(arguments.iter().copied());
    Args::read(all.map(Into::into)).map_err(|error| error.to_string())
}

#[test]
fn arguments_are_well_formed_and_upstreams() {
    let command = crate::args::command();
    command.clone().debug_assert();
    for flag in command.get_arguments() {
        let (flag, variable) = (flag.get_long().unwrap(), flag.get_env().unwrap());
        let expected = format!("HPA_CONTROLLER_{}", flag.to_uppercase().replace('-', "_"));
        assert_eq!(variable, expected.as_str());
    }
    let args = read(&[]).unwrap();
    assert_eq!(
        (args.mode, args.log_format),
        (Mode::Shadow, LogFormat::Json)
    );
    let cluster = hpa_core::autoscaler::KubernetesVersion::PROVEN;
    let defaults = hpa_core::autoscaler::ControllerConfig::default();
    assert_eq!(args.controller_config(cluster), defaults);
    let args = read(&[
        "--feature-gates",
        "HPAScaleToZero=true,PodLevelResources=false",
        "--kubernetes-version",
        "v1.37.1",
    ])
    .unwrap();
    let config = args.controller_config(cluster);
    assert_eq!(config.version.minor(), 37);
    assert!(config.gates.hpa_scale_to_zero && !config.gates.pod_level_resources);
}

#[test]
fn a_config_file_stands_beneath_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let file = write(
        "a.yaml",
        &format!(
            "{HEAD}log-format: text\nnamespace: here\nleader-elect: false\nfeature-gates: HPAScaleToZero=true\n"
        ),
    );
    let args = read(&["--config", &file, "--namespace", "there"]).unwrap();
    assert_eq!(args.namespace.as_deref(), Some("there"));
    assert_eq!(args.log_format, LogFormat::Text);
    assert!(!args.upstream.leader_elect);
    assert_eq!(
        args.upstream.feature_gates,
        [(String::from("HPAScaleToZero"), true)]
    );
    for (text, problem) in [
        ("no-such-flag: 1\n", "there is no flag no-such-flag"),
        (
            "mode: [active]\n",
            "mode: a text, a number, true or false is expected",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\n",
            "apiVersion hpa-playground/v1 and kind Controller are expected",
        ),
        ("mode: both\n", "invalid value 'both'"),
        ("config: a.yaml\n", "there is no flag config"),
        (
            "mode: [active]\nno-such-flag: 1\n",
            "b.yaml, line 4: there is no flag no-such-flag",
        ),
    ] {
        let head = if text.starts_with("apiVersion") {
            ""
        } else {
            HEAD
        };
        let file = write("b.yaml", &format!("{head}{text}"));
        let error = read(&["--config", &file]).unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
    let absent = Path::new("/no/such/settings.yaml");
    assert!(read(&["--config", absent.to_str().unwrap()]).is_err());
}
