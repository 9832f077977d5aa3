use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{cluster, error::EmbeddedError, folder::Folder};

/// Nothing here needs a newer one, and older ones lack what the migrations use.
const OLDEST: u32 = 15;
/// Where Debian and Ubuntu install each major version.
const INSTALLED: &str = "/usr/lib/postgresql";

/// The folder with the programs to use: `named` if given, else the first that fits of `tools/postgres/bin`, the installed
/// versions from the newest on, and the folders of PATH. Data is only ever opened by the major version that wrote it, so
/// when there is some in `data_dir`, that decides among them.
///
/// # Errors
/// When there is none, or none that fits the data.
pub fn find_binaries(named: Option<&Path>, tools: Option<&Path>, data_dir: &Path) -> Result<PathBuf, EmbeddedError> {
    let candidates = match named {
        Some(folder) => vec![folder.to_owned()],
        None => candidates(tools),
    };
    let usable: Vec<(u32, PathBuf)> = candidates
        .into_iter()
        .filter_map(|folder| Some((major(&folder)?, folder)))
        .filter(|(major, folder)| *major >= OLDEST && folder.join("initdb").exists())
        .collect();
    let Some((_, first)) = usable.first() else {
        return Err(
            named.map_or(EmbeddedError::NoBinaries, |path| EmbeddedError::NotPostgres { path: path.to_owned() })
        );
    };
    let place = Folder::choose(data_dir)?;
    let Some(written_by) = cluster::written_by(place.path()) else {
        return Ok(first.clone());
    };
    let found = || usable.iter().map(|(major, _)| major.to_string()).collect::<Vec<_>>().join(", ");
    match usable.iter().find(|(major, _)| *major == written_by) {
        Some((_, folder)) => Ok(folder.clone()),
        None => Err(EmbeddedError::OtherVersion { path: place.path().to_owned(), written_by, found: found() }),
    }
}

fn candidates(tools: Option<&Path>) -> Vec<PathBuf> {
    let pinned = tools.map(|tools| tools.join("postgres/bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    pinned.into_iter().chain(installed()).chain(std::env::split_paths(&path)).collect()
}

fn installed() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(INSTALLED)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// The major version of the server in this folder, asked of itself: `postgres (PostgreSQL) 18.6 (Debian ...)`.
fn major(folder: &Path) -> Option<u32> {
    let program = folder.join("postgres");
    if !program.exists() {
        return None;
    }
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(2)?.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}
