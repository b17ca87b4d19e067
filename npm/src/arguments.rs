//! The arguments from JavaScript, which TypeScript checks only where it is used, and the errors thrown.

use tsify::Error as ValueError;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

#[wasm_bindgen(typescript_custom_section)]
const ARGUMENT_ERROR: &'static str = r#"/**
 * Thrown for an argument of the wrong type.
 */
export interface ArgumentError extends TypeError {
    /**
     * The name of the argument.
     */
    readonly field: "text" | "first" | "second" | "link" | "time";
}"#;

#[wasm_bindgen]
extern "C" {
    type TypeError;

    #[wasm_bindgen(constructor)]
    fn new(message: &str) -> TypeError;

    #[wasm_bindgen(method, setter)]
    fn set_field(this: &TypeError, field: &str);
}

/// What is thrown.
#[derive(Debug)]
pub enum Error {
    /// An argument has the wrong type.
    Argument {
        /// The argument's name.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// A value has no counterpart in JavaScript.
    Value(ValueError),
}

impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        Self::Value(error)
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        match error {
            Error::Argument { field, message } => {
                let error = TypeError::new(&message);
                error.set_field(field);
                error.into()
            }
            Error::Value(error) => JsError::from(error).into(),
        }
    }
}

/// The text that the argument `field` must be.
pub(super) fn text(field: &'static str, argument: &JsValue) -> Result<String, Error> {
    argument
        .as_string()
        .ok_or_else(|| mismatch(field, "a string", argument))
}

/// The number that the argument `field` must be.
pub(super) fn number(field: &'static str, argument: &JsValue) -> Result<f64, Error> {
    argument
        .as_f64()
        .filter(|number| !number.is_nan())
        .ok_or_else(|| mismatch(field, "a number", argument))
}

fn mismatch(field: &'static str, expected: &str, argument: &JsValue) -> Error {
    let found = if argument.is_null() {
        String::from("null")
    } else if argument.as_f64().is_some_and(f64::is_nan) {
        String::from("NaN")
    } else {
        argument.js_typeof().as_string().unwrap_or_default()
    };
    Error::Argument {
        field,
        message: format!("{field} must be {expected}, not {found}"),
    }
}
