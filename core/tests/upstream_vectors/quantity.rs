//! Quantities: `ParseQuantity` and every reading of its result.

use hpa_core::quantity::Quantity;
use serde_json::Value;

use crate::fields::{Check, same, text};

/// Quantities are the same in every release and on every processor.
pub(crate) fn prepare(case: &Value) -> Check<'_> {
    let input = text(case, "in");
    Box::new(move |_, expected| {
        differences(expected.whole(), input)
            .map_err(|difference| format!("{input:?}: {difference}"))
    })
}

fn differences(case: &Value, input: &str) -> Result<(), String> {
    let quantity = match Quantity::parse(input) {
        Ok(quantity) => quantity,
        Err(error) => return same("error", &text(case, "error"), &error.to_string().as_str()),
    };
    same("error", &text(case, "error"), &"")?;
    let printed = quantity.to_string();
    let json = serde_json::to_string(&quantity).map_err(|error| error.to_string())?;
    let field = |name: &str, got: String| same(name, &text(case, name), &got.as_str());
    field("format", quantity.format().to_string())?;
    field("string", printed.clone())?;
    field("json", json)?;
    same("sign", &case["sign"], &quantity.sign().into())?;
    field("value", quantity.value().to_string())?;
    field("milliValue", quantity.milli_value().to_string())?;
    let float = quantity.approximate_f64();
    // The sign and payload of a NaN are the processor's.
    if !(float.is_nan() && text(case, "approxFloat") == "NaN") {
        field("approxFloatBits", format!("{:016x}", float.to_bits()))?;
    }
    let equal = Quantity::parse(&printed).is_ok_and(|again| again == quantity);
    same("reparseEqual", &case["reparseEqual"], &equal.into())
}
