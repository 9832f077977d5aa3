//! Plain text.

use crate::prose::Prose;
use crate::stop::Stop;

/// Reads a text file; a paragraph ends at an empty line.
pub fn read(bytes: &[u8]) -> Result<Prose, Stop> {
    let text = crate::decode::text(bytes, None);
    let mut prose = Prose::default();
    for paragraph in text.split_inclusive("\n\n") {
        prose.push(paragraph);
    }
    Ok(prose)
}
