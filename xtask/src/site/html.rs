//! Edits the page's HTML: a tokenizer finds the tags, everything else stays byte for byte.

use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use html5gum::{DefaultEmitter, Token, Tokenizer};

/// A start tag with its position in the text.
struct Tag {
    token: html5gum::StartTag<usize>,
    /// Up to the end tag, where the content is text (a script).
    content: Range<usize>,
    /// After the end tag, or after the start tag if there is none.
    end: usize,
}

impl Tag {
    fn is(&self, name: &str) -> bool {
        *self.token.name == name.as_bytes()
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let value = self.token.attributes.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    fn is_sheet(&self) -> bool {
        self.is("link") && self.attribute("rel").as_deref() == Some("stylesheet")
    }

    fn range(&self) -> Range<usize> {
        self.token.span.start..self.end
    }
}

/// The tags of a page, in order.
fn tags(html: &str) -> Result<Vec<Tag>> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true); // inside a script is no HTML
    let mut tags: Vec<Tag> = Vec::new();
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(token) => tags.push(Tag {
                content: token.span.end..token.span.end,
                end: token.span.end,
                token,
            }),
            Token::EndTag(end) => {
                let last = tags.last_mut();
                if let Some(tag) = last.filter(|tag| tag.is("script") && end.name == tag.token.name)
                {
                    tag.content.end = end.span.start;
                    tag.end = end.span.end;
                }
            }
            Token::Error(error) => {
                let before = &html[..error.span.start.min(html.len())];
                let line = before.matches('\n').count() + 1;
                ensure!(false, "index.html, line {line}: {}", error.value);
            }
            Token::String(_) | Token::Comment(_) | Token::Doctype(_) => {}
        }
    }
    Ok(tags)
}

/// The text with these ranges replaced; they are in order and do not overlap.
fn replaced(text: &str, changes: &[(Range<usize>, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, by) in changes {
        out += &text[at..range.start];
        out += by;
        at = range.end;
    }
    out + &text[at..]
}

/// The range with the indentation before it and the end of its line, if nothing else is on the line.
fn with_its_line(html: &str, range: Range<usize>) -> Range<usize> {
    let start = html[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let alone = html[start..range.start].trim().is_empty();
    match html[range.end..].strip_prefix('\n') {
        Some(_) if alone => start..range.end + 1,
        _ => range,
    }
}

/// The page with its inline scripts replaced by numbered files, and these scripts.
pub(crate) fn move_scripts(
    html: &str,
    name: impl Fn(usize) -> String,
) -> Result<(String, Vec<String>)> {
    let mut changes = Vec::new();
    let mut scripts = Vec::new();
    for tag in tags(html)? {
        if !tag.is("script") || tag.attribute("src").is_some() {
            continue;
        }
        let span = tag.token.span;
        ensure!(tag.end > span.end, "index.html: a script has no end");
        let source = format!(" src=\"./{}\"></script>", name(scripts.len()));
        changes.push((span.end - 1..tag.end, source));
        scripts.push(html[tag.content.clone()].to_owned());
    }
    Ok((replaced(html, &changes), scripts))
}

/// The files of the page's style sheets.
///
/// # Errors
/// If a sheet is not a file beside the page.
pub(crate) fn sheets(html: &str) -> Result<Vec<String>> {
    let tags = tags(html)?;
    let sheets = tags.iter().filter(|tag| tag.is_sheet());
    sheets
        .map(|tag| {
            let href = tag
                .attribute("href")
                .context("a style sheet without href")?;
            let name = href.strip_prefix("./").map(str::to_owned);
            name.with_context(|| format!("a style sheet from elsewhere: {href}"))
        })
        .collect()
}

/// The page with one style sheet link, which replaces the first.
///
/// # Errors
/// If the page links no style sheet.
pub(crate) fn with_one_sheet(html: &str, name: &str) -> Result<String> {
    let tags = tags(html)?;
    let mut sheets = tags.iter().filter(|tag| tag.is_sheet());
    let first = sheets.next().context("index.html links no style sheet")?;
    let link = format!("<link rel=\"stylesheet\" href=\"./{name}\">");
    let mut changes = vec![(first.range(), link)];
    changes.extend(sheets.map(|tag| (with_its_line(html, tag.range()), String::new())));
    Ok(replaced(html, &changes))
}

/// The page without its Content-Security-Policy.
///
/// # Errors
/// If it has none.
pub(crate) fn without_policy(html: &str) -> Result<String> {
    const POLICY: &str = "Content-Security-Policy";
    let tags = tags(html)?;
    let policy = tags
        .iter()
        .find(|tag| tag.is("meta") && tag.attribute("http-equiv").as_deref() == Some(POLICY))
        .context("index.html has no Content-Security-Policy")?;
    let range = with_its_line(html, policy.range());
    Ok(replaced(html, &[(range, String::new())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(html: &str) -> (String, Vec<String>) {
        move_scripts(html, |at| format!("start-{at}.js")).expect(html)
    }

    #[test]
    fn inline_scripts_become_files_and_others_stay() {
        let html = "<head>\n<script type=\"module\">\nlet a = '<script>' < 1;\n</script><script src=\"b.js\" defer></script>\n\
                    <script>c()</script></head>";
        let (page, scripts) = moved(html);
        assert_eq!(
            page,
            "<head>\n<script type=\"module\" src=\"./start-0.js\"></script><script src=\"b.js\" defer></script>\n\
             <script src=\"./start-1.js\"></script></head>"
        );
        assert_eq!(scripts, ["\nlet a = '<script>' < 1;\n", "c()"]);
        let comment = "<!-- <script>a()</script> --><p title=\"<script>\">&lt;script></p>";
        assert_eq!(moved(comment), (comment.to_owned(), Vec::new()));
    }

    #[test]
    fn a_script_without_an_end_is_refused() {
        for html in ["<script>a()", "<script src=\"a.js\"", "<p <script>"] {
            assert!(move_scripts(html, |_| String::new()).is_err(), "{html}");
        }
    }

    #[test]
    fn style_sheets_are_joined_into_the_first() {
        let html = "<head>\n    <link rel=\"icon\" href=\"a.svg\">\n    <link rel=\"stylesheet\" href=\"./b-1.css\">\n    \
                    <link rel='stylesheet' href='./c-2.css'/>\n  <p></p>\n<link rel=\"stylesheet\" href=\"./d.css\"></head>";
        assert_eq!(sheets(html).expect(html), ["b-1.css", "c-2.css", "d.css"]);
        assert_eq!(
            with_one_sheet(html, "all.css").expect(html),
            "<head>\n    <link rel=\"icon\" href=\"a.svg\">\n    <link rel=\"stylesheet\" href=\"./all.css\">\n  <p></p>\n</head>"
        );
        for html in [
            "<link rel=\"stylesheet\" href=\"https://example.com/a.css\">",
            "<link rel=\"stylesheet\">",
        ] {
            assert!(sheets(html).is_err(), "{html}");
        }
        assert!(with_one_sheet("<p></p>", "all.css").is_err());
    }

    #[test]
    fn only_the_policy_is_removed() {
        let html = "<meta charset=\"utf-8\">\n    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">\n    <title>";
        assert_eq!(
            without_policy(html).expect(html),
            "<meta charset=\"utf-8\">\n    <title>"
        );
        assert!(without_policy("<title>").is_err());
    }
}
