//! CSV: a line a record, its cells separated by tabs.

use csv::{ReaderBuilder, StringRecord};

use crate::prose::Prose;
use crate::stop::Stop;

/// Reads a CSV file whose delimiter is guessed from its first lines. Records may differ in length.
pub fn read(bytes: &[u8]) -> Result<Prose, Stop> {
    let text = crate::decode::text(bytes, None);
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(&text)).from_reader(text.as_bytes());
    let mut prose = Prose::default();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(Stop::damaged)? {
        prose.push(&line(&record));
    }
    Ok(prose)
}

/// The delimiter that stands most often outside quotes in the first 20 lines; a comma if none does.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in text.lines().take(20).flat_map(str::bytes).take(64 * 1024) {
        if byte == b'"' {
            quoted = !quoted;
        } else if !quoted && let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
            *count += 1;
        }
    }
    // The last of equals would win, and the comma is the likeliest.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// Cells with their inner line ends and tabs as spaces, so that a record stays a line.
fn line(record: &StringRecord) -> String {
    let mut line = String::new();
    for (index, cell) in record.iter().enumerate() {
        if index > 0 {
            line.push('\t');
        }
        for (index, word) in cell.split_whitespace().enumerate() {
            if index > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::tests_support::pages;

    #[test]
    fn records_become_lines() {
        let read = pages(read(b"name,note\n\"Ada, A.\",\"two\nlines\"\nBob\n").expect("it is CSV"));
        assert_eq!(read, ["name\tnote\nAda, A.\ttwo lines\nBob"]);
    }

    #[test]
    fn the_delimiter_is_guessed_outside_quotes() {
        assert_eq!(delimiter("a;b;c\n\"x,y,z,w\";2;3\n"), b';');
        assert_eq!(delimiter("a\tb\n1\t2\n"), b'\t');
        assert_eq!(delimiter("alone\n"), b',');
    }

    #[test]
    fn one_line_of_many_cells_is_cut_into_pages() {
        let wide = "12345,".repeat(100_000);
        assert!(pages(read(wide.as_bytes()).expect("it is CSV")).len() > 100);
    }
}
