//! A transaction without a tenant is for a few acts. Whoever adds one adds it here, with the reason.

use std::{fs, path::Path};

/// The files that open one, and why each may.
const ALLOWED: [(&str, &str); 9] = [
    ("accounts/mails.rs", "an account's mails go to the first of its tenants, which is not known yet"),
    ("accounts/recovery.rs", "a forgotten password comes before any tenant"),
    ("accounts/sessions.rs", "a session is found before its tenant is"),
    ("accounts/sign_in.rs", "an address is looked up before any tenant is known"),
    ("accounts/sign_up.rs", "an address is looked up before its tenant is made"),
    ("db/checks.rs", "the doctor asks about the database, and about no tenant"),
    ("db/setup.rs", "the list of the migrations is no tenant's"),
    ("mail/mod.rs", "the mailbox page of a developer looks for an address across tenants"),
    ("tenants/mod.rs", "housekeeping lists the tenants, to visit each on its own"),
];

#[test]
fn only_these_files_open_a_transaction_without_a_tenant() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    visit(&source, &mut |path, text| {
        if text.contains("db.system()") || text.contains("db.account(") {
            found.push(path.strip_prefix(&source).unwrap().to_string_lossy().into_owned());
        }
    });
    found.sort();
    let allowed: Vec<_> = ALLOWED.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(found, allowed);
}

#[test]
fn only_the_queue_knows_apalis_and_only_the_cache_knows_redis() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    visit(&source, &mut |path, text| {
        let path = path.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
        assert!(path.starts_with("queue/") || !text.contains("apalis::"), "{path} knows apalis");
        assert!(path == "cache.rs" || !text.contains("redis::"), "{path} knows redis");
        let is_store = path.contains("store") || path.starts_with("db/") || path.starts_with("queue/");
        let has_own_sql = ["audit/mod.rs", "live.rs"].contains(&path.as_str());
        assert!(is_store || has_own_sql || !text.contains("sqlx::query"), "{path} has SQL outside of a store");
    });
}

fn visit(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, see);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            see(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
