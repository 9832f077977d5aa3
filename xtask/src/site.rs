//! The folder that the server serves. Names in `pkg` carry a hash of their content, so that a browser may keep each file
//! for ever; `hash.txt`, in the form that leptos reads, says which ones are current.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{Failure, assets, browser::Bound, build};

/// The stem of the list that says which files each part takes.
pub const MANIFEST: &str = "parts";

/// The stem of every name in `pkg`. The same as LEPTOS_OUTPUT_NAME in .cargo/config.toml.
pub const OUTPUT_NAME: &str = "sheaf";

/// The site's folder, open for a new version.
pub struct Site {
    root: PathBuf,
    pkg: PathBuf,
}

/// The hashes in the names of the current files.
pub struct Names {
    /// Of whatever the browser runs.
    browser: String,
    css: String,
}

impl Site {
    /// Makes the folder where it is missing.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        let site = Self { root: root.to_owned(), pkg: root.join("pkg") };
        fs::create_dir_all(&site.pkg).map_err(|error| format!("{}: {error}", site.pkg.display()))?;
        Ok(site)
    }

    /// The hash of the last build's files, if it was made from the same input.
    pub fn made_from(&self, input: &str) -> Option<String> {
        let lines = fs::read_to_string(self.hash_file()).ok()?;
        let hash = value(&lines, "wasm")?;
        (value(&lines, "input")? == input && self.file("wasm", hash).exists()).then(|| hash.to_owned())
    }

    /// Writes the files of the browser's half and `pkg/sheaf.<hash>.css`, and returns the hashes.
    pub fn add(&self, bound: &Bound, css: &[u8]) -> Result<Names, Failure> {
        let names = Names { browser: bound.hash.clone(), css: digest(&[css]) };
        let files = bound.files.iter().map(|(name, content)| (self.pkg.join(name), content.as_slice()));
        for (path, content) in files.chain([(self.file("css", &names.css), css)]) {
            // The hash is that of what the files were made from, which another version of this program makes into others.
            if fs::read(&path).is_ok_and(|written| written == content) {
                continue;
            }
            write_whole(&path, content)?;
        }
        Ok(names)
    }

    /// The glue imports these by a relative path, so they keep their names, which carry a hash of their own.
    pub fn take_snippets(&self, made: &Path) -> Result<(), Failure> {
        if !made.exists() {
            return Ok(());
        }
        assets::copy_tree(made, &self.pkg.join("snippets")).map_err(|error| format!("snippets: {error}"))
    }

    /// Copies `public`, compresses, makes the new names current, and only then removes the files of earlier builds.
    pub fn publish(&self, names: &Names, input: &str, release: bool) -> Result<(), Failure> {
        let public = build::root().join("public");
        if public.exists() {
            assets::copy_tree(&public, &self.root).map_err(|error| format!("{}: {error}", public.display()))?;
        }
        assets::compress_tree(&self.root, release).map_err(|error| format!("compressing: {error}"))?;
        let lines = format!("js: {0}\nwasm: {0}\ncss: {1}\ninput: {input}\n", names.browser, names.css);
        write_whole(&self.hash_file(), lines.as_bytes())?;
        self.remove_others(names).map_err(|error| format!("{}: {error}", self.pkg.display()))
    }

    fn remove_others(&self, names: &Names) -> io::Result<()> {
        for entry in fs::read_dir(&self.pkg)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_current = name.split('.').any(|part| part == names.browser || part == names.css);
            if path.is_file() && !is_current {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn file(&self, kind: &str, hash: &str) -> PathBuf {
        self.pkg.join(format!("{OUTPUT_NAME}.{hash}.{kind}"))
    }

    fn hash_file(&self) -> PathBuf {
        hash_file(&self.root)
    }
}

/// Where a site says which files are current.
pub fn hash_file(site: &Path) -> PathBuf {
    site.join("hash.txt")
}

/// What the lines of that file say of a key.
pub fn value<'a>(lines: &'a str, key: &str) -> Option<&'a str> {
    lines.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}

/// The first 64 bits of SHA-256, in hex: enough to tell versions of one file apart.
pub fn digest(parts: &[&[u8]]) -> String {
    let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize();
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A server may be reading the folder: a file appears with all of its content, or not at all.
fn write_whole(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let part = assets::sibling(path, "part");
    fs::write(&part, content)
        .and_then(|()| fs::rename(&part, path))
        .map_err(|error| format!("{}: {error}", path.display()))
}
