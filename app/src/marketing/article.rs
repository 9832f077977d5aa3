//! Pages to read, written in Markdown.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::ui::{OutlineLine, OutlineList, PublicLayout};

/// The page at [`routes::DOCS`](crate::routes::DOCS).
#[component]
pub fn Docs() -> impl IntoView {
    view! { <Article text=include_str!("docs.md") lede="How to bring documents in, find what they say, and take it out again." /> }
}

/// The page at [`routes::DOCS_EXPORT`](crate::routes::DOCS_EXPORT): the text that is in each archive.
#[component]
pub fn DocsExport() -> impl IntoView {
    view! { <Article text=include_str!("../../../docs/export-format.md") lede="Every file and field of an export, and how it is read back." /> }
}

/// The page at [`routes::TERMS`](crate::routes::TERMS).
#[component]
pub fn Terms() -> impl IntoView {
    view! { <Article text=include_str!("terms.md") lede="What is agreed between the operator of this installation and who uses it." /> }
}

/// The page at [`routes::PRIVACY`](crate::routes::PRIVACY).
#[component]
pub fn Privacy() -> impl IntoView {
    view! { <Article text=include_str!("privacy.md") lede="What this installation of Sheaf keeps, why, and for how long." /> }
}

/// The page at [`routes::CHANGELOG`](crate::routes::CHANGELOG).
#[component]
pub fn Changelog() -> impl IntoView {
    view! { <Article text=include_str!("changelog.md") lede="What Sheaf has learned, the newest first." /> }
}

#[component]
fn Article(text: &'static str, lede: &'static str) -> impl IntoView {
    let Written { title, contents, html } = write(text);
    view! {
        <Title text=title.clone() />
        <Meta name="description" content=lede />
        <PublicLayout>
            <header class="article-header">
                <h1 class="article-title">{title}</h1>
                <p class="article-lede">{lede}</p>
            </header>
            <div class="article">
                <OutlineList lines=contents />
                <div class="prose article-text" inner_html=html></div>
            </div>
        </PublicLayout>
    }
}

struct Written {
    /// What the first heading says, which is not repeated in the text.
    title: String,
    /// A line for each heading below it.
    contents: Vec<OutlineLine>,
    html: String,
}

/// The text is our own and stands in the repository. It has no HTML: what looks like it is a word in angle brackets.
fn write(text: &str) -> Written {
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, Options::ENABLE_TABLES).map(as_text).collect();
    let (mut title, mut contents) = (String::new(), Vec::new());
    let headings: Vec<usize> = (0..events.len()).filter(|at| is_heading(&events[*at])).collect();
    for at in headings {
        let said = said(&events[at + 1..]);
        let Event::Start(Tag::Heading { level, id, .. }) = &mut events[at] else { continue };
        if *level == HeadingLevel::H1 {
            title = said;
            continue;
        }
        let anchor = anchor(&said);
        contents.push(OutlineLine {
            title: said,
            level: u8::from(*level != HeadingLevel::H2),
            href: Some(format!("#{anchor}")),
            page: None,
        });
        *id = Some(CowStr::from(anchor));
    }
    let end_of_title = events.iter().position(|event| matches!(event, Event::End(TagEnd::Heading(HeadingLevel::H1))));
    let mut html = String::new();
    html::push_html(&mut html, events.into_iter().skip(end_of_title.map_or(0, |end| end + 1)));
    Written { title, contents, html }
}

fn as_text(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    }
}

fn is_heading(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(Tag::Heading { .. }))
}

/// The words of the heading that these events begin in.
fn said(events: &[Event<'_>]) -> String {
    let inside = events.iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    inside
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
            _ => None,
        })
        .collect()
}

/// A name for an address: letters and digits in lower case, and one hyphen for all between them.
fn anchor(heading: &str) -> String {
    let words = heading.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_the_contents_and_can_be_linked_to() {
        let Written { title, contents, html } =
            write("# The title\n\nA word.\n\n## Roles, and `who`\n\n### More/<id>\n");
        assert_eq!(title, "The title");
        let lines: Vec<_> = contents.iter().map(|line| (line.title.as_str(), line.level)).collect();
        assert_eq!(lines, [("Roles, and who", 0), ("More/<id>", 1)]);
        assert_eq!(contents[0].href.as_deref(), Some("#roles-and-who"));
        assert!(html.starts_with("<p>A word.</p>") && html.contains("<h2 id=\"roles-and-who\">"), "{html}");
    }

    #[test]
    fn every_text_has_a_title_and_headings_of_its_own_names() {
        let texts = [
            include_str!("docs.md"),
            include_str!("terms.md"),
            include_str!("privacy.md"),
            include_str!("changelog.md"),
        ];
        for text in texts.into_iter().chain([include_str!("../../../docs/export-format.md")]) {
            let Written { title, contents, html } = write(text);
            assert!(!title.is_empty() && !html.contains("<h1"), "{title}");
            let anchors: std::collections::BTreeSet<_> = contents.iter().map(|line| line.href.clone()).collect();
            assert_eq!(anchors.len(), contents.len(), "{title}");
            assert!(
                !html.contains("style=") && !html.contains("<script"),
                "{title}: the policy of the page forbids these"
            );
            for link in html.split("href=\"#").skip(1) {
                let anchor = link.split('"').next().unwrap_or_default();
                assert!(
                    anchors.contains(&Some(format!("#{anchor}"))),
                    "{title} links to #{anchor}, which is not there"
                );
            }
        }
    }
}
