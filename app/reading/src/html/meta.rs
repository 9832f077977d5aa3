//! What `<meta>` says.

use domain::documents::reading::Facts;
use html5ever::tokenizer::Tag;

/// How far a browser looks for the encoding.
const SNIFFED_BYTES: usize = 1024;

/// The encoding that a `<meta>` near the beginning names.
pub fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(SNIFFED_BYTES)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let name: String = rest
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
        .collect();
    (!name.is_empty()).then_some(name)
}

/// The value of an attribute.
pub fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
}

/// Takes author and dates from a `<meta>` tag; the first of each counts.
pub fn learn(facts: &mut Facts, tag: &Tag) {
    let name = attribute(tag, "name").or_else(|| attribute(tag, "property")).unwrap_or_default().to_ascii_lowercase();
    let Some(content) = attribute(tag, "content") else { return };
    match name.as_str() {
        "author" | "dc.creator" | "dcterms.creator" if facts.author.is_none() => {
            facts.author = crate::clean::line(content);
        }
        "article:published_time" | "date" | "dc.date" | "dcterms.created" | "dcterms.date"
            if facts.created_at.is_none() =>
        {
            facts.created_at = crate::dates::iso(content);
        }
        "article:modified_time" | "last-modified" | "dcterms.modified" if facts.modified_at.is_none() => {
            facts.modified_at = crate::dates::iso(content);
        }
        _ => {}
    }
}
