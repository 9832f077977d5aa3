//! `docProps/core.xml`: title, author and dates.

use std::io::BufRead;

use domain::documents::reading::Facts;
use quick_xml::events::Event;

use super::xml::{self, Xml};
use crate::stop::Stop;

/// Longer values are not kept whole while they are read.
const VALUE_BYTES: usize = 4_096;

/// Takes title, author and dates into `facts`.
pub fn read(part: impl BufRead, facts: &mut Facts) -> Result<(), Stop> {
    let mut value = String::new();
    Xml::new(part).each(|event, _| {
        match event {
            Event::Start(_) => value.clear(),
            Event::Text(text) if value.len() < VALUE_BYTES => value.push_str(text),
            Event::GeneralRef(reference) if value.len() < VALUE_BYTES => value.extend(xml::reference(reference)),
            Event::End(tag) => {
                match tag.local_name().into_inner() {
                    "title" => facts.title = crate::title::given(&value),
                    "creator" => facts.author = crate::clean::line(&value),
                    "created" => facts.created_at = crate::dates::iso(&value),
                    "modified" => facts.modified_at = crate::dates::iso(&value),
                    _ => {}
                }
                value.clear();
            }
            _ => {}
        }
        Ok(())
    })
}
