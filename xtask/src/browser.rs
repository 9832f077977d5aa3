//! From the module that rustc writes to the pair that a browser loads.

use std::{fs, path::Path};

use wasm_bindgen_cli_support::Bindgen;

use crate::{
    Failure, build, say,
    site::{OUTPUT_NAME, Site, digest},
};

/// The browser's half, ready to be named by its content.
pub struct Bound {
    /// The glue that loads the module.
    pub js: Vec<u8>,
    /// The module.
    pub wasm: Vec<u8>,
    /// What it was made from: equal input needs no second run.
    pub input: String,
}

/// Makes the glue and the final module, or takes those of the last run when nothing they are made from has changed.
///
/// # Errors
/// When the module cannot be read or wasm-bindgen refuses it.
pub fn bind(module: &Path, site: &Site, release: bool) -> Result<Bound, Failure> {
    let code = fs::read(module).map_err(|error| format!("{}: {error}", module.display()))?;
    let input = format!("{}-{}", if release { "release" } else { "dev" }, digest(&[&code]));
    if let Some((js, wasm)) = site.made_from(&input) {
        return Ok(Bound { js, wasm, input });
    }
    let out = build::target_folder().join("bound");
    generate(module, &out, release)?;
    let wasm = out.join(format!("{OUTPUT_NAME}_bg.wasm"));
    if release {
        optimise(&wasm);
    }
    site.take_snippets(&out.join("snippets"))?;
    let read = |path: &Path| fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    Ok(Bound { js: read(&out.join(format!("{OUTPUT_NAME}.js")))?, wasm: read(&wasm)?, input })
}

fn generate(module: &Path, out: &Path, release: bool) -> Result<(), Failure> {
    let _ = fs::remove_dir_all(out);
    fs::create_dir_all(out).map_err(failure)?;
    Bindgen::new()
        .input_path(module)
        .out_name(OUTPUT_NAME)
        .web(true)
        .map_err(failure)?
        .typescript(false)
        .demangle(!release)
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

/// wasm-opt takes 7 % off the module, 1 % after compression: used where it is installed, never asked for.
fn optimise(wasm: &Path) {
    let smaller = wasm.with_extension("opt");
    let status = std::process::Command::new("wasm-opt")
        .args(["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-sign-ext"])
        .args(["--enable-mutable-globals", "--enable-reference-types", "--enable-multivalue"])
        .arg(wasm)
        .arg("--output")
        .arg(&smaller)
        .status();
    if status.is_ok_and(|status| status.success()) && fs::rename(&smaller, wasm).is_ok() {
        say("xtask: made the module smaller with wasm-opt");
    }
}
