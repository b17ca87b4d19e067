//! Conversions between the versions of the API group `autoscaling`.

use hpa_core::manifest::{HpaVersion, convert};
use serde_json::{Value, json};

use crate::fields::{Check, Setting, same, text};
use crate::validation::{body, drop_nulls, options};

pub(crate) fn prepare(case: &Value) -> Check<'_> {
    Box::new(|setting, expected| check(case, setting, expected.whole()))
}

fn check(case: &Value, setting: &Setting, out: &Value) -> Result<(), String> {
    let options = options(setting);
    let object = body(case, "object");
    same("from", &text(case, "from"), &object.api_version.as_str())?;
    let to = HpaVersion::parse(text(case, "to")).ok_or("unknown version")?;
    let converted = |stored| match convert(&object, to, stored, options.rules) {
        Ok(object) => {
            let mut value = serde_json::to_value(object).expect("JSON");
            drop_nulls(&mut value);
            json!({ "object": value })
        }
        Err(error) => json!({ "error": error }),
    };
    let plain = converted(false);
    same("object", &out["object"], &plain["object"])?;
    same("error", &out["error"], &plain["error"])?;
    if let Some(expected) = out.get("stored").or_else(|| out.get("object")) {
        same("stored", expected, &converted(true)["object"])?;
    }
    Ok(())
}
