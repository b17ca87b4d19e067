//! Checks on one source file: what it names, how it opens, how long it is.

/// The layer that `path` belongs to: the name after `core/src/`, with `bin/` before a binary's.
pub(crate) fn layer_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("core/src/")?;
    let start = if rest.starts_with("bin/") {
        "bin/".len()
    } else {
        0
    };
    let end = rest[start..]
        .find(['/', '.'])
        .map_or(rest.len(), |at| start + at);
    Some(&rest[..end])
}

/// What `path` names of the core although its layer may not.
pub(crate) fn layer_complaints(path: &str, text: &str, layers: &[(&str, &[&str])]) -> Vec<String> {
    let Some(layer) = layer_of(path) else {
        return Vec::new();
    };
    if layer == "lib" {
        return Vec::new(); // the list of the layers itself
    }
    let Some((_, allowed)) = layers.iter().find(|(name, _)| *name == layer) else {
        return vec![format!(
            "{path}: the layer `{layer}` has no place in the table LAYERS"
        )];
    };
    names_at_the_root(text, depth(path))
        .into_iter()
        .filter(|name| *name != layer && !allowed.contains(name))
        .filter(|name| layers.iter().any(|(known, _)| known == name))
        .map(|name| format!("{path}: `{layer}` must not name `{name}`"))
        .collect()
}

/// Crates named outside the layer that hides them; files of tests may.
pub(crate) fn hidden_crate_complaints(
    path: &str,
    text: &str,
    hidden: &[(&str, &str)],
) -> Vec<String> {
    if path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let tokens = tokens(text);
    hidden
        .iter()
        .filter(|(name, layer)| layer_of(path) != Some(layer) && tokens.contains(name))
        .map(|(name, layer)| format!("{path}: only `{layer}` may name the crate `{name}`"))
        .collect()
}

pub(crate) fn opening_complaint(path: &str, text: &str, opening: &str) -> Option<String> {
    let says = text
        .strip_prefix(opening)
        .and_then(|rest| rest.lines().next());
    match says {
        Some(sentence) if !sentence.trim().is_empty() => None,
        _ => Some(format!(
            "{path}: does not open with `{opening}` and what the file knows"
        )),
    }
}

pub(crate) fn length_complaint(path: &str, text: &str, limit: usize) -> Option<String> {
    let lines = text.lines().count();
    (lines > limit).then(|| format!("{path}: {lines} lines, the limit is {limit}"))
}

/// How many `super` lead from the module in file `path` to the crate's root.
fn depth(path: &str) -> usize {
    let inner = path.trim_start_matches("core/src/");
    let parts = inner.split('/').count();
    if inner.ends_with("/mod.rs") {
        parts - 1
    } else {
        parts
    }
}

/// The modules at the crate's root that `text` names: through `crate::`, `hpa_core::`, or at least
/// `depth` times `super::`, singly or in a braced list.
fn names_at_the_root(text: &str, depth: usize) -> Vec<&str> {
    let tokens = tokens(text);
    let mut names = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let mut next = at;
        while tokens.get(next) == Some(&"super") && tokens.get(next + 1) == Some(&"::") {
            next += 2;
        }
        let climbs = next > at && (next - at) / 2 >= depth;
        if matches!(tokens[at], "crate" | "hpa_core") && tokens.get(at + 1) == Some(&"::") {
            next = at + 2;
        } else if !climbs {
            at = next.max(at + 1);
            continue;
        }
        names.extend(heads(&tokens[next..]));
        at = next;
    }
    names
}

/// The first name of a path, or those of a braced list of paths.
fn heads<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    if tokens.first() != Some(&"{") {
        return tokens.first().copied().into_iter().collect();
    }
    let mut heads = Vec::new();
    let mut open = 0;
    let mut before = "";
    for &token in tokens {
        match token {
            "{" => open += 1,
            "}" => open -= 1,
            name if open == 1 && matches!(before, "{" | ",") => heads.push(name),
            _ => {}
        }
        if open == 0 {
            break;
        }
        before = token;
    }
    heads
}

/// Names, `::` and single signs, in order; without comments, strings and characters.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(string) = string(rest) {
            string
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let name = &rest[..end.unwrap_or(rest.len())];
            tokens.push(name);
            name.len()
        } else if rest.starts_with("::") {
            tokens.push(&rest[..2]);
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(&rest[..first.len_utf8()]);
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of the block comment at the start, with those nested in it.
fn block_comment(text: &str) -> usize {
    let mut open = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            open += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            open -= 1;
            at += 2;
            if open == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of the string or character literal at the start, if there is one.
fn string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r", "b", "c", ""].into_iter().find(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            rest.starts_with('"') || (prefix.ends_with('r') && rest.starts_with('#'))
        })
    });
    if let Some(prefix) = prefix {
        let body = &text[prefix.len()..];
        let hashes = body.bytes().take_while(|byte| *byte == b'#').count();
        if body.as_bytes().get(hashes) != Some(&b'"') {
            return None; // a raw name such as r#type
        }
        let start = prefix.len() + hashes + 1;
        if prefix.ends_with('r') {
            let end = format!("\"{}", "#".repeat(hashes));
            return Some(
                text[start..]
                    .find(&end)
                    .map_or(text.len(), |at| start + at + end.len()),
            );
        }
        return Some(start + quoted(&text[start..], b'"'));
    }
    let inner = text.strip_prefix('\'')?;
    let character = inner.chars().next()?;
    let is_lifetime = character != '\\' && !inner[character.len_utf8()..].starts_with('\'');
    (!is_lifetime).then(|| 1 + quoted(inner, b'\''))
}

/// How many bytes it is to the end of the literal's closing `quote`.
fn quoted(text: &str, quote: u8) -> usize {
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' {
            bytes.next();
        } else if byte == quote {
            return at + 1;
        }
    }
    text.len()
}
