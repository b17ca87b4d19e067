//! The page: offers `App`, mounted by `main.rs`, by the tests and by whoever embeds it.
