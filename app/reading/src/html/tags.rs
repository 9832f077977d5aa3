//! What a tag means for the text around it.

use html5ever::tokenizer::TokenSinkResult;
use html5ever::tokenizer::states::RawKind;

/// What a tag does to the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It stands within a line.
    Inline,
    /// It begins or ends a line.
    Line,
    /// It begins or ends a paragraph.
    Paragraph,
    /// It begins or ends a heading of the outline, of this level from 0.
    Heading(u8),
    /// A list item.
    Item,
    /// A cell of a table.
    Cell,
    /// Preformatted text.
    Pre,
    /// `<br>`.
    Break,
}

/// What the tag `name` does.
pub fn effect(name: &str) -> Effect {
    match name {
        "br" => Effect::Break,
        "td" | "th" => Effect::Cell,
        "li" => Effect::Item,
        "pre" | "listing" | "xmp" => Effect::Pre,
        "h1" => Effect::Heading(0),
        "h2" => Effect::Heading(1),
        "h3" => Effect::Heading(2),
        "p" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "table" | "blockquote" | "section" | "article" | "hr"
        | "figure" | "fieldset" | "form" | "main" | "body" => Effect::Paragraph,
        "div" | "tr" | "dt" | "dd" | "address" | "aside" | "header" | "footer" | "nav" | "figcaption" | "caption"
        | "details" | "summary" | "legend" | "option" | "select" | "center" | "menu" | "thead" | "tbody" | "tfoot"
        | "dialog" | "html" | "head" | "title" => Effect::Line,
        _ => Effect::Inline,
    }
}

/// Whether nothing inside the element is shown.
pub fn is_silent(name: &str) -> bool {
    matches!(name, "script" | "style" | "template" | "noscript" | "iframe" | "noembed" | "noframes" | "object" | "svg")
}

/// Whether the attribute `hidden` is believed: only where the element must be closed, as an unclosed one would hide the
/// rest of the document.
pub fn can_hide(name: &str) -> bool {
    matches!(
        name,
        "div"
            | "section"
            | "span"
            | "dialog"
            | "aside"
            | "nav"
            | "ul"
            | "ol"
            | "table"
            | "form"
            | "article"
            | "main"
            | "header"
            | "footer"
            | "button"
            | "a"
    )
}

/// How the tokenizer goes on after the start tag `name`: what these elements hold is not markup.
pub fn then(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "noscript" | "iframe" | "noembed" | "noframes" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}
