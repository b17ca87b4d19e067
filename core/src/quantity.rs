//! Kubernetes quantities: numbers with a suffix such as `250m` or `64Mi` (to be completed).

use serde::{Deserialize, Serialize};

/// A quantity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(String);

impl Quantity {
    /// In thousandths.
    #[must_use]
    pub fn milli_value(&self) -> i64 {
        0
    }
    /// Approximately.
    #[must_use]
    pub fn as_approximate_f64(&self) -> f64 {
        0.0
    }
}
