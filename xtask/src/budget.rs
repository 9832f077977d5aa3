//! What a browser may have to load at most. `frontend/budget.txt` says how large each part was when somebody last looked, and a
//! part that has grown by more than a twentieth since fails, until whoever made it larger writes that down.

use std::{fmt::Write, fs, path::Path};

use crate::{
    Failure, assets, build, say,
    site::{OUTPUT_NAME, hash_file, value},
};

/// As browsers get them: what all pages share.
const KINDS: [&str; 3] = ["wasm", "js", "css"];

/// Whatever pages load beside it, together.
const PARTS: &str = "parts";

/// Bytes by part.
type Sizes = Vec<(&'static str, u64)>;

/// In percent. Less would fail on what another version of the compiler does.
const GROWTH: u64 = 5;

const HEAD: &str = "\
# What a browser loads, in bytes after brotli, by profile and part. More than 5 % above one of these fails `make check` (dev) or
# `make release`. Written by `cargo xtask budget --write`, for the profile that the site was built with.
";

/// Compares the site with the budget of its profile, or makes the budget what the site is.
///
/// # Errors
/// When a part has outgrown its budget or has none beside others that do, or there is no site.
pub fn run(site: &Path, write: bool) -> Result<(), Failure> {
    let (profile, sizes) = measured(site)?;
    let file = build::root().join("frontend/budget.txt");
    let budget = fs::read_to_string(&file).unwrap_or_default();
    if write {
        fs::write(&file, written(&budget, &profile, &sizes)).map_err(|error| format!("{}: {error}", file.display()))?;
        say(&format!("xtask: wrote the budget of {profile} into {}", file.display()));
        return Ok(());
    }
    if !budget.lines().any(|line| line.starts_with(&format!("{profile} "))) {
        say(&format!("xtask: {profile} has no budget yet; `cargo xtask budget --write` begins one"));
        return Ok(());
    }
    let failures: Vec<String> =
        sizes.iter().filter_map(|(kind, size)| judge(&budget, &profile, kind, *size).err()).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

/// The profile that the site was built with, and the bytes of each part.
fn measured(site: &Path) -> Result<(String, Sizes), Failure> {
    let lines = fs::read_to_string(hash_file(site))
        .map_err(|error| format!("{}: {error}; run `cargo xtask site` first", site.display()))?;
    let of = |key: &str| value(&lines, key).ok_or_else(|| format!("{} says nothing of {key}", site.display()));
    let profile = of("input")?.split('-').next().unwrap_or_default().to_owned();
    let size = |kind: &'static str| -> Result<(&'static str, u64), Failure> {
        let path = site.join("pkg").join(format!("{OUTPUT_NAME}.{}.{kind}", of(kind)?));
        let compressed = assets::sibling(&path, "br");
        let metadata = fs::metadata(&compressed).map_err(|error| format!("{}: {error}", compressed.display()))?;
        Ok((kind, metadata.len()))
    };
    let mut sizes = KINDS.into_iter().map(size).collect::<Result<Sizes, Failure>>()?;
    sizes.push((PARTS, parts(&site.join("pkg"), of("wasm")?)?));
    Ok((profile, sizes))
}

/// Bytes of all parts of a build. What is too small to gain from it has no compressed copy.
fn parts(pkg: &Path, hash: &str) -> Result<u64, Failure> {
    let failure = |error| format!("{}: {error}", pkg.display());
    let (main, ending) = (format!("{OUTPUT_NAME}.{hash}.wasm"), format!(".{hash}.wasm"));
    let mut sum = 0;
    for entry in fs::read_dir(pkg).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(&ending) && name != main {
            let compressed = assets::sibling(&path, "br");
            sum += fs::metadata(if compressed.exists() { &compressed } else { &path }).map_err(failure)?.len();
        }
    }
    Ok(sum)
}

fn judge(budget: &str, profile: &str, kind: &str, size: u64) -> Result<(), Failure> {
    let Some(allowed) = allowed(budget, profile, kind) else {
        return Err(format!("{profile} {kind} has no budget; `cargo xtask budget --write`"));
    };
    let limit = allowed + allowed * GROWTH / 100;
    say(&format!("xtask: {profile} {kind}: {size} bytes of {allowed} (at most {limit})"));
    if size <= limit {
        return Ok(());
    }
    Err(format!(
        "{profile} {kind} has grown from {allowed} to {size} bytes; make it smaller, or, where it is worth that, \
         `cargo xtask budget --write` and say why in the commit"
    ))
}

fn allowed(budget: &str, profile: &str, kind: &str) -> Option<u64> {
    budget.lines().find_map(|line| line.strip_prefix(&format!("{profile} {kind} "))?.trim().parse().ok())
}

/// The other profiles stay as they are.
fn written(budget: &str, profile: &str, sizes: &[(&str, u64)]) -> String {
    let mut text = HEAD.to_owned();
    for line in budget.lines().filter(|line| !line.starts_with('#') && !line.starts_with(&format!("{profile} "))) {
        text.push_str(line);
        text.push('\n');
    }
    for (kind, size) in sizes {
        writeln!(text, "{profile} {kind} {size}").expect("a string takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: &str = "# words\ndev wasm 1000\nrelease wasm 200\n";

    #[test]
    fn a_part_may_grow_by_a_twentieth() {
        assert!(judge(BUDGET, "dev", "wasm", 1050).is_ok());
        assert!(judge(BUDGET, "dev", "wasm", 1051).unwrap_err().contains("from 1000 to 1051"));
        assert!(judge(BUDGET, "release", "wasm", 1000).is_err(), "each profile has a budget of its own");
        assert!(judge(BUDGET, "dev", "css", 1).unwrap_err().contains("no budget"));
    }

    #[test]
    fn writing_one_profile_leaves_the_other() {
        let text = written(BUDGET, "dev", &[("wasm", 1200), ("css", 7)]);
        assert_eq!(text, format!("{HEAD}release wasm 200\ndev wasm 1200\ndev css 7\n"));
    }
}
