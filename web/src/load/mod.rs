//! The load as the page draws it, and the edits that write it into the text.

pub mod edits;
pub mod keyframes;

pub use self::keyframes::{Keyframes, MOST};
