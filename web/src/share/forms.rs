//! The forms in which an experiment is copied, as pure functions of link, title and texts.

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The link.
    Link,
    /// The link in Markdown, called by the title.
    Markdown,
    /// An element for a page that shows the playground.
    Iframe,
    /// A command that runs the same experiment in a terminal.
    Command,
    /// What was changed, as patches.
    Patch,
}

impl Form {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::Link,
        Self::Markdown,
        Self::Iframe,
        Self::Command,
        Self::Patch,
    ];

    /// What it is called.
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

    /// A word for it that an id may have.
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

    /// The experiment in this form.
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

/// A title as Markdown shows it.
fn markdown(title: &str) -> String {
    title.chars().fold(String::new(), |mut text, c| {
        if "\\`*_[]<>".contains(c) {
            text.push('\\');
        }
        text.push(if c.is_control() { ' ' } else { c });
        text
    })
}

/// A text as an attribute of HTML holds it.
fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The command with the text in it, ended by a word that the text does not have as a line.
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
