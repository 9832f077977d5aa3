//! The services of programs that a test or a benchmark starts: what the queue and the ledger ask for, and the rest as small as it
//! can be. Nothing of theirs sends mail, keeps a file or reads a document.

use std::{path::Path, sync::Arc, time::Duration};

use domain::{
    Result, Services,
    accounts::{PasswordHasher, TokenKeys},
    billing::Known,
    cache::Cache,
    clock::Clock,
    db::Db,
    files::Files,
    live::Live,
    mail::Mailer,
    services::Settings,
};

/// Those of one role, by its connections, without Redis and without Stripe.
pub fn services(db: Db, clock: Clock, files: &Path) -> Result<Services> {
    Ok(Services {
        cache: Cache::memory(),
        files: Files::folder(files)?,
        live: Live::start(&db),
        mailer: Mailer::mailbox(),
        keys: Arc::new(TokenKeys::new(&[TokenKeys::generate()?])?),
        passwords: PasswordHasher::new(&clock)?,
        settings: Arc::new(Settings {
            public_url: "https://sheaf.example".into(),
            max_upload_bytes: 1,
            max_documents: 1,
            max_pages: 1,
            read_timeout: Duration::from_secs(1),
            program: "/nonexistent/sheaf".into(),
            pdfium: None,
            fonts: None,
        }),
        stripe: None,
        insights: None,
        known: Known::default(),
        clock,
        db,
    })
}
