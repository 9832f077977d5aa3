//! A workspace as one archive: asked for by an owner, made by a job, deleted after a week; and read back into an empty
//! workspace. docs/export-format.md says what is in it.

mod export;

pub use export::{Export, ExportState, KEPT_DAYS};

#[cfg(feature = "server")]
mod archive;
#[cfg(feature = "server")]
mod ask;
#[cfg(feature = "server")]
mod contents;
#[cfg(feature = "server")]
mod examine;
#[cfg(feature = "server")]
mod format;
#[cfg(feature = "server")]
mod found;
#[cfg(feature = "server")]
mod import;
#[cfg(feature = "server")]
mod jobs;
#[cfg(feature = "server")]
mod lines;
#[cfg(feature = "server")]
mod make;
#[cfg(feature = "server")]
mod objects;
#[cfg(feature = "server")]
mod packer;
#[cfg(feature = "server")]
mod process;
#[cfg(feature = "server")]
mod save;
#[cfg(feature = "server")]
mod seal;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod sweep;

#[cfg(feature = "server")]
pub(crate) use self::process::{cancelled, latest_made_again, make_again};
#[cfg(feature = "server")]
pub use self::{
    archive::Archive,
    ask::{ExportFile, ask, download, list},
    found::found_tenant,
    import::{Imported, import},
    jobs::MakeExport,
    make::make_export,
    save::{Saved, save},
    seal::seal,
    sweep::sweep,
};
