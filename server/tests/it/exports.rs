//! The archive of a workspace: asked for and downloaded by its owner, and put back by the operator.

use serde_json::{Value, json};

use crate::test_app::{TestApp, eventually};

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
