//! `word/styles.xml`: which paragraph styles are headings. Their ids are in the language of whoever wrote the document,
//! so the outline level or the English name of the style tells.

use std::collections::HashMap;
use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};

use super::xml::{self, Xml};
use crate::stop::Stop;

/// Styles above this number are ignored; Word has some 400.
const STYLES: usize = 5_000;
/// How far a style is followed to the styles it is based on.
const BASES: usize = 10;
/// The outline level that stands for body text.
const BODY_LEVEL: u8 = 9;

/// The styles of a document that matter here.
#[derive(Debug, Default)]
pub struct Styles(HashMap<String, Style>);

#[derive(Debug, Default)]
struct Style {
    level: Option<u8>,
    is_title: bool,
    based_on: Option<String>,
}

impl Styles {
    /// The outline level of paragraphs of this style, from 0; none for text.
    pub fn level(&self, id: &str) -> Option<u8> {
        let mut id = id;
        for _ in 0..BASES {
            let style = self.0.get(id)?;
            if let Some(level) = style.level {
                return (level < BODY_LEVEL).then_some(level);
            }
            id = style.based_on.as_deref()?;
        }
        None
    }

    /// Whether this is the style of the title of the document.
    pub fn is_title(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|style| style.is_title)
    }
}

/// Reads the part.
pub fn read(part: impl BufRead) -> Result<Styles, Stop> {
    let mut styles = Styles::default();
    let mut id = String::new();
    Xml::new(part).each(|event, _| {
        if let Event::Start(tag) | Event::Empty(tag) = event {
            if tag.local_name().into_inner() == "style" {
                id = xml::attribute(tag, "styleId").unwrap_or_default();
            } else if !id.is_empty() && (styles.0.len() < STYLES || styles.0.contains_key(&id)) {
                learn(&mut styles, &id, tag);
            }
        }
        Ok(())
    })?;
    Ok(styles)
}

fn learn(styles: &mut Styles, id: &str, tag: &BytesStart<'_>) {
    let Some(value) = xml::attribute(tag, "val") else { return };
    match tag.local_name().into_inner() {
        "name" => {
            let name = value.to_ascii_lowercase();
            let style = styles.0.entry(id.to_owned()).or_default();
            style.is_title = name == "title";
            if let Some(level) = name.strip_prefix("heading ").and_then(|level| level.trim().parse::<u8>().ok()) {
                style.level.get_or_insert(level.saturating_sub(1));
            }
        }
        "outlineLvl" => styles.0.entry(id.to_owned()).or_default().level = value.parse().ok(),
        "basedOn" => styles.0.entry(id.to_owned()).or_default().based_on = Some(value),
        _ => {}
    }
}
