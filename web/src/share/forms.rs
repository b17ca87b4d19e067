//! The formats in which an experiment can be copied, as pure functions of its link, title and texts.

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The link.
    Link,
    /// The link in Markdown, with the title as its text.
    Markdown,
    /// An HTML element that embeds the playground.
    Iframe,
    /// A command that runs the same experiment in a terminal.
    Command,
    /// The changes, as merge patches.
    Patch,
}

impl Form {
    /// All formats, in display order.
    pub const ALL: [Self; 5] = [
        Self::Link,
        Self::Markdown,
        Self::Iframe,
        Self::Command,
        Self::Patch,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "Link",
            Self::Markdown => "Markdown with link",
            Self::Iframe => "iframe",
            Self::Command => "hpa-sim command",
            Self::Patch => "YAML patch of the changes",
        }
    }

    /// Its name in ids.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Markdown => "markdown",
            Self::Iframe => "iframe",
            Self::Command => "command",
            Self::Patch => "patch",
        }
    }

    /// The experiment in this format.
    #[must_use]
    pub fn write(self, link: &str, title: &str, text: &str, patch: &str) -> String {
        match self {
            Self::Link => link.to_owned(),
            Self::Markdown => format!("[{}]({link})", markdown(title)),
            Self::Iframe => format!(
                "<iframe src=\"{}\" title=\"{}\" width=\"100%\" height=\"640\" loading=\"lazy\"></iframe>",
                html(link),
                html(title)
            ),
            Self::Command => command(text),
            Self::Patch => patch.to_owned(),
        }
    }
}

/// A title, escaped for Markdown.
fn markdown(title: &str) -> String {
    title.chars().fold(String::new(), |mut text, c| {
        if "\\`*_[]<>".contains(c) {
            text.push('\\');
        }
        text.push(if c.is_control() { ' ' } else { c });
        text
    })
}

/// A text, escaped for an HTML attribute.
fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The command with the text as a here-document; its delimiter is not a line of the text.
fn command(text: &str) -> String {
    let mut end = "EOF".to_owned();
    while text.lines().any(|line| line == end) {
        end.push('_');
    }
    format!("hpa-sim run - <<'{end}'\n{}\n{end}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: Form, title: &str, text: &str, expected: &str) {
        assert_eq!(form.write("https://a.b/#v1.c", title, text, ""), expected);
    }

    #[test]
    fn titles_and_texts_cannot_break_out() {
        check(Form::Link, "t", "", "https://a.b/#v1.c");
        check(
            Form::Markdown,
            "a](x) <b>",
            "",
            "[a\\](x) \\<b\\>](https://a.b/#v1.c)",
        );
        check(
            Form::Iframe,
            "\"><script>",
            "",
            "<iframe src=\"https://a.b/#v1.c\" title=\"&quot;&gt;&lt;script&gt;\" width=\"100%\" height=\"640\" loading=\"lazy\"></iframe>",
        );
        check(
            Form::Command,
            "",
            "a: 1\nEOF\n",
            "hpa-sim run - <<'EOF_'\na: 1\nEOF\nEOF_\n",
        );
    }
}
