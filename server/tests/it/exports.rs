//! The archive of a workspace: asked for and downloaded by its owner, and put back by the operator.

use std::process::Command;

use domain::db::setup::{self, WORKER};
use serde_json::{Value, json};

use crate::test_app::{PASSWORD, TestApp, eventually};

#[tokio::test]
async fn an_archive_is_downloaded_and_imported_by_the_command() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.reads("Lease.pdf", include_bytes!("../../seed/lease-agreement.pdf")).await;
    ada.post_form("/api/exports/ask", &[]).await;
    let id = eventually("the archive is made", async || {
        let exports: Value = ada.call("exports/list", json!({})).await.json().await;
        (exports[0]["state"] == "ready").then(|| exports[0]["id"].as_str().unwrap().to_owned())
    })
    .await;
    let page = ada.get("/settings/export").await.expect_status(200).await.text().await;
    assert!(page.contains(&format!("/settings/export/{id}/archive.zip")), "{page}");
    let file = ada.get(&format!("/settings/export/{id}/archive.zip")).await.expect_status(200).await;
    assert!(file.header("content-disposition").contains("sheaf-export-"));
    assert_eq!(file.header("content-type"), "application/zip");
    let archive = file.bytes().await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    eve.get(&format!("/settings/export/{id}/archive.zip")).await.expect_status(404).await;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    std::fs::write(&path, &archive[..archive.len() - 1]).unwrap();
    let new = ["--owner", "ada@acme.example", "--name", "Acme again"];
    let cut = app.command("import").arg(&path).args(new).output().unwrap();
    let told = String::from_utf8_lossy(&cut.stderr).into_owned();
    assert!(!cut.status.success() && told.contains("Nothing was imported"), "{told}");
    std::fs::write(&path, &archive).unwrap();
    let imported = app.command("import").arg(&path).args(new).output().unwrap();
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    assert!(String::from_utf8_lossy(&imported.stdout).contains("documents: 1,"));

    // No archive holds page images: a worker draws them.
    let mut superuser = app.superuser().await;
    eventually("the pages are drawn", async || {
        let drawn: bool = sqlx::query_scalar(
            "select d.has_images from document d join tenant t on t.tenant_id = d.tenant_id where t.name = 'Acme again'",
        )
        .fetch_one(&mut superuser)
        .await
        .unwrap();
        drawn.then_some(())
    })
    .await;
    let tenants: i64 = sqlx::query_scalar("select count(*) from tenant").fetch_one(&mut superuser).await.unwrap();
    assert_eq!(tenants, 3, "an archive that is refused makes no workspace");
}

#[tokio::test]
async fn a_workspace_comes_back_from_a_copy_of_the_database_and_nobody_else_notices() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let lease = ada.reads("Lease.pdf", include_bytes!("../../seed/lease-agreement.pdf")).await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    eve.reads("Plan.txt", "What Globex is up to.").await;
    // As it was at a moment, beside the database that goes on.
    let copy = copy_of_database(&app).await;
    ada.post_form("/api/documents/trash", &[("documents[0]", &lease.id.to_string())]).await;
    eve.reads("News.txt", "It came after that moment.").await;
    let mut superuser = app.superuser().await;
    let acme: uuid::Uuid =
        sqlx::query_scalar("select tenant_id from tenant where name = 'Acme'").fetch_one(&mut superuser).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.zip");
    let export = |tenant: String, path: &std::path::Path| {
        let mut command = app.command("export");
        command.env("SHEAF_WORKER_DATABASE_URL", &copy).arg(path).args(["--tenant", &tenant]).output().unwrap()
    };
    let none = export(uuid::Uuid::nil().to_string(), &path);
    assert!(!none.status.success() && !path.exists(), "{none:?}");
    let exported = export(acme.to_string(), &path);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    assert!(String::from_utf8_lossy(&exported.stdout).contains("documents: 1,"), "{exported:?}");
    let twice = export(acme.to_string(), &path);
    assert!(!twice.status.success(), "no file is written over");

    let before = eve.list().await;
    let new = ["--owner", "ada@acme.example", "--name", "Acme as it was"];
    let imported = app.command("import").arg(&path).args(new).output().unwrap();
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let said = String::from_utf8_lossy(&imported.stdout).into_owned();
    assert!(said.starts_with("made the workspace ") && said.contains("--tenant "), "{said}");
    assert_eq!(eve.list().await, before);
    let (documents, pages): (i64, i64) = sqlx::query_as(
        "select count(*), coalesce(sum(d.pages_read), 0)::bigint from document d join tenant t on t.tenant_id = d.tenant_id
         where t.name = 'Acme as it was' and d.trashed_at is null",
    )
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert_eq!((documents, pages), (1, i64::from(lease.pages_read)));
    let told: bool = sqlx::query_scalar(
        "select exists (select from audit_entry where tenant_id = $1 and act = 'tenant.export_downloaded')",
    )
    .bind(acme)
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert!(!told, "the log of the database that goes on knows nothing of what was done to the copy");
}

/// The database as it is now, under another name, and how a worker reaches that.
async fn copy_of_database(app: &TestApp) -> String {
    let name = app.admin.get_database().unwrap();
    let copy = format!("{name}_copy");
    setup::make_database(&app.admin, &copy).await.unwrap();
    let server = std::env::var("SHEAF_TEST_DATABASE_URL").unwrap();
    let address = |database: &str| format!("{}/{database}", server.rsplit_once('/').unwrap().0);
    let script = r#""$0/pg_dump" "$1" | "$0/psql" "$2" --no-psqlrc --quiet --output=/dev/null -v ON_ERROR_STOP=1"#;
    let mut copying = Command::new("bash");
    copying.args(["-eu", "-o", "pipefail", "-c", script]);
    copying.args([std::env::var("SHEAF_TEST_POSTGRES_BIN").unwrap(), address(name), address(&copy)]);
    assert!(copying.status().unwrap().success());
    let (host, port) = (app.admin.get_host(), app.admin.get_port());
    format!("postgres://{WORKER}:{PASSWORD}@{host}:{port}/{copy}")
}
