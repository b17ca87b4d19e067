//! Nothing of its own: the suites are in `tests/`.
