//! hpa-sim upgrade: what changes, by which rule, and which files belong together.

use expect_test::expect_file;

use crate::{has, sim, sim_with};

/// An autoscaler whose tolerance only later releases keep, and the load that shows it.
fn tolerant() -> String {
    test_support::autoscaler("  maxReplicas: 9\n  behavior: {scaleUp: {tolerance: 20}}\n")
        + "---\napiVersion: hpa-playground/v1\nkind: Experiment\nduration: 10m\nload: [{step: {rate: 30, from: 5m}}]\n"
}

#[test]
fn an_upgrade_says_what_changes_and_by_which_rule() {
    let text = tolerant();
    let upgrade = |from: &str, to: &str, form: &str| {
        sim_with(
            &["upgrade", "--from", from, "--to", to, "-o", form, "-"],
            &text,
        )
    };
    let run = upgrade("1.34", "1.35", "text");
    assert_eq!(run.code, 1, "{}", run.err);
    expect_file!["upgrade.txt"].assert_eq(&run.out);
    let markdown = upgrade("1.34", "1.35", "markdown");
    has(
        &markdown.out,
        &[
            "# Kubernetes 1.34 to 1.35\n",
            "- **replicas**: differ first at ",
        ],
    );
    let junit = upgrade("1.34", "1.35", "junit");
    has(&junit.out, &["tests=\"1\" failures=\"1\" errors=\"0\""]);
    let json: serde_json::Value =
        serde_json::from_str(&upgrade("1.34", "1.35", "json").out).unwrap();
    assert_eq!(json["autoscalers"][0]["autoscaler"], "default/web");
    assert_eq!(json["featureGates"][0]["on"], true);
    assert!(json["autoscalers"][0]["divergence"]["seconds"].is_number());
    let same = upgrade("1.35", "1.36", "text");
    assert_eq!(same.code, 0, "{}", same.out);
    assert_eq!(upgrade("1.34", "1.34", "text").code, 2);
    assert_eq!(
        sim_with(
            &["upgrade", "--from", "1.34", "--to", "1.35", "-"],
            "kind: Pod\n"
        )
        .code,
        2
    );
}

#[test]
fn an_autoscaler_of_a_version_that_is_not_read_is_never_left_out_silently() {
    let old = tolerant().replace("autoscaling/v2", "autoscaling/v2beta2");
    let both = tolerant() + "---\n" + old.split_once("---\n").unwrap().0;
    for text in [old, both] {
        let run = sim_with(&["upgrade", "--from", "1.34", "--to", "1.35", "-"], &text);
        assert_eq!(run.code, 2, "{}", run.out);
        has(
            &run.err,
            &[
                "a HorizontalPodAutoscaler of autoscaling/v2beta2 is not compared; convert it to autoscaling/v2",
            ],
        );
    }
}

#[test]
fn an_upgrade_of_a_folder_takes_each_autoscaler_with_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let (autoscaler, load) = {
        let text = tolerant();
        let (autoscaler, load) = text.split_once("---\n").unwrap();
        (autoscaler.to_owned(), load.to_owned())
    };
    write("a.yaml", &autoscaler);
    write(
        "b.yaml",
        &autoscaler.replace("{name: web}", "{name: web, namespace: shop}"),
    );
    let path = folder.path().to_str().unwrap().to_owned();
    let count = |code: i32| {
        let out = sim(
            &[
                "upgrade", "--from", "1.34", "--to", "1.35", "-o", "json", &path,
            ],
            code,
        );
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        let found = json["autoscalers"].as_array().unwrap().iter();
        found
            .map(|one| one["autoscaler"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // The load is assumed: both autoscalers scale with it.
    assert_eq!(count(1), ["default/web", "shop/web"]);
    write("load.yaml", &load);
    assert_eq!(count(1), ["default/web", "shop/web"]);
    write(
        "whole.yaml",
        &tolerant().replace("{name: web}", "{name: api}"),
    );
    assert_eq!(count(1), ["default/api", "default/web", "shop/web"]);
}
