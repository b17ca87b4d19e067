//! Share links: a whole experiment encoded in the fragment of a URL.
//!
//! The format is `v1.` and the content, deflated without a header, in base64url without padding.
//! The content is the text, followed by fields: a NUL character, a name, `=` and a value each.
//! `pinned` is the text of the pinned run, `cursor` the time of the cursor \[milliseconds], `made` the
//! provenance of both texts, such as `1.36/1`: the default Kubernetes release and the model version.
//! Other fields belong to the page and are passed through unchanged, so that a page may add some and
//! an older page may ignore them. The fragment of a URL is never sent to a server. Links never stop
//! working: a new format gets a new version, and the old decoders and their tests stay.

use std::fmt;

use super::Provenance;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

/// The maximum length of a link \[characters\].
pub const MAX_LINK: usize = 256 << 10;
/// The maximum inflated size of a link's text \[bytes\].
pub const MAX_TEXT: usize = 2 << 20;

/// The version of new links.
const VERSION: u32 = 1;
/// The highest compression level that is not slow.
const LEVEL: u8 = 9;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The separator of fields, which no YAML text contains.
const SEPARATOR: char = '\0';

/// The content of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Content {
    /// The text: manifests and experiment.
    pub text: String,
    /// The text of the pinned run.
    pub pinned: Option<String>,
    /// The time of the cursor \[ms since the start of the run].
    pub cursor: Option<u64>,
    /// The page's own fields: names and values.
    pub view: Vec<(String, String)>,
    /// The provenance of both texts.
    pub made: Provenance,
}

impl Content {
    /// A text made with this version, and nothing else.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            pinned: None,
            cursor: None,
            view: Vec::new(),
            made: Provenance::current(),
        }
    }

    /// With the text of the run that is compared with.
    #[must_use]
    pub fn with_pinned(self, pinned: Option<String>) -> Self {
        Self { pinned, ..self }
    }

    /// With where the person looked \[ms since the beginning of the run].
    #[must_use]
    pub fn with_cursor(self, cursor: Option<u64>) -> Self {
        Self { cursor, ..self }
    }

    /// With other fields of the page: names and values.
    #[must_use]
    pub fn with_view(self, view: Vec<(String, String)>) -> Self {
        Self { view, ..self }
    }

    /// Made for another release or model than those of here and now.
    #[must_use]
    pub fn with_made(self, made: Provenance) -> Self {
        Self { made, ..self }
    }

    /// A text saved without a provenance record, unless it contains one itself.
    #[must_use]
    pub fn unrecorded(text: impl Into<String>) -> Self {
        Self {
            made: Provenance::UNRECORDED,
            ..Self::of(text)
        }
    }

    /// The content to open with this version, and a note to show once.
    ///
    /// A text made for another release than the default keeps it: a last line records the release.
    #[must_use]
    pub fn open(self) -> (Self, Option<String>) {
        self.open_at(Provenance::current())
    }

    pub(super) fn open_at(mut self, here: Provenance) -> (Self, Option<String>) {
        let made = |text: &str| Provenance::of_text(text).unwrap_or(self.made);
        let record = made(&self.text);
        let notes = [record.release_note(&self.text, here), record.note_at(here)];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        let note = (!notes.is_empty()).then(|| notes.join(" "));
        let text = made(&self.text).open(&self.text, here);
        let pinned = self.pinned.as_deref();
        self.pinned = pinned.map(|text| made(text).open(text, here));
        self.text = text;
        self.made = here;
        (self, note)
    }

    /// The value of one of the page's fields.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.view.iter();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| &**value)
    }

    fn write(&self) -> String {
        let clean = |text: &str| text.replace(SEPARATOR, "\u{fffd}");
        let mut all = clean(&self.text);
        let mut put = |name: &str, value: &str| {
            let name = clean(name).replace('=', "-");
            all.push_str(&format!("{SEPARATOR}{name}={}", clean(value)));
        };
        // Next to the similar text, so that it compresses to almost nothing.
        if let Some(pinned) = &self.pinned {
            put("pinned", pinned);
        }
        if let Some(cursor) = self.cursor {
            put("cursor", &cursor.to_string());
        }
        put("made", &self.made.to_string());
        for (name, value) in &self.view {
            put(name, value);
        }
        all
    }

    fn read(all: &str) -> Self {
        let mut parts = all.split(SEPARATOR);
        let mut content = Self::unrecorded(parts.next().unwrap_or_default());
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match name {
                "pinned" => content.pinned = Some(value.to_owned()),
                "cursor" => content.cursor = value.parse().ok(),
                "made" => content.made = Provenance::parse(value).unwrap_or(content.made),
                _ => content.view.push((name.to_owned(), value.to_owned())),
            }
        }
        content
    }
}

/// An error of opening a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkError {
    /// The link does not start with a version such as `v1.`.
    NoLink,
    /// The link was made by a newer version of the playground.
    Newer(u32),
    /// The link is longer than [`MAX_LINK`].
    TooLong,
    /// The link has characters that are not in base64url.
    Alphabet,
    /// The link is truncated or corrupt.
    Damaged,
    /// The link's text is longer than [`MAX_TEXT`].
    TooLarge,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLink => f.write_str("not a share link: share links start with v1."),
            Self::Newer(version) => write!(
                f,
                "this link was made by a newer version of the playground (v{version}): reload the page to get it"
            ),
            Self::TooLong => write!(f, "the link is longer than {MAX_LINK} characters"),
            Self::Alphabet => {
                f.write_str("the link contains invalid characters: a program changed it in transit")
            }
            Self::Damaged => f.write_str("the link is truncated or corrupt: copy all of it"),
            Self::TooLarge => write!(f, "the link's text is longer than {MAX_TEXT} bytes"),
        }
    }
}

impl std::error::Error for LinkError {}

/// Encodes a content as a link, without `#`.
#[must_use]
pub fn encode(content: &Content) -> String {
    let mut link = format!("v{VERSION}.");
    for chunk in compress_to_vec(content.write().as_bytes(), LEVEL).chunks(3) {
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

/// Decodes a link, with or without the leading `#`.
///
/// # Errors
/// See [`LinkError`].
pub fn decode(link: &str) -> Result<Content, LinkError> {
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

fn decode_v1(body: &str) -> Result<Content, LinkError> {
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
    let all = String::from_utf8(inflated).map_err(|_| LinkError::Damaged)?;
    Ok(Content::read(&all))
}

/// Decodes base64url; ignores padding, which some programs add.
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
            // Truncation to the low byte is intended.
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::presets::PHP_APACHE;
    use test_support::check_each;

    #[test]
    fn pinned_text_cursor_and_view_are_in_the_link() {
        let plain = Content::of(PHP_APACHE);
        let full = Content {
            pinned: Some(PHP_APACHE.replace("maxReplicas: 10", "maxReplicas: 6")),
            cursor: Some(90_500),
            view: vec![("panel".to_owned(), "why".to_owned())],
            ..plain.clone()
        };
        let link = encode(&full);
        assert_eq!(decode(&link).as_ref(), Ok(&full));
        assert_eq!(full.field("panel"), Some("why"));
        assert_eq!(full.field("speed"), None);
        let more = link.len() - encode(&plain).len();
        assert!(more < 100, "a pinned run costs {more} characters");
        let text = "a\0b=c".to_owned();
        let cleaned = decode(&encode(&Content::of(text)));
        assert_eq!(cleaned, Ok(Content::of("a\u{fffd}b=c")));
    }

    #[test]
    fn links_open_again() {
        check_each(
            [
                "",
                "a",
                "ab",
                "abc",
                "kind: Experiment\n",
                "ünïcödé ✓",
                PHP_APACHE,
            ],
            |text| {
                let content = Content::of(text);
                let link = encode(&content);
                assert_eq!(decode(&link).as_ref(), Ok(&content));
                assert_eq!(decode(&format!("#{link}==\n")).as_ref(), Ok(&content));
            },
        );
        let length = encode(&Content::of(PHP_APACHE)).len();
        assert!(length < 1600, "{length} characters");
    }

    /// An experiment document to accompany the walkthrough's manifests.
    const FORTY_SETTINGS: &str = "---
apiVersion: hpa-playground/v1
kind: Experiment
title: Does it hold the evening peak?
duration: 2h
seed: 7
kubernetesVersion: \"1.36\"
pricePerPodHour: 0.04
load:
- {name: base, constant: 40}
- {name: evening, wave: {form: day, mean: 70, amplitude: 30}}
- {name: rush, step: {rate: 61, from: 20m, until: 50m}}
- {name: noise, noise: {deviation: 5, correlation: 2m}}
workload:
  cpuPerRequest: 10m
  idleCpu: 20m
  memory: 80Mi
  concurrency: 8
  serviceTime: 120ms
  unevenness: 0.2
  cpuLimit: none
startup:
  schedulingDelay: 2s
  startTime: 15s
  startTimeDeviation: 0.2
  readyAfter: 5s
  cpuBurst: 300m
  cpuBurstDuration: 20s
  drain: 10s
nodes: {count: 6, podsPerNode: 12, quota: 60}
controller:
  horizontal-pod-autoscaler-sync-period: 15s
  horizontal-pod-autoscaler-tolerance: 0.1
  horizontal-pod-autoscaler-downscale-stabilization: 5m
goals:
- {name: Enough within two minutes, reaches: {replicas: 7, within: 2m, after: rush}}
- {name: Never more than 9, replicasAtMost: 9}
";

    #[test]
    fn a_link_of_forty_settings_can_be_sent() {
        let manifests = PHP_APACHE.split("---\napiVersion: hpa-playground").next();
        let lines = manifests.unwrap_or_default().lines();
        let mut text = String::new();
        for line in lines.filter(|line| !line.starts_with('#')) {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(FORTY_SETTINGS);
        let parsed = crate::experiment::Experiment::parse(&text);
        assert!(parsed.experiment.is_some(), "{:?}", parsed.diagnostics);
        let settings = FORTY_SETTINGS.matches(": ").count() - FORTY_SETTINGS.matches(": {").count();
        assert!(settings >= 40, "{settings} settings");
        let content = Content {
            cursor: Some(1_290_000),
            view: vec![
                ("panel".to_owned(), "charts".to_owned()),
                ("speed".to_owned(), "60".to_owned()),
                ("charts".to_owned(), "load,metrics,replicas,pods".to_owned()),
            ],
            ..Content::of(text)
        };
        let length = encode(&content).len();
        assert!(length <= 1_200, "{length} characters");
    }

    /// These links were made by the first version and must never stop working.
    #[test]
    fn links_of_version_1_without_a_record_open() {
        let content = decode("v1.y87MS7FScK0oSC3KzE3NK-ECAA");
        assert_eq!(content, Ok(Content::unrecorded("kind: Experiment\n")));
        let content = decode(
            "v1.y87MS7FScK0oSC3KzE3NK-EqTk0FChhxMRRk5uWlpthmY1dgyMWQXFpUnF9ka2kABAwFiXmpObblGZUMOYklqUW2ibZJAA",
        );
        let expected = Content {
            text: "kind: Experiment\nseed: 2\n".to_owned(),
            pinned: Some("kind: Experiment\nseed: 1\n".to_owned()),
            cursor: Some(90_000),
            view: vec![
                ("panel".to_owned(), "why".to_owned()),
                ("later".to_owned(), "a=b".to_owned()),
            ],
            made: Provenance::UNRECORDED,
        };
        assert_eq!(content, Ok(expected));
    }

    /// This link was made by the first version that records the provenance.
    #[test]
    fn links_of_version_1_with_a_record_open() {
        let content = decode("v1.y87MS7FScK0oSC3KzE3NK-FiyE1MSbU11DM20zcEAA");
        let expected = Content {
            made: Provenance::parse("1.36/1").expect("a record"),
            ..Content::of("kind: Experiment\n")
        };
        assert_eq!(content, Ok(expected));
        // A link of a later model version opens with a note.
        let later = Content {
            made: Provenance::parse("1.37/99").expect("a record"),
            ..Content::of("kind: Experiment\n")
        };
        let (opened, note) = decode(&encode(&later)).expect("it opens").open();
        assert_eq!(opened.text, later.text);
        assert!(note.is_some_and(|note| note.contains("version 99")));
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
        let link = encode(&Content::of(PHP_APACHE));
        check(&link[..link.len() / 2], LinkError::Damaged);
        check(
            &format!("v1.{}", "A".repeat(MAX_LINK + 1)),
            LinkError::TooLong,
        );
        let bomb = encode(&Content::of("a".repeat(MAX_TEXT + 1)));
        assert!(bomb.len() < 10_000);
        check(&bomb, LinkError::TooLarge);
    }
}
