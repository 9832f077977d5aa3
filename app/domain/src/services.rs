//! The one handle that is passed around: everything a verb may use of the world.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{
    accounts::{PasswordHasher, TokenKeys},
    billing::{Known, Stripe},
    cache::Cache,
    clock::Clock,
    db::Db,
    files::Files,
    insights::Insights,
    live::Live,
    mail::Mailer,
};

/// Everything a verb needs. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub db: Db,
    pub cache: Cache,
    pub files: Files,
    pub live: Live,
    pub mailer: Mailer,
    pub clock: Clock,
    pub keys: Arc<TokenKeys>,
    pub passwords: PasswordHasher,
    /// Where plans are sold; none where Sheaf runs without billing, and nothing is metered.
    pub stripe: Option<Stripe>,
    /// Where product events are told; none where nobody asked for it.
    pub insights: Option<Insights>,
    /// What workspaces may do, as this process last heard of it.
    pub known: Known,
    pub settings: Arc<Settings>,
}

/// What the operator decides and verbs obey.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address people use, without a slash at the end: `https://sheaf.example`.
    pub public_url: String,
    /// The largest file that is taken, in bytes.
    pub max_upload_bytes: u64,
    /// Documents a workspace may hold.
    pub max_documents: u64,
    /// Pages read of one document; the rest is left out and said so.
    pub max_pages: u32,
    /// Wall clock of one reader; the parent kills it then.
    pub read_timeout: Duration,
    /// The program that runs readers and typesetters as child processes: Sheaf itself.
    pub program: PathBuf,
    /// The folder that holds `libpdfium.so`; none where the system's own is used.
    pub pdfium: Option<PathBuf>,
    /// A folder of fonts for scripts that the built-in ones lack, for reports.
    pub fonts: Option<PathBuf>,
}
