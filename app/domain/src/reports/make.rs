//! Making a report: gather what it says, typeset it in a child process, keep it, and tell whoever asked.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Report, ask::announce, gather, process, store, typesetter};
use crate::{
    Services,
    actor::{OnBehalf, System},
    error::{ErrorKind, Result},
    files,
    id::{ReportId, TenantId},
    insights::{self, ProductEvent},
    live,
    mail::{self, Message},
    queue::{JobContext, JobError, Progress},
};

/// Makes the report and enqueues the mail that says so. Done again, it makes the same file and sends no second mail.
pub async fn make_report(context: &JobContext, id: ReportId) -> Result<(), JobError> {
    let made = tokio::select! {
        made = make(context, id) => made,
        () = context.cancelled() => return Err(JobError::cancelled()),
    };
    match made {
        Err(error) if error.is(ErrorKind::NotFound) => Ok(()),
        // What is wrong with the question will be wrong again, and is told as it is.
        Err(error) if !error.kind.may_pass() => {
            fail(&context.services, context.tenant, id, &error.message).await?;
            Err(error.into())
        }
        made => Ok(made?),
    }
}

/// Tells that a report could not be made, when its job has failed for good and nobody has told why.
pub(super) async fn give_up(context: &JobContext, id: ReportId) -> Result<()> {
    let mut tx = context.services.db.tenant(&System::for_tenant(context.tenant)).await?;
    process::given_up(&context.services, &mut tx, id).await?;
    tx.commit().await
}

/// Tells that it was cancelled, when its job was while it ran.
pub(super) async fn call_off(context: &JobContext, id: ReportId) -> Result<()> {
    let mut tx = context.services.db.tenant(&System::for_tenant(context.tenant)).await?;
    process::cancelled(&context.services, &mut tx, id).await?;
    tx.commit().await
}

async fn make(context: &JobContext, id: ReportId) -> Result<()> {
    let (services, tenant) = (&*context.services, context.tenant);
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    store::begin(&mut tx, id).await?;
    let recipient = store::recipient(&mut tx, id).await?;
    announce(&mut tx, id).await?;
    tx.commit().await?;
    // What it says is what whoever asked for it may see, now.
    let mut tx = services.db.tenant(&OnBehalf { tenant, account: recipient.account }).await?;
    let report = store::find(&mut tx, id).await?;
    let (content, private) = gather::content(&mut tx, &report).await?;
    tx.commit().await?;
    context.progress(&Progress { stage: "typesetting".into(), done: 0, of: None }).await?;
    let made = typesetter::typeset(&services.settings, &content).await?;
    let sha256: [u8; 32] = Sha256::digest(&made.pdf).into();
    let bytes = made.pdf.len();
    context.keep_result(&json!({ "report": id, "pages": made.pages, "bytes": bytes }))?;
    let key = files::report_key(tenant, id);
    services.files.put(&key, made.pdf.into()).await?;
    let finished = store::Finished {
        object_key: &key,
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        sha256: &sha256,
        pages: i32::try_from(made.pages).unwrap_or(i32::MAX),
        documents: i32::try_from(content.documents.len()).unwrap_or(i32::MAX),
        private,
        now: services.clock.now(),
    };
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let before = store::audience(&mut tx, id).await?;
    if !store::finish(&mut tx, id, &finished).await? {
        // It was deleted meanwhile, and nobody is told that it is ready; the sweep deletes the file.
        return Ok(());
    }
    let after = store::audience(&mut tx, id).await?;
    let message = ready(services, &report, &recipient, made.pages, private);
    mail::send(services, &mut tx, &store::mail_key(id), message).await?;
    insights::note(services, &mut tx, ProductEvent::ReportMade { documents: finished.documents }).await?;
    live::announce_to(&mut tx, "report", id, &before.and(after)).await?;
    tx.commit().await
}

async fn fail(services: &Services, tenant: TenantId, id: ReportId, message: &str) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    store::fail(&mut tx, id, message, services.clock.now()).await?;
    announce(&mut tx, id).await?;
    tx.commit().await
}

/// Admins see the subject of a mail that could not be delivered, so that of a private report does not say its title.
fn ready(services: &Services, report: &Report, recipient: &store::Recipient, pages: u32, private: bool) -> Message {
    let counted = if pages == 1 { "1 page".to_owned() } else { format!("{pages} pages") };
    Message {
        recipient: recipient.email.clone(),
        subject: if private {
            "Your report is ready".into()
        } else {
            format!("Your report “{}” is ready", report.title)
        },
        greeting: format!("Hello {},", recipient.name),
        paragraphs: vec![format!("Your report “{}” is ready: {counted}, as a PDF.", report.title)],
        action: Some(("Open the report".into(), format!("{}/reports/{}", services.settings.public_url, report.id))),
    }
}
