//! The demo workspace: Ada at Acme, with documents made by the project.

use std::process::ExitCode;

use bytes::Bytes;
use domain::{
    ErrorKind, Result, Services,
    accounts::{self, SignUp},
    actor::{Member, Role},
    billing::Standing,
    db::setup,
    documents,
    id::{AccountId, SessionId, TenantId},
};

use crate::{boot, config::Config};

pub const EMAIL: &str = "ada@acme.example";
pub const PASSWORD: &str = "paper and ink";

/// Free to ship: written for this purpose, under the licence of the project.
const SAMPLES: [(&str, &[u8]); 6] = [
    ("Lease agreement.pdf", include_bytes!("../../seed/lease-agreement.pdf")),
    ("Quarterly review.docx", include_bytes!("../../seed/quarterly-review.docx")),
    ("Onboarding handbook.md", include_bytes!("../../seed/onboarding-handbook.md")),
    ("Invoices 2026.csv", include_bytes!("../../seed/invoices-2026.csv")),
    ("Meeting notes.txt", include_bytes!("../../seed/meeting-notes.txt")),
    ("Product page.html", include_bytes!("../../seed/product-page.html")),
];

/// Makes the demo workspace, unless it is there.
pub async fn seed(services: &Services) -> Result<()> {
    let form = SignUp::parse("Ada", "Acme", EMAIL, PASSWORD)?;
    let (account, tenant) = match accounts::make_account(services, form).await {
        Ok(made) => made,
        Err(error) if error.is(ErrorKind::Conflict) => return Ok(()),
        Err(error) => return Err(error),
    };
    let ada = owner(services, account, tenant);
    for (name, content) in SAMPLES {
        let source = futures::stream::iter([Ok(Bytes::from_static(content))]);
        documents::upload(services, &ada, name, true, source).await?;
    }
    tracing::info!("made the demo workspace");
    Ok(())
}

/// `sheaf seed`
pub async fn seed_alone(config: Config) -> Result<ExitCode> {
    let (databases, embedded) = boot::databases(&config).await?;
    let seeded = async {
        if let Some(owner) = &databases.owner {
            setup::migrate(owner).await?;
        }
        seed(&boot::services(&config, databases.open_app(&config))?).await
    };
    let seeded = seeded.await;
    embedded.stop();
    seeded?;
    Ok(ExitCode::SUCCESS)
}

fn owner(services: &Services, account: AccountId, tenant: TenantId) -> Member {
    let session = services.clock.id::<SessionId>();
    let (role, standing) = (Role::Owner, Standing::Good);
    Member { tenant, account, session, role, from: None, support: None, through: None, standing }
}
