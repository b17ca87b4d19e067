//! What queueing theory says, against what the simulation uses.

use super::*;

#[test]
fn erlang_c_of_the_textbook() {
    assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
    // M/M/2 at half load: 1/3.
    assert!((erlang_c(2, 0.5) - 1.0 / 3.0).abs() < 1e-12);
}
