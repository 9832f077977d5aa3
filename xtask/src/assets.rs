//! Copies files and puts a compressed copy beside each that gains from one, so that the server never compresses them.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use brotli::enc::BrotliEncoderParams;

/// Kinds of file that are text, or that compress like it.
const COMPRESSED: [&str; 9] = ["css", "html", "ico", "js", "json", "svg", "txt", "wasm", "webmanifest"];
/// What the name of each compressed copy ends with.
pub const ENCODINGS: [&str; 3] = ["br", "zst", "gz"];
/// Below this a response fits into the first packet anyway.
const SMALLEST: u64 = 1024;

/// Copies every file under `from` to the same place under `to`; leaves alone those that are newer there.
pub fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else if !is_newer(&target, &entry.path()) {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Writes `<file>.br`, `<file>.zst` and `<file>.gz` beside every file that gains from it. A release spends minutes of a processor to
/// save its readers bytes; development wants the build to be over.
pub fn compress_tree(folder: &Path, release: bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            compress_tree(&path, release)?;
        } else if is_worth_it(&path, entry.metadata()?.len()) {
            compress(&path, release)?;
        }
    }
    Ok(())
}

/// `name.js` and `br` make `name.js.br`.
pub fn sibling(path: &Path, extension: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(extension);
    name.into()
}

fn is_worth_it(path: &Path, length: u64) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    length >= SMALLEST && COMPRESSED.contains(&extension)
}

fn compress(path: &Path, release: bool) -> io::Result<()> {
    let copies = ENCODINGS.map(|extension| sibling(path, extension));
    if !release && copies.iter().all(|copy| is_newer(copy, path)) {
        return Ok(());
    }
    let [brotli_copy, zstd_copy, gzip_copy] = copies;
    let content = fs::read(path)?;
    fs::write(brotli_copy, brotli(&content, if release { 11 } else { 4 })?)?;
    fs::write(zstd_copy, zstd::bulk::compress(&content, if release { 19 } else { 3 })?)?;
    fs::write(gzip_copy, gzip(&content, if release { 9 } else { 1 })?)
}

fn brotli(content: &[u8], quality: i32) -> io::Result<Vec<u8>> {
    // 22 is the largest window that every browser accepts.
    let parameters = BrotliEncoderParams { quality, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut result = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut result, &parameters)?;
    Ok(result)
}

fn gzip(content: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    writer.write_all(content)?;
    writer.finish()
}

/// Whether `path` exists and is at least as new as `source`.
fn is_newer(path: &Path, source: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    matches!((changed(path), changed(source)), (Ok(copy), Ok(original)) if copy >= original)
}
