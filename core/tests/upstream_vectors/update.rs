//! Updates of an autoscaler and of its status: the stored object and the body of a request in, the
//! answer of the API server out.

use hpa_core::manifest::{HpaVersion, Subresource, read_version, through_storage, update};
use serde_json::{Value, json};

use crate::fields::{Check, Setting, same, text};
use crate::validation::{body, compare, encode, options};

pub(crate) fn prepare(case: &Value) -> Check<'_> {
    Box::new(|setting, expected| check(case, setting, expected.whole()))
}

fn check(case: &Value, setting: &Setting, out: &Value) -> Result<(), String> {
    let options = options(setting);
    let old = read_version(&body(case, "old"), HpaVersion::V2, options.rules)?;
    let old = through_storage(old.record);
    let subresource = match text(case, "subresource") {
        "" => Subresource::None,
        "status" => Subresource::Status,
        other => return Err(format!("unknown subresource {other}")),
    };
    let answer = update(&old, &body(case, "manifest"), subresource, &options);
    compare(out, &answer)?;
    if let Some(expected) = out.get("stored") {
        let stored = answer.result.as_ref().map_err(|_| "refused")?;
        let mut found = encode(stored, HpaVersion::V2);
        let found = json!({
            "metadata": found["metadata"].take(),
            "spec": found["spec"].take(),
            "status": found["status"].take(),
        });
        same("stored", expected, &found)?;
    }
    Ok(())
}
