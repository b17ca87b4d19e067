//! Share links: a whole experiment as a text that fits behind `#` of an address.
//!
//! The form is `v1.` and the text, deflated without a header, in base64url without padding. What
//! stands behind `#` reaches no server. A link that was made once opens for ever: a new form gets
//! a new version, and the old decoders and their tests stay.

use std::fmt;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

/// The longest link that is read \[characters\].
pub const MAX_LINK: usize = 256 << 10;
/// The longest text that a link may inflate to \[bytes\].
pub const MAX_TEXT: usize = 2 << 20;

/// The version that is written.
const VERSION: u32 = 1;
/// The strongest level that is not slow.
const LEVEL: u8 = 9;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Why a link cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// It does not begin with a version such as `v1.`.
    NoLink,
    /// A later version of the playground made it.
    Newer(u32),
    /// It is longer than [`MAX_LINK`].
    TooLong,
    /// It has characters that are not of base64url.
    Alphabet,
    /// It is cut off or damaged.
    Damaged,
    /// Its text is longer than [`MAX_TEXT`].
    TooLarge,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLink => f.write_str("this is no link of the playground: one begins with v1."),
            Self::Newer(version) => write!(
                f,
                "a newer version of the playground made this link (v{version}): reload the page to get it"
            ),
            Self::TooLong => write!(f, "the link is longer than {MAX_LINK} characters"),
            Self::Alphabet => f.write_str(
                "the link has characters that no link has: some program changed it on its way",
            ),
            Self::Damaged => f.write_str("the link is cut off or damaged: copy all of it"),
            Self::TooLarge => write!(f, "the link's text is longer than {MAX_TEXT} bytes"),
        }
    }
}

impl std::error::Error for LinkError {}

/// The link of a text, without `#`.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut link = format!("v{VERSION}.");
    for chunk in compress_to_vec(text.as_bytes(), LEVEL).chunks(3) {
        let mut bits = 0_u32;
        for at in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0));
        }
        for at in 0..=chunk.len() {
            let digit = bits >> (18 - 6 * at) & 63;
            link.push(char::from(ALPHABET[digit as usize]));
        }
    }
    link
}

/// The text of a link, with or without `#` before it.
///
/// # Errors
/// See [`LinkError`].
pub fn decode(link: &str) -> Result<String, LinkError> {
    let link = link.trim();
    let link = link.strip_prefix('#').unwrap_or(link);
    let (version, body) = link
        .strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .ok_or(LinkError::NoLink)?;
    match version.parse::<u32>() {
        Ok(1) => decode_v1(body),
        Ok(version) if version > VERSION => Err(LinkError::Newer(version)),
        _ => Err(LinkError::NoLink),
    }
}

fn decode_v1(body: &str) -> Result<String, LinkError> {
    if body.len() > MAX_LINK {
        return Err(LinkError::TooLong);
    }
    let bytes = base64url(body)?;
    let inflated = decompress_to_vec_with_limit(&bytes, MAX_TEXT).map_err(|error| {
        if error.status == TINFLStatus::HasMoreOutput {
            LinkError::TooLarge
        } else {
            LinkError::Damaged
        }
    })?;
    String::from_utf8(inflated).map_err(|_| LinkError::Damaged)
}

/// Decodes base64url; padding, which some programs add, is dropped.
fn base64url(text: &str) -> Result<Vec<u8>, LinkError> {
    let text = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return Err(LinkError::Alphabet),
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            // The low byte is meant.
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_open_again() {
        for text in [
            "",
            "a",
            "ab",
            "abc",
            "kind: Experiment\n",
            "ünïcödé ✓",
            crate::experiment::presets::PHP_APACHE,
        ] {
            let link = encode(text);
            assert_eq!(decode(&link).as_deref(), Ok(text));
            assert_eq!(decode(&format!("#{link}==\n")).as_deref(), Ok(text));
        }
        let length = encode(crate::experiment::presets::PHP_APACHE).len();
        assert!(length < 1600, "{length} characters");
    }

    /// This link was made by the first version: it must open for ever.
    #[test]
    fn a_link_of_version_1_opens() {
        let text = decode("v1.y87MS7FScK0oSC3KzE3NK-ECAA");
        assert_eq!(text.as_deref(), Ok("kind: Experiment\n"));
    }

    #[test]
    fn broken_links_say_what_is_wrong() {
        #[track_caller]
        fn check(link: &str, expected: LinkError) {
            assert_eq!(decode(link), Err(expected));
        }
        check("", LinkError::NoLink);
        check("#", LinkError::NoLink);
        check("v0.a", LinkError::NoLink);
        check("vx.a", LinkError::NoLink);
        check("config=abc", LinkError::NoLink);
        check("v2.whatever", LinkError::Newer(2));
        check("v1.ab c", LinkError::Alphabet);
        check("v1.", LinkError::Damaged);
        check("v1._____", LinkError::Damaged);
        let link = encode(crate::experiment::presets::PHP_APACHE);
        check(&link[..link.len() / 2], LinkError::Damaged);
        check(
            &format!("v1.{}", "A".repeat(MAX_LINK + 1)),
            LinkError::TooLong,
        );
        let bomb = encode(&"a".repeat(MAX_TEXT + 1));
        assert!(bomb.len() < 10_000);
        check(&bomb, LinkError::TooLarge);
    }
}
