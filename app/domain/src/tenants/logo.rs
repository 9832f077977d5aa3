//! The picture of a workspace. It is somebody's file that other people's browsers will open, so it is one of three formats
//! by its own bytes, small, and of few pixels. A drawing that could hold scripts, which SVG is, is none of them.

use serde::{Deserialize, Serialize};

/// In bytes.
pub const MAX_LOGO_BYTES: usize = 512 * 1024;

/// In pixels, each way: a small file may unpack to a large picture, in the memory of everybody who sees it.
const MAX_PIXELS: u32 = 2_000;

/// The formats that every browser shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text"))]
pub enum LogoType {
    #[cfg_attr(feature = "server", sqlx(rename = "image/png"))]
    Png,
    #[cfg_attr(feature = "server", sqlx(rename = "image/jpeg"))]
    Jpeg,
    #[cfg_attr(feature = "server", sqlx(rename = "image/webp"))]
    WebP,
}

impl LogoType {
    /// As in the database, and as it is answered.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }
}

/// Why a file is no logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoFault {
    Missing,
    TooLarge,
    NoPicture,
    TooManyPixels,
    BrokenOff,
}

impl LogoFault {
    const ALL: [Self; 5] = [Self::Missing, Self::TooLarge, Self::NoPicture, Self::TooManyPixels, Self::BrokenOff];

    /// The word in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLarge => "too-large",
            Self::NoPicture => "no-picture",
            Self::TooManyPixels => "too-many-pixels",
            Self::BrokenOff => "broken-off",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.as_str() == text)
    }

    /// What the person is told, as a full sentence.
    pub fn message(self) -> &'static str {
        match self {
            Self::Missing => "Choose a picture first.",
            Self::TooLarge => "This picture is larger than 512 kB.",
            Self::NoPicture => "This is not a picture that Sheaf can show. Choose a PNG, JPEG or WebP file.",
            Self::TooManyPixels => "This picture is larger than 2,000 pixels. Make it smaller and try again.",
            Self::BrokenOff => "The picture broke off on its way. Please try again.",
        }
    }
}

/// A file that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    kind: LogoType,
    content: Vec<u8>,
}

impl Logo {
    /// Looks at the head of the file, which says its format and its size; the rest is for browsers to read, in what they have
    /// for hostile pictures.
    pub fn parse(content: Vec<u8>) -> Result<Self, LogoFault> {
        if content.is_empty() {
            return Err(LogoFault::Missing);
        }
        if content.len() > MAX_LOGO_BYTES {
            return Err(LogoFault::TooLarge);
        }
        let (kind, width, height) = size_of(&content).ok_or(LogoFault::NoPicture)?;
        if width == 0 || height == 0 {
            return Err(LogoFault::NoPicture);
        }
        if width > MAX_PIXELS || height > MAX_PIXELS {
            return Err(LogoFault::TooManyPixels);
        }
        Ok(Self { kind, content })
    }

    pub fn kind(&self) -> LogoType {
        self.kind
    }

    pub fn into_content(self) -> Vec<u8> {
        self.content
    }
}

fn size_of(file: &[u8]) -> Option<(LogoType, u32, u32)> {
    let (kind, size) = match file {
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => (LogoType::Png, png(file)),
        [0xFF, 0xD8, 0xFF, ..] => (LogoType::Jpeg, jpeg(file)),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => (LogoType::WebP, webp(file)),
        _ => return None,
    };
    let (width, height) = size?;
    Some((kind, width, height))
}

/// PNG, third edition, section 11.2.1: IHDR comes first.
fn png(file: &[u8]) -> Option<(u32, u32)> {
    if file.get(12..16)? != b"IHDR" {
        return None;
    }
    let number = |at: usize| Some(u32::from_be_bytes(file.get(at..at + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

/// ITU T.81, annex B: segments with their lengths, one of which is the frame.
fn jpeg(file: &[u8]) -> Option<(u32, u32)> {
    let short = |at: usize| Some(u16::from_be_bytes(file.get(at..at + 2)?.try_into().ok()?));
    let mut at = 2;
    loop {
        if *file.get(at)? != 0xFF {
            return None;
        }
        match *file.get(at + 1)? {
            // Filling before a marker.
            0xFF => at += 1,
            // Frames, of whatever coding; the others of this range are tables.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Some((short(at + 7)?.into(), short(at + 5)?.into()));
            }
            // Markers without a segment, and the end.
            0x00..=0x01 | 0xD0..=0xDA => return None,
            _ => at += 2 + usize::from(short(at + 2)?.max(2)),
        }
    }
}

/// RFC 9649, sections 2.5 to 2.7: three forms of the first chunk.
fn webp(file: &[u8]) -> Option<(u32, u32)> {
    let byte = |at: usize| file.get(at).map(|byte| u32::from(*byte));
    match file.get(12..16)? {
        b"VP8 " => {
            let side = |at: usize| Some((byte(at)? | (byte(at + 1)? << 8)) & 0x3FFF);
            (file.get(23..26)? == [0x9D, 0x01, 0x2A]).then_some(())?;
            Some((side(26)?, side(28)?))
        }
        b"VP8L" => {
            (byte(20)? == 0x2F).then_some(())?;
            let bits = byte(21)? | (byte(22)? << 8) | (byte(23)? << 16) | (byte(24)? << 24);
            Some(((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1))
        }
        b"VP8X" => {
            let side = |at: usize| Some((byte(at)? | (byte(at + 1)? << 8) | (byte(at + 2)? << 16)) + 1);
            Some((side(24)?, side(27)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let head = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes()];
        [head.concat(), vec![8, 6, 0, 0, 0]].concat()
    }

    #[test]
    fn three_formats_are_told_by_their_heads() {
        assert_eq!(Logo::parse(png_of(64, 32)).unwrap().kind(), LogoType::Png);
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08\0\x20\0\x40\x01\x01\x11\0";
        assert_eq!(size_of(jpeg), Some((LogoType::Jpeg, 64, 32)));
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\0\x20\0";
        assert_eq!(size_of(lossy), Some((LogoType::WebP, 64, 32)));
        let lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x3f\xc0\x07\0";
        assert_eq!(size_of(lossless), Some((LogoType::WebP, 64, 32)));
        let extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x1f\0\0";
        assert_eq!(size_of(extended), Some((LogoType::WebP, 64, 32)));
    }

    #[test]
    fn what_is_no_small_picture_is_refused() {
        assert_eq!(Logo::parse(Vec::new()), Err(LogoFault::Missing));
        assert_eq!(Logo::parse(vec![b'x'; MAX_LOGO_BYTES + 1]), Err(LogoFault::TooLarge));
        assert_eq!(Logo::parse(png_of(30_000, 2)), Err(LogoFault::TooManyPixels));
        assert_eq!(Logo::parse(png_of(0, 2)), Err(LogoFault::NoPicture));
        for text in ["<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "GIF89a", "<html>", "%PDF-1.7"] {
            assert_eq!(Logo::parse(text.as_bytes().to_vec()), Err(LogoFault::NoPicture), "{text}");
        }
    }

    #[test]
    fn a_head_that_breaks_off_anywhere_is_refused() {
        let files: [&[u8]; 3] = [
            &png_of(64, 32)[..24],
            b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08\0\x20\0\x40",
            b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x1f\0\0",
        ];
        for file in files {
            assert!(size_of(file).is_some());
            for length in 0..file.len() {
                assert_eq!(size_of(&file[..length]), None, "{length} of {file:?}");
            }
        }
        assert_eq!(size_of(&[&b"\xff\xd8"[..], &[0xFF; 1_000]].concat()), None);
    }
}
