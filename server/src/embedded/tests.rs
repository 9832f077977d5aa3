//! On a real Postgres: `scripts/with-servers` names one.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::*;
use crate::embedded::find_binaries;

#[test]
fn it_starts_stops_and_finds_its_data_again() {
    let home = home();
    let postgres = start(&home);
    assert_eq!(query(&postgres, "create table note (text text); insert into note values ('kept'); select 1"), "1");
    postgres.stop();

    let begin = Instant::now();
    let postgres = start(&home);
    assert!(begin.elapsed() < Duration::from_secs(3), "the second start took {:?}", begin.elapsed());
    assert_eq!(query(&postgres, "select text from note"), "kept");
}

#[test]
fn letters_outside_of_ascii_have_two_cases_and_bytes_decide_the_order() {
    let home = home();
    let postgres = start(&home);
    assert_eq!(query(&postgres, "select lower('ÉÄŽ')"), "éäž");
    assert_eq!(query(&postgres, "select datcollate from pg_database where datname = 'postgres'"), "C");
}

#[test]
fn a_server_that_a_killed_run_left_does_not_block_the_next() {
    let home = home();
    let postgres = start(&home);
    let pid = postgres.server.pid();
    query(&postgres, "create table note (text text)");
    // What the kernel does when we are killed: nothing of ours runs any more, and the lock is free.
    let lock = postgres._lock.try_clone().unwrap();
    std::mem::forget(postgres);
    lock.unlock().unwrap();

    let next = start(&home);
    assert!(!Path::new(&format!("/proc/{pid}/cwd")).exists(), "the old server is still there");
    assert_eq!(query(&next, "select count(*) from note"), "0");
}

#[test]
fn a_note_of_a_process_that_is_not_postgres_does_not_block() {
    let home = home();
    start(&home).stop();
    let note = home.path().join("db/cluster/postmaster.pid");
    fs::write(&note, format!("{}\n/nowhere\n", std::process::id())).unwrap();
    assert_eq!(query(&start(&home), "select 1"), "1");
}

#[test]
fn a_server_killed_outright_recovers() {
    let home = home();
    let postgres = start(&home);
    query(&postgres, "create table note (text text); insert into note values ('kept')");
    let pid = Pid::from_raw(postgres.server.pid().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    assert!(process::wait_until(Duration::from_secs(5), || !postgres.is_running()));
    drop(postgres);
    assert_eq!(query(&start(&home), "select text from note"), "kept");
}

#[test]
fn one_folder_has_one_user_at_a_time() {
    let home = home();
    let _first = start(&home);
    let second = EmbeddedPostgres::start(&home.path().join("db"), &programs(), |_| {});
    let Err(EmbeddedError::InUse { pid, .. }) = second else { panic!("two servers on one folder") };
    assert_eq!(pid, std::process::id().to_string());
}

#[test]
fn a_first_start_that_was_interrupted_begins_anew() {
    let home = home();
    let data = home.path().join("db");
    fs::create_dir_all(data.join("cluster.part/base")).unwrap();
    fs::write(data.join("password"), "from-the-first-try").unwrap();
    let postgres = start(&home);
    assert_eq!(postgres.password, "from-the-first-try");
    assert_eq!(query(&postgres, "select 1"), "1");
}

#[test]
fn the_password_is_asked_for_and_kept_from_others() {
    let home = home();
    let postgres = start(&home);
    let mode = fs::metadata(home.path().join("db/password")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let stranger = postgres.url("postgres").replace(&postgres.password, "guess");
    assert!(!psql(&stranger, "select 1").status.success());
}

#[test]
fn data_of_another_version_is_refused_with_its_number() {
    let home = home();
    fs::create_dir_all(home.path().join("db/cluster")).unwrap();
    fs::write(home.path().join("db/cluster/PG_VERSION"), "9\n").unwrap();
    let found = find_binaries(Some(&programs()), None, &home.path().join("db"));
    assert!(matches!(found, Err(EmbeddedError::OtherVersion { written_by: 9, .. })), "{found:?}");
}

#[test]
fn a_folder_without_postgres_is_refused_by_name() {
    let home = home();
    let found = find_binaries(Some(home.path()), None, &home.path().join("db"));
    assert!(matches!(found, Err(EmbeddedError::NotPostgres { .. })), "{found:?}");
}

/// A folder that the server's account may enter, whoever runs the tests.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    home
}

fn start(home: &TempDir) -> EmbeddedPostgres {
    let path = home.path().join("db");
    EmbeddedPostgres::start(&path, &programs(), |_| {}).unwrap_or_else(|error| panic!("{error}"))
}

fn programs() -> PathBuf {
    std::env::var_os("SHEAF_TEST_POSTGRES_BIN").expect("started by scripts/with-servers").into()
}

fn query(postgres: &EmbeddedPostgres, sql: &str) -> String {
    let output = psql(&postgres.url("postgres"), sql);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn psql(url: &str, sql: &str) -> std::process::Output {
    Command::new(programs().join("psql")).args([url, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql]).output().unwrap()
}
