//! A stream of XML events with a limit on depth.

use std::io::{BufRead, ErrorKind};

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::limits::XML_DEPTH;
use crate::stop::Stop;

/// The events of one part.
pub struct Xml<R> {
    reader: Reader<R>,
}

impl<R: BufRead> Xml<R> {
    pub fn new(part: R) -> Self {
        let mut reader = Reader::from_reader(part);
        // A lone ampersand is damage to XML, but no reason to lose a document.
        reader.config_mut().allow_dangling_amp = true;
        Self { reader }
    }

    /// Calls `take` with each event and the number of elements that are open around it.
    pub fn each(&mut self, mut take: impl FnMut(&Event<'_>, usize) -> Result<(), Stop>) -> Result<(), Stop> {
        let mut buffer = Vec::new();
        let mut depth = 0;
        loop {
            let event = self.reader.read_event_into(&mut buffer).map_err(stop)?;
            match &event {
                Event::Eof => return Ok(()),
                Event::Start(_) => {
                    take(&event, depth)?;
                    depth += 1;
                    if depth > XML_DEPTH {
                        return Err(Stop::too_large(format!("more than {XML_DEPTH} elements inside each other")));
                    }
                }
                Event::End(_) => {
                    depth = depth.saturating_sub(1);
                    take(&event, depth)?;
                }
                _ => take(&event, depth)?,
            }
            buffer.clear();
        }
    }
}

/// The value of an attribute by its name without a prefix.
pub fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().into_inner() == name)?;
    Some(attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// The character of `&#8211;` or of one of the five entities of XML; none for any other, which is never expanded.
pub fn reference(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Some(c);
    }
    match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn stop(error: quick_xml::Error) -> Stop {
    match error {
        quick_xml::Error::Io(error) if error.kind() == ErrorKind::FileTooLarge => Stop::too_large(error),
        error => Stop::damaged(error),
    }
}
