//! Kubernetes quantities: numbers with a suffix such as `250m` or `64Mi` (to be completed).

use serde::{Deserialize, Serialize};

/// A quantity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(String);
