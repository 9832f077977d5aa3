//! From the module that rustc writes to the files that a browser loads: the glue, what all pages share, and the parts into which
//! the rest is cut (`app/src/parts.rs`).

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{Parser, Payload};

use crate::{
    Failure, build,
    site::{MANIFEST, OUTPUT_NAME, Site, digest},
};

/// What links the parts to the module, under the name by which the glue imports it.
const LINK: &str = "__wasm_split";

/// Sections that no browser reads.
const IDLE: [&str; 2] = ["name", "producers"];

/// The browser's half, in files whose names carry its hash: they fit each other and no others.
pub struct Bound {
    /// The hash of all of it.
    pub hash: String,
    /// Each file by its name; none where those of the last build stand.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What it was made from: equal input needs no second run.
    pub input: String,
}

/// Makes the files, or takes those of the last run when nothing they are made from has changed.
///
/// # Errors
/// When the module cannot be read or cut, or wasm-bindgen refuses it.
pub fn bind(module: &Path, site: &Site, release: bool) -> Result<Bound, Failure> {
    let code = fs::read(module).map_err(|error| format!("{}: {error}", module.display()))?;
    let input = format!("{}-{}", if release { "release" } else { "dev" }, digest(&[&code]));
    if let Some(hash) = site.made_from(&input) {
        return Ok(Bound { hash, files: BTreeMap::new(), input });
    }
    let out = build::target_folder().join("bound");
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let (cut, main) = (out.join("cut"), out.join(format!("{OUTPUT_NAME}.wasm")));
    let parts = split(&code, &cut, &main)?;
    if release {
        strip(&cut)?;
    }
    generate(&main, &out, release)?;
    site.take_snippets(&out.join("snippets"))?;
    let (hash, files) = named(&out, &cut, parts)?;
    Ok(Bound { hash, files, input })
}

/// Cuts the parts out of the module and returns, by the name of each part, the files that it takes.
fn split(code: &[u8], cut: &Path, main: &Path) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let (link, glue) = (format!("./{LINK}.js"), format!("./{OUTPUT_NAME}.js"));
    let mut options = wasm_split_cli_support::Options::new(code);
    options.output_dir = cut;
    options.main_out_path = main;
    options.link_name = &link;
    options.main_module = &glue;
    let split = wasm_split_cli_support::transform(options).map_err(|error| format!("cutting the module: {error:#}"))?;
    Ok(split.prefetch_map.into_iter().collect())
}

/// Takes out of the parts what only a debugger reads, as wasm-bindgen does with the module: names are two fifths of a part.
fn strip(cut: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(cut).map_err(|error| format!("{}: {error}", cut.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|kind| kind == "wasm") {
            let failure = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
            let whole = fs::read(&path).map_err(|error| failure(&error))?;
            fs::write(&path, without_names(&whole).map_err(|error| failure(&error))?)
                .map_err(|error| failure(&error))?;
        }
    }
    Ok(())
}

fn without_names(code: &[u8]) -> wasmparser::Result<Vec<u8>> {
    let mut module = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(code) {
        let payload = payload?;
        let is_idle = matches!(&payload, Payload::CustomSection(section) if IDLE.contains(&section.name()));
        if let Some((id, range)) = payload.as_section().filter(|_| !is_idle) {
            let data = &code[range.start as usize..range.end as usize];
            module.section(&wasm_encoder::RawSection { id, data });
        }
    }
    Ok(module.finish())
}

fn generate(module: &Path, out: &Path, release: bool) -> Result<(), Failure> {
    Bindgen::new()
        .input_path(module)
        .out_name(OUTPUT_NAME)
        .web(true)
        .map_err(failure)?
        .typescript(false)
        .demangle(false)
        // By these the parts find what they share with the module.
        .keep_lld_exports(true)
        .remove_name_section(release)
        .remove_producers_section(release)
        // The page names the module itself, by its hash.
        .omit_default_module_path(true)
        .generate(out)
        .map_err(failure)
}

/// With the causes that wasm-bindgen's errors carry.
fn failure(error: impl std::fmt::Display) -> Failure {
    format!("wasm-bindgen: {error:#}")
}

/// The files with one hash in all their names, and in the places where they name each other.
fn named(
    out: &Path,
    cut: &Path,
    parts: BTreeMap<String, Vec<String>>,
) -> Result<(String, BTreeMap<String, Vec<u8>>), Failure> {
    let read = |path: &Path| fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let mut files = BTreeMap::from([
        (format!("{OUTPUT_NAME}.js"), read(&out.join(format!("{OUTPUT_NAME}.js")))?),
        (format!("{OUTPUT_NAME}.wasm"), read(&out.join(format!("{OUTPUT_NAME}_bg.wasm")))?),
    ]);
    for entry in fs::read_dir(cut).map_err(|error| format!("{}: {error}", cut.display()))? {
        let entry = entry.map_err(|error| error.to_string())?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), read(&entry.path())?);
    }
    let hash = digest(&files.values().map(Vec::as_slice).collect::<Vec<_>>());
    let renamed: HashMap<String, String> = files.keys().map(|name| (name.clone(), with_hash(name, &hash))).collect();
    let mut files: BTreeMap<String, Vec<u8>> =
        files.into_iter().map(|(name, content)| (with_hash(&name, &hash), linked(&name, content, &renamed))).collect();
    let parts: BTreeMap<String, Vec<String>> = parts
        .into_iter()
        .map(|(part, stems)| (part, stems.iter().map(|stem| format!("{stem}.{hash}")).collect()))
        .collect();
    files.insert(format!("{MANIFEST}.{hash}.json"), manifest(&parts).into_bytes());
    Ok((hash, files))
}

/// `chunk_1.wasm` with its hash is `chunk_1.0123.wasm`.
fn with_hash(name: &str, hash: &str) -> String {
    let (stem, kind) = name.split_once('.').unwrap_or((name, ""));
    format!("{stem}.{hash}.{kind}")
}

/// Scripts name the files that they load. What the module itself imports is a name, and no file, and stays as it is.
fn linked(name: &str, content: Vec<u8>, renamed: &HashMap<String, String>) -> Vec<u8> {
    if !name.ends_with(".js") {
        return content;
    }
    let mut script = String::from_utf8_lossy(&content).into_owned();
    for (old, new) in renamed {
        for loads in ["from ", "new URL("] {
            script = script.replace(&format!("{loads}\"./{old}\""), &format!("{loads}\"./{new}\""));
        }
    }
    script.into_bytes()
}

/// JSON of names that need no escape.
fn manifest(parts: &BTreeMap<String, Vec<String>>) -> String {
    let entries: Vec<String> = parts
        .iter()
        .map(|(part, files)| {
            let files: Vec<String> = files.iter().map(|file| format!("\"{file}\"")).collect();
            format!("\"{part}\":[{}]", files.join(","))
        })
        .collect();
    format!("{{{}}}\n", entries.join(","))
}
