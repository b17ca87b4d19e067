//! The `--config` file: values for flags that neither the command line nor the environment sets.

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches as _};
use hpa_core::manifest::{self, Diagnostic, FieldPath, Severity, Source, Span};

use crate::args::{Args, command};
use crate::file_problems::FileProblems;

/// `apiVersion` and `kind` of a config file.
const CONFIG: (&str, &str) = ("hpa-playground/v1", "Controller");

impl Args {
    /// Parses the command line, the environment, and the config file that they name.
    ///
    /// # Errors
    /// clap's error, which also carries the output of `--help` and `--version`.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut arguments: Vec<OsString> = arguments.into_iter().collect();
        let matches = command().try_get_matches_from(&arguments)?;
        let args = Self::from_arg_matches(&matches)?;
        let Some(path) = &args.config else {
            return Ok(args);
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| refuse(FileProblems::io(path, &error)))?;
        let source = Source::new(path.display().to_string(), text);
        let flags = flags(source.text(), &matches).map_err(|problems| {
            let problems = FileProblems::diagnostics(&source, &problems);
            refuse(format!("{} is invalid\n\n{problems}", source.name()))
        })?;
        // Flags that the command line sets were left out, as clap accepts no flag twice.
        arguments.extend(flags);
        let matches = command().try_get_matches_from(arguments)?;
        Self::from_arg_matches(&matches)
    }
}

fn refuse(problem: impl std::fmt::Display) -> clap::Error {
    command().error(clap::error::ErrorKind::Io, problem)
}

/// The flags of a config file that neither the command line nor the environment sets, or everything
/// that is wrong with the file.
fn flags(text: &str, given: &ArgMatches) -> Result<Vec<OsString>, Vec<Diagnostic>> {
    let (documents, mut problems) = manifest::read(text);
    let command = command();
    let mut flags = Vec::new();
    for document in documents {
        if (document.api_version.as_str(), document.kind.as_str()) != CONFIG {
            let (api_version, kind) = CONFIG;
            let message = format!("expected apiVersion {api_version} and kind {kind}");
            problems.push(*problem(
                document.locate(&FieldPath::default()),
                "unknown-kind",
                message,
            ));
            continue;
        }
        for entry in document.root.entries() {
            if entry.key == "apiVersion" || entry.key == "kind" {
                continue;
            }
            match flag(&command, entry, given) {
                Ok(flag) => flags.extend(flag),
                Err(problem) => problems.push(*problem),
            }
        }
    }
    if problems.is_empty() {
        Ok(flags)
    } else {
        Err(problems)
    }
}

/// The flag that an entry of a config file sets; `None` if it is set elsewhere, or a switch is off.
fn flag(
    command: &clap::Command,
    entry: &manifest::Entry,
    given: &ArgMatches,
) -> Result<Option<OsString>, Box<Diagnostic>> {
    let name = entry.key.as_str();
    let known = command
        .get_arguments()
        .find(|argument| argument.get_long() == Some(name))
        .filter(|argument| argument.get_long() != Some("config"))
        .ok_or_else(|| {
            problem(
                entry.key_span,
                "unknown-field",
                format!("unknown flag {name}"),
            )
        })?;
    let value = scalar(&entry.value.value).ok_or_else(|| {
        let message = format!("{name}: expected a string, a number, true or false");
        problem(entry.key_span, "type", message)
    })?;
    let is_given = matches!(
        given.value_source(known.get_id().as_str()),
        Some(ValueSource::CommandLine | ValueSource::EnvVariable)
    );
    Ok(if is_given {
        None
    } else if known.get_action().takes_values() {
        Some(format!("--{name}={value}").into())
    } else {
        (value == "true").then(|| format!("--{name}").into())
    })
}

fn problem(span: Span, code: &'static str, message: String) -> Box<Diagnostic> {
    let path = FieldPath::default();
    Box::new(Diagnostic::new(Severity::Error, code, span, path, message))
}

fn scalar(value: &manifest::Value) -> Option<String> {
    match value {
        manifest::Value::String(text) => Some(text.clone()),
        manifest::Value::Bool(value) => Some(value.to_string()),
        manifest::Value::Number(number) => Some(number.to_string()),
        manifest::Value::Null | manifest::Value::List(_) | manifest::Value::Map(_) => None,
    }
}
