//! The link in the page's address: what it holds, or why it is not opened.
//!
//! What decodes and encodes links is a lazy part: most visits do not come by a link.

use std::fmt;

use hpa_simulation::experiment::link::{self as codec, Content, LinkError};

use super::address::fragment;
use super::persist;
use crate::lazy::{PartMissing, lazy_part};

/// What a link holds, or why it is not opened.
pub type Link = Result<Content, LinkFailure>;

/// Why a link is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFailure {
    /// It cannot be decoded.
    Undecodable(LinkError),
    /// What decodes links could not be fetched.
    PartMissing(PartMissing),
}

impl fmt::Display for LinkFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The link was not opened: ")?;
        match self {
            Self::Undecodable(error) => write!(f, "{error}."),
            Self::PartMissing(missing) => missing.fmt(f),
        }
    }
}

impl std::error::Error for LinkFailure {}

lazy_part! {
    part = link, preload = preload;
    pub(crate) fn decode(link: String) -> Result<Content, LinkError> {
        codec::decode(&link)
    }
}

lazy_part! {
    part = link;
    /// Adds a text to the recent experiments, which are stored as links.
    pub(crate) fn put_away(text: String) -> () {
        persist::put_away(&text);
    }
}

/// The link in the page's address; `None` without one.
pub async fn in_address() -> Option<Link> {
    let fragment = fragment();
    if fragment.is_empty() {
        return None;
    }
    let decoded = decode(fragment).await.map_err(LinkFailure::PartMissing);
    Some(decoded.and_then(|content| content.map_err(LinkFailure::Undecodable)))
}
