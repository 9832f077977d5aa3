use std::{io, path::PathBuf};

/// Why there is no embedded Postgres. The message is for the person at the terminal, and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error(
        "no Postgres from 15 on was found. `make setup` brings one, or set SHEAF_POSTGRES_BIN to the folder with its \
         programs, or SHEAF_DATABASE_URL to a database of your own"
    )]
    NoBinaries,
    #[error("{} holds no Postgres from 15 on that starts here", path.display())]
    NotPostgres { path: PathBuf },
    #[error(
        "the data in {} was written by Postgres {written_by}, and only {found} is here. Set SHEAF_POSTGRES_BIN to the \
         programs of a Postgres {written_by}, or move the folder away to begin anew",
        path.display()
    )]
    OtherVersion { path: PathBuf, written_by: u32, found: String },
    #[error("another Sheaf (process {pid}) is using {}. Stop it, or choose another data folder", path.display())]
    InUse { path: PathBuf, pid: String },
    #[error(
        "{} belongs to another user (id {uid}). Start Sheaf as that user, or choose another data folder",
        path.display()
    )]
    OtherOwner { path: PathBuf, uid: u32 },
    #[error("the user {user} cannot run the programs in {}: Postgres does not run as root. Move them to where everybody can read", path.display())]
    Unreachable { path: PathBuf, user: String },
    #[error("the file {} is missing: it held the password of the database beside it", path.display())]
    NoPassword { path: PathBuf },
    #[error("{program} failed. The end of its log, {}:\n{tail}", log.display())]
    Failed { program: &'static str, log: PathBuf, tail: String },
}

impl EmbeddedError {
    /// For `map_err`: `fs::read(path).map_err(EmbeddedError::io("read", path))`.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
