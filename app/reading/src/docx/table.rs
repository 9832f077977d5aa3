//! Rows that are being read: cells are joined by tabs, a table inside a cell becomes words of that cell.

/// The rows that are open, the innermost last.
#[derive(Debug, Default)]
pub struct Rows(Vec<Vec<String>>);

impl Rows {
    /// Whether no row is open.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn begin_row(&mut self) {
        self.0.push(Vec::new());
    }

    pub fn begin_cell(&mut self) {
        if let Some(row) = self.0.last_mut() {
            row.push(String::new());
        }
    }

    /// Adds a paragraph to the open cell; gives it back if none is open.
    pub fn add(&mut self, paragraph: String) -> Option<String> {
        let Some(cell) = self.0.last_mut().and_then(|row| row.last_mut()) else { return Some(paragraph) };
        for word in paragraph.split_whitespace() {
            if !cell.is_empty() {
                cell.push(' ');
            }
            cell.push_str(word);
        }
        None
    }

    /// Ends the innermost row. Returns it as a line, unless it went into the cell around its table.
    pub fn end_row(&mut self) -> Option<String> {
        let row = self.0.pop()?.join("\t");
        self.add(row)
    }
}
