//! Pictures: pixels, PNG files, thumbnails.

mod png;
mod shrink;

pub use self::png::encode;

/// Opaque pixels, four bytes each (red, green, blue, and one that is ignored), row by row from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<u8>,
}

impl Picture {
    /// The same picture, `width` pixels wide or as it is if it is no wider.
    pub fn shrunk_to(&self, width: u32) -> Self {
        if width >= self.width { self.clone() } else { shrink::to_width(self, width) }
    }
}
