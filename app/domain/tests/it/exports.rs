//! A workspace as an archive, and back.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use chrono::TimeDelta;
use domain::{
    ErrorKind, Result,
    actor::{Member, Role},
    clock::Clock,
    documents::{self, ListQuery, Upload},
    exports::{self, Archive, ExportState, Imported, MakeExport},
    files,
    id::{DocumentId, ExportId, TenantId},
    queue::{self, Concurrency, Registry},
};
use futures::TryStreamExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Executor};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::world::World;

/// What stands at the end of every archive, before the hash.
const SEAL: &str = "Sheaf export 1. SHA-256 of all bytes before it: ";

const MANIFEST: &str = "manifest.json";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_exported_and_imported_is_exported_again() {
    let world = World::new().await;
    let [lease, ..] = fill(&world).await;
    let first = export(&world, &world.ada).await;
    let copy = found(&world).await;
    let folder = tempfile::tempdir().unwrap();
    let imported = import(&world, copy, &first, folder.path()).await.unwrap();
    let expected = Imported { documents: 4, pages: 2, reports: 1, strangers: Vec::new() };
    assert_eq!(imported, expected);

    let ada = Member { tenant: copy, ..world.ada.clone() };
    let second = export(&world, &ada).await;
    let (mut first, mut second) = (unpacked(&first), unpacked(&second));
    let log = first.remove("audit.jsonl").unwrap();
    second.remove("audit.jsonl").unwrap();
    let kept = second.keys().find(|name| name.starts_with("imported-audit/")).unwrap().clone();
    assert_eq!(second.remove(&kept).unwrap(), log, "the audit log of the first workspace is kept");
    for archive in [&mut first, &mut second] {
        // The workspace, the time, and when one has joined.
        archive.remove(MANIFEST).unwrap();
        assert_eq!(String::from_utf8(archive.remove("members.jsonl").unwrap()).unwrap().lines().count(), 1);
    }
    let names = |archive: &BTreeMap<String, Vec<u8>>| archive.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&first), names(&second));
    for (name, content) in &first {
        assert!(second[name] == *content, "{name} differs");
    }

    // And it is a workspace like any other.
    let page = documents::page(&world.services, &ada, lease, 2, None).await.unwrap();
    assert_eq!((page.words.len(), page.width), (1, 595.28));
    let found = domain::search::search(&world.services, &ada, "heron").await.unwrap();
    assert_eq!(found.documents.len(), 1, "what was imported is found");
    assert_eq!(documents::list(&world.services, &world.eve, &ListQuery::default()).await.unwrap().documents, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_tells_of_everything_in_documented_lines() {
    let world = World::new().await;
    fill(&world).await;
    let files = unpacked(&export(&world, &world.ada).await);
    let manifest: Value = serde_json::from_slice(&files[MANIFEST]).unwrap();
    let counts = json!({ "documents": 4, "pages": 2, "members": 1, "reports": 1, "left_out": 0,
                         "audit_entries": files["audit.jsonl"].iter().filter(|byte| **byte == b'\n').count() });
    assert_eq!(manifest["counts"], counts);
    assert_eq!(manifest["workspace"]["name"], "Acme");
    assert_eq!(manifest["files"].as_array().unwrap().len(), files.len() - 1);
    let documents = String::from_utf8(files["documents.jsonl"].clone()).unwrap();
    let readme = String::from_utf8(files["README.txt"].clone()).unwrap();
    let line: Value = serde_json::from_str(documents.lines().next().unwrap()).unwrap();
    for field in line.as_object().unwrap().keys() {
        assert!(readme.contains(&format!("`{field}`")), "{field} is not documented");
    }
    assert!(!documents.contains(&world.acme.to_string()), "a document is told without its tenant");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_cut_or_altered_is_refused() {
    let world = World::new().await;
    fill(&world).await;
    let whole = export(&world, &world.ada).await;
    let copy = found(&world).await;
    let folder = tempfile::tempdir().unwrap();
    for cut in 0..20 {
        must_refuse(&world, copy, &whole[..whole.len() * cut / 20], folder.path(), &format!("cut at {cut}/20")).await;
    }
    for place in 0..50 {
        let mut altered = whole.clone();
        let at = (whole.len() - 1) * place / 49;
        altered[at] ^= 1;
        must_refuse(&world, copy, &altered, folder.path(), &format!("altered at byte {at} of {}", whole.len())).await;
    }
    import(&world, copy, &whole, folder.path()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_made_to_do_harm_is_refused_though_its_seal_fits() {
    let world = World::new().await;
    fill(&world).await;
    let files = unpacked(&export(&world, &world.ada).await);
    let copy = found(&world).await;
    let folder = tempfile::tempdir().unwrap();
    let original = files.keys().find(|name| name.starts_with("originals/")).unwrap().clone();
    let pages = files.keys().find(|name| name.starts_with("pages/")).unwrap().clone();

    for name in [original.as_str(), pages.as_str(), "audit.jsonl", "documents.jsonl", MANIFEST] {
        let mut less = files.clone();
        less.remove(name);
        must_refuse(&world, copy, &packed(&less), folder.path(), &format!("without {name}")).await;
        if name != MANIFEST {
            must_refuse(&world, copy, &packed(&told(less)), folder.path(), &format!("without {name}, and told")).await;
        }
    }
    let stray = format!("originals/{}", world.services.clock.id::<DocumentId>());
    for name in
        ["extra.txt", "../../etc/cron.d/evil", "/etc/passwd", "originals/../../evil", "originals/", stray.as_str()]
    {
        let mut more = files.clone();
        more.insert(name.to_owned(), b"evil".to_vec());
        must_refuse(&world, copy, &packed(&more), folder.path(), &format!("with {name}")).await;
        must_refuse(&world, copy, &packed(&told(more)), folder.path(), &format!("with {name}, and told")).await;
    }
    for (name, from, to) in [
        (original.as_str(), "", "more"),
        ("documents.jsonl", "lease.pdf", "../lease.pdf"),
        ("documents.jsonl", "\"waiting\"", "\"reading\""),
        ("documents.jsonl", "\"waiting\"", "\"forgotten\""),
        ("documents.jsonl", "\"pages_read\": 2", "\"pages_read\": 3"),
        ("documents.jsonl", "\"author\"", "\"tenant_id\""),
        ("documents.jsonl", "\"text\"", "\"virus\""),
        ("reports.jsonl", "\"ready\"", "\"making\""),
        ("reports.jsonl", "\"documents\": [", "\"tables\": ["),
        (pages.as_str(), "sheaf_english", "sheaf_klingon"),
        (pages.as_str(), "\"number\": 2", "\"number\": 1"),
        (pages.as_str(), "\"number\": 2", "\"number\": -2"),
        (pages.as_str(), "[[\"heron\",", "[[7,"),
        (pages.as_str(), "heron", "\\u0000"),
    ] {
        let mut altered = files.clone();
        let text = String::from_utf8(altered[name].clone()).unwrap();
        let other = if from.is_empty() { format!("{text}{to}") } else { text.replace(from, to) };
        assert_ne!(text, other, "{name} has no {from}");
        altered.insert(name.to_owned(), other.into_bytes());
        must_refuse(&world, copy, &packed(&altered), folder.path(), &format!("{name}: {to}")).await;
        must_refuse(&world, copy, &packed(&told(altered)), folder.path(), &format!("{name}: {to}, and told")).await;
    }
    let mut later = files.clone();
    let manifest = String::from_utf8(later[MANIFEST].clone()).unwrap().replace("\"version\":1", "\"version\":2");
    later.insert(MANIFEST.into(), manifest.into_bytes());
    must_refuse(&world, copy, &packed(&later), folder.path(), "of a later version").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_unpacks_to_far_more_is_refused() {
    let world = World::new().await;
    fill(&world).await;
    let mut bomb = unpacked(&export(&world, &world.ada).await);
    let copy = found(&world).await;
    let folder = tempfile::tempdir().unwrap();
    bomb.insert("audit.jsonl".into(), vec![b' '; 300_000_000]);
    // It says that it is small,
    must_refuse(&world, copy, &packed(&bomb), folder.path(), "a bomb in disguise").await;
    // or how large it is.
    must_refuse(&world, copy, &packed(&told(bomb)), folder.path(), "a bomb").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_owners_export_one_archive_at_a_time_and_a_stranger_gets_none() {
    let world = World::new().await;
    let (services, ada, eve) = (&world.services, &world.ada, &world.eve);
    for role in [Role::Viewer, Role::Member, Role::Admin] {
        let bob = Member { role, ..ada.clone() };
        assert_eq!(exports::ask(services, &bob).await.unwrap_err().kind, ErrorKind::Forbidden, "{role:?}");
        assert_eq!(exports::list(services, &bob).await.unwrap_err().kind, ErrorKind::Forbidden, "{role:?}");
    }
    let (id, _) = exports::ask(services, ada).await.unwrap();
    assert_eq!(exports::ask(services, ada).await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(exports::download(services, ada, id).await.err().unwrap().kind, ErrorKind::Conflict);
    make(&world, ada, id).await;
    let admin = Member { role: Role::Admin, ..ada.clone() };
    assert_eq!(exports::download(services, &admin, id).await.err().unwrap().kind, ErrorKind::Forbidden);
    assert_eq!(exports::download(services, eve, id).await.err().unwrap().kind, ErrorKind::NotFound);
    assert_eq!(exports::list(services, eve).await.unwrap(), []);
    let mail = world.mail_to("ada@acme.example").await.unwrap();
    assert!(mail.text_body.contains("https://sheaf.example/settings/export"), "{}", mail.text_body);
    exports::download(services, ada, id).await.unwrap();
    let acts: Vec<String> =
        sqlx::query_scalar("select act from audit_entry where subject_id = $1 order by created_at, id")
            .bind(id.0)
            .fetch_all(&mut world.superuser().await)
            .await
            .unwrap();
    assert_eq!(acts, ["tenant.export_asked", "tenant.export_downloaded"]);
    // Another may be asked for now.
    exports::ask(services, ada).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_deleted_after_a_week() {
    let world = World::new().await;
    let (id, _) = exports::ask(&world.services, &world.ada).await.unwrap();
    make(&world, &world.ada, id).await;
    let mut later = world.workers.clone();
    later.clock = Clock::manual(world.services.clock.now() + TimeDelta::days(6));
    exports::sweep(&later, world.acme).await.unwrap();
    assert!(exports::download(&world.services, &world.ada, id).await.is_ok());
    let orphan = files::export_key(world.acme, world.services.clock.id());
    world.services.files.put(&orphan, Bytes::from_static(b"orphan")).await.unwrap();
    later.clock.advance(TimeDelta::days(2));
    exports::sweep(&later, world.acme).await.unwrap();
    let gone = exports::download(&world.services, &world.ada, id).await.err().unwrap();
    assert_eq!(gone.kind, ErrorKind::NotFound);
    assert_eq!(objects(&world, world.acme).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_imported_into_a_workspace_that_is_in_use_or_that_nobody_has() {
    let world = World::new().await;
    fill(&world).await;
    let archive = export(&world, &world.ada).await;
    let folder = tempfile::tempdir().unwrap();
    upload(&world, &world.eve, "own.txt", b"Nothing of note.").await;
    let taken = import(&world, world.globex, &archive, folder.path()).await.unwrap_err();
    assert_eq!(taken.kind, ErrorKind::Conflict);
    let nowhere = import(&world, world.services.clock.id(), &archive, folder.path()).await.unwrap_err();
    assert_eq!(nowhere.kind, ErrorKind::NotFound);
    let eves = documents::list(&world.services, &world.eve, &ListQuery::default()).await.unwrap();
    assert_eq!((eves.total, objects(&world, world.globex).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_cannot_ask_who_has_an_account() {
    let world = World::new().await;
    let [lease, ..] = fill(&world).await;
    // Somebody writes Eve's address into the archive, where she never was.
    let mut files = unpacked(&export(&world, &world.ada).await);
    let ada = world.ada.account.to_string();
    for name in ["members.jsonl", "documents.jsonl", "reports.jsonl"] {
        let text = String::from_utf8(files[name].clone()).unwrap();
        let invented = text.replace(&ada, "018f0000-0000-7000-8000-00000000000a");
        files.insert(name.into(), invented.replace("ada@acme.example", "eve@globex.example").into_bytes());
    }
    let copy = found(&world).await;
    let folder = tempfile::tempdir().unwrap();
    let imported = import(&world, copy, &packed(&told(files)), folder.path()).await.unwrap();
    assert_eq!(imported.strangers, ["eve@globex.example"]);
    let ada = Member { tenant: copy, ..world.ada.clone() };
    assert_eq!(documents::find(&world.services, &ada, lease).await.unwrap().uploaded_by, "Ada");
}

/// Documents in several states, one of them in the trash, and a report. The first is read, with two pages.
async fn fill(world: &World) -> [DocumentId; 4] {
    let lease = upload(world, &world.ada, "lease.pdf", b"%PDF-1.7 lease").await;
    let notes = upload(world, &world.ada, "notes.txt", b"notes that wait").await;
    let drawing = upload(world, &world.ada, "drawing.dwg", b"AC1027 drawing").await;
    let old = upload(world, &world.ada, "old.pdf", b"%PDF-1.7 old").await;
    documents::trash(&world.services, &world.ada, &[old]).await.unwrap();
    let (acme, ada, report) = (world.acme, world.ada.account, world.services.clock.id::<domain::id::ReportId>());
    let pdf = b"%PDF-1.7 report";
    world.services.files.put(&files::report_key(acme, report), Bytes::from_static(pdf)).await.unwrap();
    let rows = format!(
        r#"update document set state = 'read', language = 'eng', title = 'Lease', pages = 2, pages_read = 2, words = 3,
                  read_at = now(), has_images = true, outline = '[{{"title": "Rent", "level": 0, "page": 2}}]'
           where id = '{lease}';
           update document set state = 'unreadable', failure = 'damaged', read_at = now() where id = '{old}';
           insert into page (tenant_id, document_id, number, width, height, text, words, word_count, config, tsv)
           select '{acme}', '{lease}', number, 595.28, 841.89, 'the heron pays', '[["heron", 72.1, 33.333, 40.05, 12]]', 3,
                  'sheaf_english', to_tsvector('sheaf_english', 'the heron pays') || array_to_tsvector('{{sheaf_english}}')
           from generate_series(1, 2) as number;
           insert into report (tenant_id, id, title, scope, state, object_key, bytes, sha256, pages, documents, made_by,
                               created_at, finished_at)
           values ('{acme}', '{report}', 'Rent', '{{"documents": ["{lease}"]}}', 'ready', '{}', {}, sha256('{}'), 1, 1,
                   '{ada}', now(), now())"#,
        files::report_key(acme, report),
        pdf.len(),
        String::from_utf8_lossy(pdf),
    );
    world.superuser().await.execute(AssertSqlSafe(rows)).await.unwrap();
    [lease, notes, drawing, old]
}

async fn upload(world: &World, member: &Member, name: &str, content: &'static [u8]) -> DocumentId {
    let source = futures::stream::iter([Ok(Bytes::from_static(content))]);
    match documents::upload(&world.services, member, name, false, source).await.unwrap() {
        Upload::Accepted { document, .. } => document,
        Upload::AlreadyHere { .. } => panic!("it was here already"),
    }
}

/// The bytes of an archive of the member's workspace.
async fn export(world: &World, member: &Member) -> Vec<u8> {
    let (id, _) = exports::ask(&world.services, member).await.unwrap();
    make(world, member, id).await;
    let file = exports::download(&world.services, member, id).await.unwrap();
    let content: Vec<Bytes> = file.content.try_collect().await.unwrap();
    assert_eq!(content.iter().map(Bytes::len).sum::<usize>() as u64, file.bytes);
    content.concat()
}

/// Has a worker make an archive that was asked for.
async fn make(world: &World, member: &Member, id: ExportId) {
    let shutdown = CancellationToken::new();
    let registry = Registry::new().register::<MakeExport>();
    let work = queue::work(world.workers.clone(), registry, Concurrency::default(), shutdown.clone());
    let work = tokio::spawn(work);
    let made = async {
        loop {
            let exports = exports::list(&world.services, member).await.unwrap();
            let export = exports.into_iter().find(|export| export.id == id).unwrap();
            if !export.state.is_busy() {
                return export;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let export = tokio::time::timeout(Duration::from_secs(60), made).await.unwrap();
    shutdown.cancel();
    work.await.unwrap().unwrap();
    assert_eq!(export.state, ExportState::Ready, "{:?}", export.failure);
}

/// Another workspace of Ada's, with nothing in it.
async fn found(world: &World) -> TenantId {
    exports::found_tenant(&world.services, "ada@acme.example", "Acme again").await.unwrap()
}

async fn import(world: &World, tenant: TenantId, archive: &[u8], folder: &Path) -> Result<Imported> {
    let archive = Archive::open(written(archive, folder)).await?;
    exports::import(&world.workers, tenant, &archive).await
}

/// It is refused with a reason, and the workspace has no row and no object of it.
async fn must_refuse(world: &World, tenant: TenantId, archive: &[u8], folder: &Path, case: &str) {
    let error = import(world, tenant, archive, folder).await.expect_err(case);
    assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("archive")), "{case}: {error}");
    assert!(error.message.ends_with("Nothing was imported."), "{case}: {error}");
    let rows: i64 = sqlx::query_scalar(
        "select (select count(*) from document where tenant_id = $1) + (select count(*) from page where tenant_id = $1)
                + (select count(*) from report where tenant_id = $1) + (select count(*) from job where tenant_id = $1)",
    )
    .bind(tenant.0)
    .fetch_one(&mut world.superuser().await)
    .await
    .unwrap();
    assert_eq!((rows, objects(world, tenant).await), (0, 0), "{case}");
}

async fn objects(world: &World, tenant: TenantId) -> usize {
    let listed: Vec<_> = world.services.files.list(&tenant.to_string()).try_collect().await.unwrap();
    listed.len()
}

fn written(archive: &[u8], folder: &Path) -> PathBuf {
    let path = folder.join("archive.zip");
    std::fs::write(&path, archive).unwrap();
    path
}

fn unpacked(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let (name, mut content) = (file.name().unwrap().into_owned(), Vec::new());
        file.read_to_end(&mut content).unwrap();
        files.insert(name, content);
    }
    files
}

/// The same files under a manifest that says what they are.
fn told(mut files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let mut manifest: Value = serde_json::from_slice(&files.remove(MANIFEST).unwrap()).unwrap();
    let told = |(name, content): (&String, &Vec<u8>)| {
        let sha256: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "name": name, "bytes": content.len(), "sha256": sha256 })
    };
    manifest["files"] = files.iter().map(told).collect();
    files.insert(MANIFEST.into(), manifest.to_string().into_bytes());
    files
}

/// An archive of these files with a seal that fits.
fn packed(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.set_comment(format!("{SEAL}{}", "0".repeat(64))).unwrap();
    for (name, content) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(content).unwrap();
    }
    let path = written(zip.finish().unwrap().get_ref(), folder.path());
    exports::seal(&path).unwrap();
    std::fs::read(&path).unwrap()
}
