//! What a Dockerfile copies is enough for the cargo command that it runs.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::workspace::Workspace;

/// What is wrong with the files that a Dockerfile copies from the top of the repository before it runs
/// cargo: they are copied into the folder `to`, and cargo is asked there.
pub(crate) fn complaints(dockerfile: &str, top: &Path, to: &Path) -> Vec<String> {
    let lines = dockerfile.replace("\\\n", " ");
    let before = lines.lines().take_while(|line| !runs_cargo(line));
    let copied = before.filter_map(|line| line.strip_prefix("COPY "));
    let _ = fs::remove_dir_all(to);
    for arguments in copied {
        if let Err(complaint) = copy(arguments, top, to) {
            return vec![complaint];
        }
    }
    let workspace = match Workspace::at(&to.join("Cargo.toml")) {
        Ok(workspace) => workspace,
        Err(error) => return vec![format!("cargo metadata: {error}")],
    };
    let mut complaints = Vec::new();
    for (name, folder) in workspace.needs() {
        if !Path::new(folder).join("Cargo.toml").exists() {
            complaints.push(format!("{name} is not copied"));
        }
    }
    let lock = fs::read_to_string(to.join("Cargo.lock")).unwrap_or_default();
    for name in workspace.names() {
        if !lock.contains(&format!("\nname = \"{name}\"\n")) {
            complaints.push(format!("Cargo.lock does not know {name}"));
        }
    }
    let built: Vec<&str> = lines.lines().filter(|line| runs_cargo(line)).collect();
    let packages: Vec<&str> = built.iter().filter_map(|line| package(line)).collect();
    if packages.is_empty() {
        complaints.push("it builds no package".to_owned());
    }
    for (_, rest) in lines
        .match_indices(BUILT)
        .map(|(at, _)| lines.split_at(at + BUILT.len()))
    {
        let program = rest.split_whitespace().next().unwrap_or_default();
        if !packages
            .iter()
            .any(|package| workspace.package_has_target(package, "bin", program))
        {
            complaints.push(format!(
                "{program} is not a program of {}",
                packages.join(", ")
            ));
        }
    }
    complaints
}

/// Where cargo puts the programs that it builds.
const BUILT: &str = "target/release/";

/// The package that a cargo command names.
fn package(line: &str) -> Option<&str> {
    let mut words = line
        .split_whitespace()
        .skip_while(|word| *word != "--package");
    words.nth(1)
}

fn runs_cargo(line: &str) -> bool {
    line.starts_with("RUN ") && line.contains("cargo ")
}

/// Carries out a COPY: all arguments but the last are copied into, or as, the last.
fn copy(arguments: &str, top: &Path, to: &Path) -> Result<(), String> {
    let paths: Vec<&str> = arguments.split_whitespace().collect();
    let Some((target, sources)) = paths.split_last() else {
        return Err("COPY without arguments".to_owned());
    };
    // Collected from its components, `./` is no more in it, with which no folder can be made.
    let folder: PathBuf = to.join(target).components().collect();
    for source in sources {
        let from = top.join(source);
        if from.is_dir() {
            copy_folder(&from, &folder)
        } else if target.ends_with('/') {
            fs::create_dir_all(&folder)
                .and_then(|()| fs::copy(&from, folder.join(source)))
                .map(drop)
        } else {
            return Err(format!(
                "COPY {arguments}: {target} should end with a slash"
            ));
        }
        .map_err(|error| format!("COPY {arguments}: {source}: {error}"))?;
    }
    Ok(())
}

/// Copies a folder without what builds have made in it.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    let ours = WalkDir::new(from).into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        !crate::SKIPPED.contains(&&*name)
    });
    for entry in ours {
        let entry = entry?;
        let relative = entry.path().strip_prefix(from).expect("a path in it");
        if entry.file_type().is_dir() {
            fs::create_dir_all(to.join(relative))?;
        } else {
            fs::copy(entry.path(), to.join(relative))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told() {
        let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("image-sample");
        let write = |path: &str, text: &str| {
            let path = top.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        write("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n");
        write(
            "Cargo.lock",
            "[[package]]\nname = \"one\"\nversion = \"0.0.0\"\n",
        );
        write(
            "one/Cargo.toml",
            "[package]\nname = \"one\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\ntwo.path = \"../two\"\n",
        );
        write("one/src/main.rs", "fn main() {}\n");
        write(
            "two/Cargo.toml",
            "[package]\nname = \"two\"\nversion = \"0.0.0\"\nedition = \"2024\"\n",
        );
        write("two/src/lib.rs", "");
        let check = |text: &str| complaints(text, &top, &top.join("to"));
        let run = "RUN cargo build --package one\nCOPY --from=build /target/release/one /b\n";
        let all = "COPY Cargo.toml Cargo.lock ./\nCOPY one one\nCOPY two two\n";
        assert_eq!(
            check(&format!("FROM x\n{all}{run}")),
            ["Cargo.lock does not know two"]
        );
        let lock = "[[package]]\nname = \"one\"\nversion = \"0.0.0\"\n\n[[package]]\nname = \"two\"\nversion = \"0.0.0\"\n";
        write("Cargo.lock", lock);
        assert_eq!(check(&format!("FROM x\n{all}{run}")), Vec::<String>::new());
        for (text, why) in [
            (all.replace("COPY one one\n", "") + run, "cargo metadata"),
            (all.replace("COPY two two\n", "") + run, "two"),
            (all.replace("Cargo.toml ", "") + run, "cargo metadata"),
            (
                all.replace("Cargo.lock ", "") + run,
                "Cargo.lock does not know one",
            ),
            (all.replace("COPY two", "COPY three") + run, "three"),
            (
                all.to_owned() + &run.replace("release/one", "release/two"),
                "two is not a program of one",
            ),
            (
                all.to_owned() + &run.replace("package one", "package six"),
                "one is not a program of six",
            ),
            (all.to_owned() + "RUN cargo build\n", "it builds no package"),
            (all.to_owned(), "it builds no package"),
        ] {
            let complaints = check(&text);
            assert!(
                complaints.iter().any(|complaint| complaint.contains(why)),
                "{text}: {complaints:?}"
            );
        }
    }
}
