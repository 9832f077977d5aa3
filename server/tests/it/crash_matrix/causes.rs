//! What has a job of each kind come into the queue, by the door that it has in the product.

use std::{fs::File, time::SystemTime};

use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::{kind::Kind, stage::Stage};

const LEASE: &[u8] = include_bytes!("../../../seed/lease-agreement.pdf");

const NOTES: [(&str, &[u8]); 3] =
    [("one.txt", b"A sheaf is bound."), ("two.txt", b"It is carried home."), ("three.txt", b"It is threshed.")];

/// Brings it about that there is work of this kind, or will be as soon as a worker looks after the schedules.
pub async fn cause(kind: Kind, stage: &mut Stage) {
    match kind {
        // What her sign-up has left.
        Kind::SendMail | Kind::TellEvent => {}
        Kind::ReadDocument => {
            let id = stage.ada.uploads("Lease.pdf", LEASE).await;
            stage.documents.push(id);
        }
        Kind::MakeReport => {
            stage.reads(&[("Lease.pdf", LEASE)]).await;
            stage.ada.post_form("/api/reports/ask", &[("title", "Rent"), ("q", "rent")]).await;
        }
        Kind::MakeExport => {
            stage.reads(&[("Lease.pdf", LEASE)]).await;
            stage.ada.post_form("/api/exports/ask", &[]).await;
        }
        Kind::DrawPages => import(stage).await,
        Kind::ReadAllAgain => {
            stage.reads(&NOTES).await;
            stage.ada.post_form("/api/documents/read_all_again", &[]).await.expect_status(202).await;
        }
        Kind::ResumeHeld => hold_and_restore(stage).await,
        Kind::TellUsage => use_up(stage).await,
        Kind::CountRevenue => stage.reads(&NOTES[..1]).await,
        Kind::Sweep => trash_long_ago(stage).await,
    }
}

/// An archive has no page images, so that they are drawn of what is imported.
async fn import(stage: &mut Stage) {
    stage.reads(&[("Lease.pdf", LEASE)]).await;
    stage.ada.post_form("/api/exports/ask", &[]).await;
    stage.does(Kind::MakeExport).await;
    let exports: Value = stage.ada.call("exports/list", json!({})).await.expect_status(200).await.json().await;
    let address = format!("/settings/export/{}/archive.zip", exports[0]["id"].as_str().unwrap());
    let archive = stage.ada.get(&address).await.expect_status(200).await.bytes().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    std::fs::write(&path, archive).unwrap();
    let new = ["--owner", "ada@acme.example", "--name", "Acme again"];
    let mut import = stage.app.command("import");
    import.arg(&path).args(new);
    let imported = spawn_blocking(move || import.output()).await.unwrap().unwrap();
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
}

/// Two documents that are to be read again wait for credits, until there are some and a third comes back from the trash. What there
/// are is changed by hand: nobody uses up the credits of a trial for a test.
async fn hold_and_restore(stage: &mut Stage) {
    stage.reads(&NOTES).await;
    schedules_are_done(stage).await;
    stage.change("update tenant_meter set granted = included").await;
    let (first, second, third) = (&stage.documents[0], &stage.documents[1], &stage.documents[2]);
    let chosen = [("documents[0]", first.as_str()), ("documents[1]", second.as_str())];
    stage.ada.post_form("/api/documents/read_again", &chosen).await;
    let other = [("documents[0]", third.as_str())];
    stage.ada.post_form("/api/documents/trash", &other).await;
    assert_eq!(stage.number("select count(*) from document where state = 'held'").await, 2);
    stage.change("update tenant_meter set granted = included + 100").await;
    stage.ada.post_form("/api/documents/restore", &[("documents[0]", stage.documents[2].as_str())]).await;
}

/// As if the credits of the month were used up, which the next upload finds. Those that are left are as they were, so that it is
/// taken in.
async fn use_up(stage: &mut Stage) {
    stage.reads(&NOTES[..1]).await;
    schedules_are_done(stage).await;
    stage.change("update tenant_meter set used = granted").await;
    stage.ada.uploads("more.txt", "There is more.").await;
}

/// A document in the trash is due, and no file is so young that it could be of an upload that is under way. No test waits for weeks.
async fn trash_long_ago(stage: &mut Stage) {
    stage.reads(&[("Lease.pdf", LEASE), NOTES[0]]).await;
    let trashed = [("documents[0]", stage.documents[0].as_str())];
    stage.ada.post_form("/api/documents/trash", &trashed).await;
    stage.change("update document set trashed_at = now() - interval '10 years' where trashed_at is not null").await;
    for key in stage.stored("documents") {
        let file = File::options().write(true).open(stage.store().join(key)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
}

/// Workers of billing look after schedules too, one of which enqueues jobs. They are made here, so that a worker that dies behind a
/// job that it has enqueued dies in its own.
async fn schedules_are_done(stage: &mut Stage) {
    stage.does(Kind::CountRevenue).await;
}
