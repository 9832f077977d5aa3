//! The audit log: who reads it, and that nobody changes it unseen.

use std::net::IpAddr;

use bytes::Bytes;
use domain::{
    ErrorKind,
    actor::{Member, Role},
    audit::{self, Act, AuditQuery, ExportFormat, Verified},
};
use futures::{TryStreamExt, future::join_all};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use uuid::Uuid;

use crate::{probe::Probe, world::World};

/// SQLSTATE: insufficient privilege.
const DENIED: &str = "42501";

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_are_written_at_once_are_one_chain() {
    let world = World::new().await;
    let writing = (0..20).map(|_| record(&world, &world.ada, Act::DocumentUploaded));
    join_all(writing).await;
    record(&world, &world.eve, Act::DocumentUploaded).await;
    let verified = verified(&world).await;
    assert_eq!((verified.findings, verified.entries), (vec![], 21), "what made the workspace is the first");
    let numbers: Vec<i64> = log(&world, &world.ada).await.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=21).rev().collect::<Vec<_>>());
    assert_eq!(log(&world, &world.eve).await.len(), 2);
}

#[tokio::test]
async fn whatever_is_done_to_the_log_is_found() {
    let world = World::new().await;
    for act in [Act::DocumentUploaded, Act::DocumentTrashed, Act::DocumentDeleted, Act::ReportAsked, Act::SignedIn] {
        record(&world, &world.ada, act).await;
    }
    let acme = world.acme;
    let changed = |set: &str, number: u32| {
        format!("update audit_entry set {set} where tenant_id = '{acme}' and number = {number};")
    };
    let deleted = |which: &str| format!("delete from audit_entry where tenant_id = '{acme}' and number {which};");
    let rehashed = |number: u32| changed("hash = audit_hash(audit_entry)", number);
    let not_written = "Entry 3 is not what was written there";
    let cases = [
        (changed("act = 'report.asked'", 3), not_written),
        (changed("account_id = null", 3), not_written),
        (changed("subject_id = gen_random_uuid()", 3), not_written),
        (changed("created_at = created_at - interval '1 microsecond'", 3), not_written),
        (changed("address = '192.0.2.1'", 3), not_written),
        (changed("detail = '{\"role\": \"owner\"}'", 3), not_written),
        (changed("id = gen_random_uuid()", 3), not_written),
        (changed("hash = sha256('')", 3), not_written),
        (changed("act = 'report.asked'", 3) + &rehashed(3), "Entry 4 does not follow the entry before it"),
        (changed("act = 'report.asked'", 6) + &rehashed(6), "Entry 6 is not the one that was written last"),
        (deleted("= 3"), "Entry 3 is missing"),
        (deleted("in (3, 4)"), "Entries 3 to 4 are missing"),
        (deleted("= 1"), "Entry 1 is missing"),
        (deleted("> 4"), "Entries 5 to 6 are missing"),
        (deleted("> 0"), "Entries 1 to 6 are missing"),
        (deleted("> 4") + &format!("delete from audit_head where tenant_id = '{acme}';"), "the end may be missing"),
        (deleted("= 6") + &changed("number = 6", 5), "Entry 5 is missing"),
        (changed("number = 9", 3) + &changed("number = 3", 4) + &changed("number = 4", 9), not_written),
    ];
    let mut superuser = world.superuser().await;
    superuser.execute(KEEP).await.unwrap();
    for (tampering, finding) in cases {
        superuser.execute(AssertSqlSafe(tampering.clone())).await.unwrap();
        let found = verified(&world).await.findings;
        assert!(found.iter().any(|found| found.contains(finding)), "{tampering} gives {found:?}");
        restore(&mut superuser).await;
        assert_eq!(verified(&world).await.findings, [""; 0], "after {tampering}");
    }
    let of_eve = audit::verify(&world.workers, world.globex).await.unwrap();
    assert_eq!((of_eve.findings.len(), of_eve.entries), (0, 1));
}

#[tokio::test]
async fn an_entry_is_hashed_alike_on_both_sides_whatever_it_holds() {
    let world = World::new().await;
    for from in ["192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7", "::1"] {
        let member = Member { from: Some(from.parse::<IpAddr>().unwrap()), ..world.ada.clone() };
        let detail = json!({ "name": "„Ünïcode“ \n \u{1f4c4} \"x\"", "number": 1.50, "none": null, "list": [1, "2"] });
        let mut tx = world.services.db.tenant(&member).await.unwrap();
        let (clock, subject) = (&world.services.clock, world.ada.account.0);
        audit::record_detail(&mut tx, clock, Act::RoleChanged, subject, detail).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(verified(&world).await.findings, [""; 0]);
    let newest = log(&world, &world.ada).await.remove(1);
    assert_eq!((newest.from.as_deref(), newest.who.as_deref()), (Some("::ffff:192.0.2.7"), Some("Ada")));
    assert!(newest.facts.contains(&("number".into(), "1.5".into())), "{:?}", newest.facts);
}

#[tokio::test]
async fn neither_role_of_the_product_can_touch_what_was_written() {
    let world = World::new().await;
    let acme = world.acme;
    let columns = "tenant_id, id, act, created_at";
    let values = format!("'{acme}', gen_random_uuid(), 'x', now()");
    let own_place = [
        format!("insert into audit_entry ({columns}, number) values ({values}, 1)"),
        format!("insert into audit_entry ({columns}, previous_hash) values ({values}, sha256(''))"),
        format!("insert into audit_entry ({columns}, hash) values ({values}, sha256(''))"),
        format!("insert into audit_head (tenant_id, number, hash) values ('{acme}', 1, sha256(''))"),
        "update audit_head set number = 1".to_owned(),
        "delete from audit_head".to_owned(),
        "update audit_entry set act = 'x'".to_owned(),
        "update audit_entry set number = number + 1".to_owned(),
        "delete from audit_entry".to_owned(),
        "alter table audit_entry disable trigger chain".to_owned(),
        "select audit_hash(e) from audit_entry e".to_owned(),
    ];
    let (mut web, mut worker) = (Probe::signed_in(&world, acme).await, Probe::worker(&world, acme).await);
    for statement in own_place {
        assert_eq!(web.refusal(&statement).await, DENIED, "{statement}");
        assert_eq!(worker.refusal(&statement).await, DENIED, "{statement}");
    }
    assert_eq!(web.refusal("select from audit_head").await, DENIED);
    assert_eq!(worker.rows("select number from audit_head").await, ["1"], "and of no other tenant");
}

#[tokio::test]
async fn only_who_runs_the_workspace_reads_its_log() {
    let world = World::new().await;
    record(&world, &world.ada, Act::DocumentUploaded).await;
    assert!(log(&world, &world.eve).await.iter().all(|entry| entry.account != Some(world.ada.account)));
    assert!(!export(&world, &world.eve, ExportFormat::JsonLines).await.contains("document.uploaded"));
    for role in [Role::Viewer, Role::Member] {
        let bob = Member { role, ..world.ada.clone() };
        let (services, query) = (&world.services, AuditQuery::default());
        let listed = audit::list(services, &bob, &query).await.unwrap_err();
        let people = audit::people(services, &bob).await.unwrap_err();
        let exported = audit::export(services, &bob, query, ExportFormat::Csv).await.err().unwrap();
        for refused in [listed, people, exported] {
            assert_eq!(refused.kind, ErrorKind::Forbidden);
        }
    }
    let people = audit::people(&world.services, &world.ada).await.unwrap();
    assert_eq!(people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["Ada"]);
}

#[tokio::test]
async fn the_log_is_read_page_by_page_and_filtered() {
    let world = World::at_noon().await;
    for act in [Act::DocumentUploaded; 59].into_iter().chain([Act::ReportAsked]) {
        record(&world, &world.ada, act).await;
    }
    let ask = async |query: AuditQuery| audit::list(&world.services, &world.ada, &query).await.unwrap();
    let first = ask(AuditQuery::default()).await;
    assert_eq!((first.entries.len(), first.next), (50, Some(12)));
    let second = ask(AuditQuery { before: first.next, ..AuditQuery::default() }).await;
    assert_eq!((second.entries.len(), second.next), (11, None));
    let reports = ask(AuditQuery { act: Some(Act::ReportAsked), ..AuditQuery::default() }).await.entries;
    assert_eq!(reports.iter().map(|entry| entry.what()).collect::<Vec<_>>(), ["Asked for a report"]);
    let of_eve = ask(AuditQuery { person: Some(world.eve.account), ..AuditQuery::default() }).await;
    assert_eq!(of_eve.entries.len(), 0);
    let today = world.services.clock.now().date_naive();
    let until = |to| AuditQuery { to, ..AuditQuery::default() };
    assert_eq!(ask(until(Some(today))).await.entries.len(), 50);
    assert_eq!(ask(until(today.pred_opt())).await.entries.len(), 0);
    let since = |from| AuditQuery { from, ..AuditQuery::default() };
    assert_eq!(ask(since(Some(today))).await.entries.len(), 50);
    assert_eq!(ask(since(today.succ_opt())).await.entries.len(), 0);
}

#[tokio::test]
async fn an_export_is_whole_is_recorded_and_runs_no_formula() {
    let world = World::new().await;
    let subjects: Vec<Uuid> = (0..600).map(|_| world.services.clock.id()).collect();
    let mut tx = world.services.db.tenant(&world.ada).await.unwrap();
    audit::record_many(&mut tx, &world.services.clock, Act::DocumentTrashed, &subjects).await.unwrap();
    tx.commit().await.unwrap();
    let rename = "update account set name = '=cmd()' where name = 'Ada'";
    world.superuser().await.execute(rename).await.unwrap();

    let lines = export(&world, &world.ada, ExportFormat::JsonLines).await;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // What made the workspace, 600 acts, and this export.
    assert_eq!(lines.len(), 602);
    assert_eq!(lines[0]["act"], "audit.exported");
    assert_eq!(lines[0]["detail"], json!({ "format": "jsonl" }));
    assert!(lines.windows(2).all(|pair| pair[0]["previous_hash"] == pair[1]["hash"]), "it can be checked elsewhere");

    let table = export(&world, &world.ada, ExportFormat::Csv).await;
    assert!(table.starts_with("number,at,person,account,act,"), "{}", &table[..100]);
    assert_eq!(table.lines().count(), 604);
    assert!(table.contains(",\"'=cmd()\",") && !table.contains(",=cmd()"));
}

async fn record(world: &World, member: &Member, act: Act) {
    let mut tx = world.services.db.tenant(member).await.unwrap();
    audit::record(&mut tx, &world.services.clock, act, world.services.clock.id()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn log(world: &World, member: &Member) -> Vec<audit::Entry> {
    audit::list(&world.services, member, &AuditQuery::default()).await.unwrap().entries
}

async fn verified(world: &World) -> Verified {
    audit::verify(&world.workers, world.acme).await.unwrap()
}

async fn export(world: &World, member: &Member, format: ExportFormat) -> String {
    let query = AuditQuery::default();
    let stream = audit::export(&world.services, member, query, format).await.unwrap();
    let parts: Vec<Bytes> = stream.try_collect().await.unwrap();
    String::from_utf8(parts.concat()).unwrap()
}

const KEEP: &str = "create temporary table entries as select * from audit_entry;
                    create temporary table heads as select * from audit_head";

/// Puts the log back, past the trigger.
async fn restore(superuser: &mut PgConnection) {
    let back = "set session_replication_role = replica;
                delete from audit_entry; insert into audit_entry select * from entries;
                delete from audit_head; insert into audit_head select * from heads;
                reset session_replication_role";
    superuser.execute(back).await.unwrap();
}
