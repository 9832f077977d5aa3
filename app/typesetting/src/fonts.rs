//! Fonts: the embedded ones, and those of a folder for scripts that the embedded ones lack.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, io};

use typst::foundations::Bytes;
use typst::text::Font;
use typst_kit::fonts::{FontStore, embedded};

/// The most files that are read from a folder of fonts; the core of Noto is 268.
const MAX_FILES: usize = 1_000;

/// The most bytes that are read from a folder of fonts; Noto CJK is 90 MB.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

static EMBEDDED: LazyLock<Fonts> = LazyLock::new(|| Fonts(embedded_store()));

/// A set of fonts in a fixed order, so that the same set gives the same report.
pub struct Fonts(FontStore);

/// Why a folder of fonts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FontsError {
    #[error("the fonts in {} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the folder of fonts {} has more than {MAX_FILES} files or {MAX_BYTES} bytes", path.display())]
    TooLarge { path: PathBuf },
}

impl Fonts {
    /// Libertinus Serif, New Computer Modern and DejaVu Sans Mono. Loaded once for the process.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The embedded fonts, and after them every font in `folder` and its subfolders, by path (`.ttf`, `.otf`, `.ttc`,
    /// `.otc`). The report is set in the embedded ones; these stand in for characters they lack. A file that is not a
    /// font is passed over.
    ///
    /// Debian's `fonts-droid-fallback` (one file of 4 MB for Chinese, Japanese and Korean) and, for most other scripts,
    /// `fonts-noto-core` are enough.
    pub fn with_folder(folder: &Path) -> Result<Self, FontsError> {
        let mut store = embedded_store();
        let mut left = MAX_BYTES;
        for path in font_files(folder)? {
            let data = read_at_most(&path, left)?;
            left -= data.len() as u64;
            store.extend(Font::iter(Bytes::new(data)).map(|font| {
                let info = font.info().clone();
                (font, info)
            }));
        }
        Ok(Self(store))
    }

    pub(crate) fn store(&self) -> &FontStore {
        &self.0
    }
}

fn embedded_store() -> FontStore {
    let mut store = FontStore::new();
    store.extend(embedded());
    store
}

/// The font files of a folder, sorted by path: the order that a folder is listed in is chance. Links to folders are not
/// followed, so there is an end.
fn font_files(folder: &Path) -> Result<Vec<PathBuf>, FontsError> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        let unreadable = |source| FontsError::Unreadable { path: next.clone(), source };
        for entry in fs::read_dir(&next).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            if entry.file_type().map_err(unreadable)?.is_dir() {
                folders.push(path);
            } else if is_font_name(&path) && path.is_file() {
                files.push(path);
            }
        }
        if files.len() > MAX_FILES || folders.len() > MAX_FILES {
            return Err(FontsError::TooLarge { path: folder.to_owned() });
        }
    }
    files.sort();
    Ok(files)
}

fn is_font_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["ttf", "otf", "ttc", "otc"].iter().any(|known| known.eq_ignore_ascii_case(extension))
}

fn read_at_most(path: &Path, limit: u64) -> Result<Vec<u8>, FontsError> {
    let unreadable = |source| FontsError::Unreadable { path: path.to_owned(), source };
    let mut data = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(limit + 1).read_to_end(&mut data).map_err(unreadable)?;
    if data.len() as u64 > limit {
        return Err(FontsError::TooLarge { path: path.parent().unwrap_or(path).to_owned() });
    }
    Ok(data)
}
