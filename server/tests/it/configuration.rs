//! Settings, and what is said when they are wrong.

use std::process::Output;

use crate::test_app::{TestApp, pooler};

#[tokio::test]
async fn a_wrong_setting_is_refused_by_name() {
    let app = TestApp::prepare().await;
    for (name, value) in [
        ("SHEAF_ADDRESS", "nonsense"),
        ("SHEAF_URL", "ftp://x"),
        ("SHEAF_MAX_UPLOAD_MB", "-1"),
        ("SHEAF_TOKEN_KEYS", "!"),
        ("SHEAF_DATABASE_POOLER", "session"),
        ("SHEAF_KINDS", "reading,nonsense"),
        ("SHEAF_CONCURRENCY", "mail=many"),
    ] {
        let output = app.command("serve").env(name, value).output().unwrap();
        assert!(!output.status.success(), "{name}={value}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let flag = name.trim_start_matches("SHEAF_").to_lowercase().replace('_', "-");
        assert!(said.contains(name) || said.contains(&flag), "{name}: {said}");
    }
}

#[tokio::test]
async fn work_that_there_is_not_is_refused_with_what_there_is() {
    let app = TestApp::prepare().await;
    let output = app.command("work").env("SHEAF_KINDS", "mial").output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        ["--kinds", "mial", "mail (send_mail)", "reading (read_document"].iter().all(|part| said.contains(part)),
        "{said}"
    );
}

#[tokio::test]
async fn the_doctor_says_what_is_broken_and_how_to_mend_it() {
    let app = TestApp::prepare().await;
    let well = said(&app.command("doctor").output().unwrap());
    for part in ["database", "migrations", "roles", "redis", "store", "mail"] {
        assert!(well.contains(&format!("ok      {part}")), "{well}");
    }
    for part in ["pooler", "session"] {
        assert_eq!(well.contains(&format!("ok      {part}")), pooler().is_some(), "{well}");
    }
    let output = app
        .command("doctor")
        .env("SHEAF_REDIS_URL", "redis://127.0.0.1:1/")
        .env("SHEAF_SMTP_URL", "smtp://127.0.0.1:1")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let sick = said(&output);
    assert!(sick.contains("broken  redis: check SHEAF_REDIS_URL") && sick.contains("broken  mail"), "{sick}");
}

#[tokio::test]
async fn a_pooler_needs_a_way_around_it_and_the_doctor_knows_one() {
    let app = TestApp::prepare().await;
    let mut doctor = app.command("doctor");
    doctor.env("SHEAF_DATABASE_POOLER", "transaction").env_remove("SHEAF_SESSION_DATABASE_URL");
    let without = said(&doctor.output().unwrap());
    assert!(without.contains("broken  database") && without.contains("SHEAF_SESSION_DATABASE_URL"), "{without}");
    if let Some(pooler) = pooler() {
        let (host, port) = (pooler.get_host(), pooler.get_port());
        let database = app.admin.get_database().unwrap();
        doctor.env("SHEAF_SESSION_DATABASE_URL", format!("postgres://sheaf_app:test@{host}:{port}/{database}"));
        let through = said(&doctor.output().unwrap());
        assert!(through.contains("ok      pooler") && through.contains("broken  session"), "{through}");
    }
}

#[tokio::test]
async fn migrate_needs_the_owner_and_says_so() {
    let app = TestApp::prepare().await;
    let output = app.command("migrate").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("SHEAF_OWNER_DATABASE_URL"));
}

#[tokio::test]
async fn a_second_role_without_the_first_is_refused_before_anything_starts() {
    let app = TestApp::prepare().await;
    let others =
        ["SHEAF_OWNER_DATABASE_URL", "SHEAF_WORKER_DATABASE_URL", "SHEAF_SESSION_DATABASE_URL", "SHEAF_REPLICA_URLS"];
    for name in others {
        for role in ["serve", "migrate", "doctor"] {
            let mut command = app.command(role);
            for other in ["SHEAF_DATABASE_URL", "SHEAF_WORKER_DATABASE_URL", "SHEAF_SESSION_DATABASE_URL"] {
                command.env_remove(other);
            }
            let output = command.env(name, "postgres://sheaf_owner:secret@127.0.0.1:1/sheaf").output().unwrap();
            assert!(!output.status.success(), "{role} with {name} alone");
            let told = said(&output) + &String::from_utf8_lossy(&output.stderr);
            assert!(told.contains(name) && told.contains("SHEAF_DATABASE_URL is not"), "{role}: {told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
