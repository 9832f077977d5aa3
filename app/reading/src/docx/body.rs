//! The main part: paragraphs, tables, headings.

use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};

use super::styles::Styles;
use super::table::Rows;
use super::xml::{self, Xml};
use crate::prose::Prose;
use crate::stop::Stop;

/// Reads the part into `prose`.
pub fn read(part: impl BufRead, styles: &Styles, prose: Prose) -> Result<Prose, Stop> {
    let mut body = Body { styles, prose, paragraphs: Vec::new(), rows: Rows::default(), in_text: false, silent: None };
    Xml::new(part).each(|event, depth| {
        body.take(event, depth);
        Ok(())
    })?;
    Ok(body.prose)
}

struct Body<'s> {
    styles: &'s Styles,
    prose: Prose,
    /// The paragraphs that are open: one in a text box stands inside another.
    paragraphs: Vec<Paragraph>,
    rows: Rows,
    in_text: bool,
    /// The depth of the element whose content is left out.
    silent: Option<usize>,
}

#[derive(Default)]
struct Paragraph {
    text: String,
    level: Option<u8>,
    is_title: bool,
}

impl Body<'_> {
    fn take(&mut self, event: &Event<'_>, depth: usize) {
        if let Some(silent) = self.silent {
            if matches!(event, Event::End(_)) && depth == silent {
                self.silent = None;
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, depth),
            Event::Empty(tag) => self.empty(tag),
            Event::End(tag) => self.end(tag.local_name().into_inner()),
            Event::Text(text) if self.in_text => self.write(text),
            Event::CData(text) if self.in_text => self.write(text),
            Event::GeneralRef(reference) if self.in_text => {
                if let Some(c) = xml::reference(reference) {
                    self.write(c.encode_utf8(&mut [0; 4]));
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, depth: usize) {
        match tag.local_name().into_inner() {
            // The fallback repeats a text box for old readers; deleted text and the former properties of a change are
            // not part of the document as it stands.
            "Fallback" | "del" | "moveFrom" | "rPrChange" | "pPrChange" => self.silent = Some(depth),
            "p" => self.paragraphs.push(Paragraph::default()),
            "t" => self.in_text = true,
            "tr" => self.rows.begin_row(),
            "tc" => self.rows.begin_cell(),
            _ => self.empty(tag),
        }
    }

    /// Elements that have a meaning without content.
    fn empty(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().into_inner() {
            "tab" if xml::attribute(tag, "val").is_none() => self.write("\t"),
            "br" | "cr" => self.write("\n"),
            "noBreakHyphen" => self.write("\u{2011}"),
            "p" if self.paragraphs.is_empty() => self.end_paragraph(Paragraph::default()),
            "pStyle" => {
                let style = xml::attribute(tag, "val").unwrap_or_default();
                let level = self.styles.level(&style).or_else(|| heading_by_id(&style));
                let is_title = self.styles.is_title(&style) || style == "Title";
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.level = paragraph.level.or(level);
                    paragraph.is_title = is_title;
                }
            }
            "outlineLvl" => {
                let level = xml::attribute(tag, "val").and_then(|level| level.parse().ok());
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.level = level.filter(|level| *level < 9);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.end_paragraph(paragraph);
                }
            }
            "tr" => {
                if let Some(line) = self.rows.end_row() {
                    self.prose.push(&format!("{}\n", line.trim_end()));
                }
            }
            "tbl" if self.rows.is_empty() => {
                self.prose.push("\n");
            }
            _ => {}
        }
    }

    fn write(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn end_paragraph(&mut self, paragraph: Paragraph) {
        let text = crate::clean::text(&paragraph.text);
        let Some(text) = self.rows.add(text) else { return };
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        let page = self.prose.push(&format!("{text}\n\n"));
        if let Some(level) = paragraph.level {
            self.prose.outline(text, level, page);
        }
        if paragraph.is_title && self.prose.facts.title.is_none() {
            self.prose.facts.title = crate::clean::line(text);
        }
    }
}

/// The level of `Heading1` to `Heading9`, for documents without a list of styles.
fn heading_by_id(style: &str) -> Option<u8> {
    let level: u8 = style.strip_prefix("Heading")?.parse().ok()?;
    (1..=9).contains(&level).then(|| level - 1)
}
