//! What authors wrote in Markdown as HTML that a page can show as it is.
//!
//! Twice safe: only what Markdown itself means becomes an element, raw HTML stays text; and what comes out passes a
//! sanitiser with a closed list of elements and attributes. What would become too much is shown as it was written.

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, html};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use url::Url;

/// What a body costs beyond other fields: on a busy server its HTML takes as long as many of them.
pub(crate) const COST: usize = 50;

/// Most parts (elements, texts, breaks) of one body. The longest body that somebody writes by hand has fewer.
const MAX_PARTS: usize = 10_000;
/// Most elements within each other.
const MAX_DEPTH: usize = 32;
/// Most bytes of all links together. Markdown can name one long link many times.
const MAX_LINKS: usize = 64 * 1024;

/// What links may begin with. Nothing is fetched or opened before somebody follows one.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Every element that there can be.
const ELEMENTS: [&str; 24] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from_iter(ELEMENTS.into_iter().chain(["ul"])))
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .url_schemes(HashSet::from(SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// The text as HTML: CommonMark with tables and strikethrough. Raw HTML is shown as text, an image as its
/// description, since fetching it would tell its host who reads; a link that may not be one keeps its text alone.
pub(crate) fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let parts = bounded(Parser::new_ext(markdown, options)).unwrap_or_else(|| as_written(markdown));
    let mut written = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut written, parts.into_iter());
    SANITISER.clean(&written).to_string()
}

/// The text as one block, nothing of it understood.
fn as_written(markdown: &str) -> Vec<Event<'_>> {
    vec![
        Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)),
        Event::Text(markdown.into()),
        Event::End(TagEnd::CodeBlock),
    ]
}

/// The parts that may be shown, unless they are too many, too deep or too long.
fn bounded<'a>(all: impl Iterator<Item = Event<'a>>) -> Option<Vec<Event<'a>>> {
    let mut parts = Vec::new();
    let (mut depth, mut links) = (0_usize, 0);
    // Whether the links that are open now may be links.
    let mut shown = Vec::new();
    for (count, part) in all.enumerate() {
        let part = match part {
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                links += dest_url.len();
                shown.push(may_be_followed(dest_url));
                shown.last().is_some_and(|shown| *shown).then_some(part)
            }
            Event::End(TagEnd::Link) => shown.pop().unwrap_or_default().then_some(part),
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
            Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
            Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
            other => Some(other),
        };
        match part {
            Some(Event::Start(_)) => depth += 1,
            Some(Event::End(_)) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if count >= MAX_PARTS || depth > MAX_DEPTH || links > MAX_LINKS {
            return None;
        }
        parts.extend(part);
    }
    Some(parts)
}

/// A link whose scheme is allowed and that does not look like another one by a user's name before its host.
fn may_be_followed(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| {
        SCHEMES.contains(&url.scheme()) && url.username().is_empty() && url.password().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use waymark_domain::kernel::Text;

    const REL: &str = "rel=\"noopener noreferrer nofollow\"";

    #[test]
    fn markdown_becomes_elements() {
        let link = format!("<a href=\"https://example.com/a?b=1&amp;c\" {REL}>a <em>link</em></a>");
        let table = "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr><td>1</td><td>2</td></tr>\n</tbody></table>\n";
        let cases = [
            ("", ""),
            (
                "It **pages** by *key*, ~~slowly~~.",
                "<p>It <strong>pages</strong> by <em>key</em>, <del>slowly</del>.</p>\n",
            ),
            ("# One\n\n---\n\n> said", "<h1>One</h1>\n<hr>\n<blockquote>\n<p>said</p>\n</blockquote>\n"),
            ("3. three\n4. four", "<ol start=\"3\">\n<li>three</li>\n<li>four</li>\n</ol>\n"),
            ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
            ("`a<b>`  \nc", "<p><code>a&lt;b&gt;</code><br>\nc</p>\n"),
            ("```rust\nlet a = \"&\";\n```", "<pre><code>let a = \"&amp;\";\n</code></pre>\n"),
            ("[a *link*](https://example.com/a?b=1&c \"title\")", &format!("<p>{link}</p>\n")),
            ("|a|b|\n|-|:-|\n|1|2|", table),
        ];
        for (markdown, expected) in cases {
            assert_eq!(to_html(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn raw_html_stays_text_and_nothing_of_it_is_lost() {
        let cases = [
            ("A Vec<String> of `T`", "<p>A Vec&lt;String&gt; of <code>T</code></p>\n"),
            ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
            (
                "a <!-- b --> <?c?> <![CDATA[d]]>",
                "<p>a &lt;!-- b --&gt; &lt;?c?&gt; &lt;![CDATA[d]]&gt;</p>\n",
            ),
            ("&lt;script&gt; &amp;amp; &#60;b&#62;", "<p>&lt;script&gt; &amp;amp; &lt;b&gt;</p>\n"),
        ];
        for (markdown, expected) in cases {
            assert_eq!(to_html(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn links_are_http_https_or_mail() {
        for link in
            ["https://example.com/", "http://example.com/", "HTTPS://example.com/", "mailto:a@example.com"]
        {
            let expected = format!("<p><a href=\"{link}\" {REL}>x</a></p>\n");
            assert_eq!(to_html(&format!("[x]({link})")), expected);
        }
        let refused = [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java&#10;script:alert(1)",
            "&#106;avascript:alert(1)",
            "&Tab;javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://a/b",
            "//example.com",
            "/graphql",
            "../x",
            "#x",
            "x",
            "https:",
            "https://github.com@example.com/",
            "https://a:b@example.com/",
            "ftp://example.com",
            "gopher://example.com",
        ];
        for link in refused {
            assert_eq!(to_html(&format!("[x](<{link}>)")), "<p>x</p>\n", "{link}");
        }
        assert_eq!(
            to_html("![a *cat*](https://example.com/cat.png)"),
            "<p>a cat</p>\n".replace("cat", "<em>cat</em>")
        );
        assert_eq!(to_html("[![seen](https://example.com/i)](javascript:x)"), "<p>seen</p>\n");
    }

    #[test]
    fn what_would_be_too_much_is_shown_as_it_was_written() {
        let deep = "> ".repeat(MAX_DEPTH + 1) + "a";
        let expected = format!("<pre><code>{}</code></pre>\n", deep.replace('>', "&gt;"));
        assert_eq!(to_html(&deep), expected);
        assert!(to_html(&("> ".repeat(MAX_DEPTH - 1) + "a")).starts_with("<blockquote>"));
        let long = format!("{}\n\n[a]: https://example.com/{}", "[a] ".repeat(100), "x".repeat(1_000));
        assert!(to_html(&long).starts_with("<pre><code>[a] [a]"));
    }

    /// As long as a body can be, and made to keep a renderer busy. Usual are some ms, and some hundreds without
    /// optimisations; what looks at its parts again and again would take minutes.
    #[test]
    fn hostile_text_is_shown_in_bounded_time_and_size() {
        let most = Text::BODY.max;
        let of = |unit: &str| unit.repeat(most / unit.chars().count());
        let wide = 3_000;
        let mut texts: Vec<String> = [
            "[",
            "![",
            "]",
            "[a](",
            "[a](<b",
            "[[a]",
            ">",
            "> ",
            "-",
            "- ",
            " - ",
            "* ",
            "1. ",
            "#",
            "`",
            "`a``",
            "*",
            "_",
            "**a ",
            "*a_ ",
            "a**b",
            "~",
            "~~a ",
            "|",
            "|a",
            "<",
            "<a ",
            "</",
            "<!--",
            "<![CDATA[",
            "<?",
            "<!A ",
            "&",
            "&#",
            "\\",
            "\n",
            "\n\n> ",
            "\t",
            "a\n",
            "a  \n",
            "[a]: ",
            "[a]: b\n",
            "[a]\n",
            "<b>",
            "</p>",
            "```\n",
            "~~~a\n",
            "<svg><math>",
            "<table><tr><td>",
            "\u{1f3c3}",
            "\"'",
            "<https://a.b>",
            "a@b.c ",
            "- a\n\n",
            "1) a\n",
        ]
        .into_iter()
        .map(of)
        .collect();
        texts.push(format!("{}\n{}\n{}", "a|".repeat(wide), "-|".repeat(wide), "a\n".repeat(wide)));
        texts.push((0..200).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect());
        texts.push(format!("{}a{}", "*".repeat(9_999), "*".repeat(9_999)));
        texts.push(format!("[a]: https://example.com/{}\n\n{}", "x".repeat(9_000), "[a] ".repeat(2_700)));
        for text in texts {
            let begin = Instant::now();
            let html = to_html(&text);
            let spent = begin.elapsed();
            let label = text.chars().take(20).collect::<String>();
            assert!(spent.as_secs() < 60, "{label:?}: {spent:?}");
            assert!(html.len() <= 16 * text.len(), "{label:?}: {} bytes", html.len());
        }
    }
}
