//! DOCX: the paragraphs and tables of the main part, read as a stream of XML events. Nothing outside the archive is
//! ever followed and no entity but the five of XML is expanded.

mod body;
mod package;
mod properties;
mod styles;
mod table;
mod xml;

use crate::prose::Prose;
use crate::stop::Stop;
use package::Package;

/// Reads a DOCX file.
pub fn read(bytes: Vec<u8>) -> Result<Prose, Stop> {
    let mut package = Package::open(bytes)?;
    let main = package.main_part()?;
    let mut prose = Prose::default();
    if let Some(part) = package.part("docProps/core.xml")? {
        properties::read(part, &mut prose.facts)?;
    }
    let styles = match package.part(&package::beside(&main, "styles.xml"))? {
        Some(part) => styles::read(part)?,
        None => styles::Styles::default(),
    };
    let part = package.part(&main)?.ok_or_else(|| Stop::damaged(format!("{main} is missing")))?;
    body::read(part, &styles, prose)
}

#[cfg(test)]
mod tests;
