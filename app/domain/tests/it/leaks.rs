//! The ways in which a database of many tenants is known to leak. Each test has two halves: that the leak is closed,
//! asked as the role that the product signs in as; and that the same question leaks once the superuser has taken out
//! what closes it, in a transaction that is never committed. The second half is how we know that the first can fail.
//!
//! The numbers are those of the list that these tests were written from. What a role can learn that may send any
//! statement is not the measure: it may set any tenant (leak 10). The tests of `search_attacks.rs` go further for the
//! one view that sees every row.

use bytes::Bytes;
use domain::{
    db::setup::{APP, OWNER, WORKER},
    id::{DocumentId, TenantId},
};
use futures::TryStreamExt;
use sqlx::Executor;

use crate::{
    probe::{EVES, Probe, SECRET, sources, two_documents},
    world::World,
};

/// SQLSTATEs, from appendix A of the manual of Postgres.
pub const DENIED: &str = "42501";
const DUPLICATE: &str = "23505";
const NO_SUCH_PARENT: &str = "23503";
const NOT_A_UUID: &str = "22P02";
const NOT_SUPPORTED: &str = "0A000";

/// Ours: see `current_tenant()`.
const NO_TENANT: &str = "SH001";

/// The tables that hold what belongs to a tenant.
const TABLES: &[&str] = &[
    "tenant",
    "membership",
    "document",
    "document_reader",
    "page",
    "job",
    "job_lane",
    "job_step",
    "report",
    "export",
    "mail",
    "audit_entry",
    "audit_head",
    "invite",
    "api_key",
    "support_visit",
    "invoice",
    "subscription_change",
    "cost_day",
    "revenue_tenant",
    "subscription",
    "tenant_meter",
    "ledger_entry",
    "credit_hold",
    "meter_event",
];

/// A hundred tenants with a document each, and thousands of Ada's.
const SKEW: &str = "
    insert into tenant select gen_random_uuid(), 'Tenant ' || n, now() from generate_series(1, 100) as n;
    insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, uploaded_by, created_at)
    select t.tenant_id, gen_random_uuid(), 'x', 'text', 1, sha256('x'), '', 'read', a.id, now()
    from tenant t
    join account a on a.name = 'Ada'
    cross join lateral generate_series(1, case when t.name = 'Acme' then 3000 else 1 end);
    analyze document";

/// What Postgres grants to everybody in a database, and a migration takes back.
pub const TEMPORARY: &str =
    "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$";

/// 1. A transaction that has ended leaves an empty setting behind, not a missing one.
#[tokio::test]
async fn a_tenant_that_has_ended_raises_by_our_own_name() {
    let world = World::new().await;
    let count = "select count(*) from document";
    let mut probe = Probe::signed_in(&world, world.globex).await;
    probe.rows("commit").await;
    assert_eq!(probe.one("begin; select current_setting('app.tenant_id', true) = ''").await, "t");
    assert_eq!(probe.refusal(count).await, NO_TENANT);
    drop(probe);

    let naive =
        "alter policy document_select on document using (tenant_id = current_setting('app.tenant_id', true)::uuid)";
    let mut probe = Probe::without_tenant(&world, naive, APP).await;
    let ended = format!("select set_config('app.tenant_id', '', true); {count}");
    assert_eq!(probe.refusal(&ended).await, NOT_A_UUID, "it fails as if somebody had typed a wrong id");
}

/// 2. A tenant that was never set.
#[tokio::test]
async fn a_tenant_that_was_never_set_raises_and_is_no_empty_list() {
    let world = World::new().await;
    two_documents(&world).await;
    let count = "select count(*) from document";
    let mut probe = Probe::without_tenant(&world, "", APP).await;
    assert_eq!(probe.refusal(count).await, NO_TENANT);
    drop(probe);

    let silent = "alter policy document_select on document
                  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)";
    let mut probe = Probe::without_tenant(&world, silent, APP).await;
    assert_eq!(probe.one(count).await, "0", "a bug that looks like an empty account");
}

/// 3. A unique index across tenants tells what another one has, by an error or by `on conflict do nothing`.
#[tokio::test]
async fn what_another_tenant_has_collides_with_nothing() {
    let world = World::new().await;
    let (adas, _) = two_documents(&world).await;
    let across = "select i.indexrelid::regclass from pg_index i
                  join pg_class c on c.oid = i.indrelid
                  join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                  where i.indisunique and c.relrowsecurity and a.attname <> 'tenant_id'";
    let mut probe = Probe::signed_in(&world, world.globex).await;
    // An address is public and unique by its nature. That it is taken is all that it tells. The others hold Stripe's ids, which
    // no request brings, and what begins with the tenant.
    let meant = [
        "meter_event_identifier_key",
        "subscription_stripe_customer_key",
        "subscription_stripe_subscription_key",
        "tenant_slug_key",
    ];
    assert_eq!(probe.rows(&format!("{across} order by i.indexrelid::regclass::text")).await, meant);
    let same_id = insert_document(&world, world.globex, adas);
    assert_eq!(probe.rows(&same_id).await.len(), 1, "Eve has a document by the id, and the content, of Ada's");
    // Into another tenant, the policy answers before the index can.
    let nobodys = world.services.clock.id::<DocumentId>();
    for id in [adas, nobodys] {
        assert_eq!(probe.refusal(&insert_document(&world, world.acme, id)).await, DENIED);
    }
    drop(probe);

    let global = "create unique index on document (id)";
    let mut probe = Probe::after(&world, global, APP, world.globex).await;
    let mut found = probe.rows(&format!("{across} order by i.indexrelid::regclass::text")).await;
    assert_eq!(found.remove(0), "document_id_idx");
    assert_eq!(found, meant);
    assert_eq!(probe.refusal(&same_id).await, DUPLICATE);
    let silently = same_id.replace("returning", "on conflict do nothing returning");
    assert_eq!(probe.rows(&silently).await.len(), 0, "it tells as well");
}

/// 4. A foreign key without the tenant points at another tenant's row, and tells which exist. Only a worker writes rows
/// that have a parent among the tenant's own.
#[tokio::test]
async fn a_row_has_no_parent_in_another_tenant() {
    let world = World::new().await;
    let (adas, _) = two_documents(&world).await;
    let nobodys = world.services.clock.id::<DocumentId>();
    let insert = |document: DocumentId| {
        let tenant = world.globex;
        format!(
            "insert into page (tenant_id, document_id, number, text, word_count, tsv)
             values ('{tenant}', '{document}', 9, '', 0, '')"
        )
    };
    let mut probe = Probe::worker(&world, world.globex).await;
    let (to_adas, to_nobodys) = (probe.ask(&insert(adas)).await, probe.ask(&insert(nobodys)).await);
    assert!(to_adas.as_ref().is_err_and(|told| told.starts_with(NO_SUCH_PARENT)), "{to_adas:?}");
    assert_eq!(to_adas, to_nobodys, "what is Ada's and what is not there are told apart by nothing");
    assert_eq!(Probe::signed_in(&world, world.globex).await.refusal(&insert(adas)).await, DENIED);
    drop(probe);

    let single = "alter table page drop constraint page_tenant_id_document_id_fkey;
                  alter table document add unique (id);
                  alter table page add foreign key (document_id) references document (id)";
    let mut probe = Probe::after(&world, single, WORKER, world.globex).await;
    assert_eq!(probe.refusal(&insert(nobodys)).await, NO_SUCH_PARENT);
    assert!(probe.ask(&insert(adas)).await.is_ok(), "Eve's page hangs on Ada's document");
}

/// 5. A view reads as its owner.
#[tokio::test]
async fn no_view_shows_what_its_owner_sees() {
    let world = World::new().await;
    two_documents(&world).await;
    let views = "select relname from pg_class c
                 where relkind = 'v' and relnamespace = 'public'::regnamespace
                   and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')";
    let mut probe = Probe::signed_in(&world, world.globex).await;
    assert_eq!(probe.rows(views).await, ["searchable_page"]);
    assert_eq!(probe.rows("select text from searchable_page").await, [EVES]);
    drop(probe);

    let view = "create view everything as select name from document; grant select on everything to sheaf_app";
    let mut probe = Probe::after(&world, view, APP, world.globex).await;
    assert_eq!(probe.rows(views).await.len(), 2);
    assert_eq!(probe.rows("select * from everything order by 1").await, ["adas.txt", "eves.txt"]);
    let careful = format!("{view}; alter view everything set (security_invoker = true)");
    drop(probe);
    let mut probe = Probe::after(&world, &careful, APP, world.globex).await;
    assert_eq!(probe.rows("select * from everything").await, ["eves.txt"]);
}

/// 6. Statistics hold values of everybody's rows.
#[tokio::test]
async fn the_statistics_show_nobodys_values() {
    let world = World::new().await;
    two_documents(&world).await;
    world.superuser().await.execute("analyze document").await.unwrap();
    let values = "select histogram_bounds from pg_stats where tablename = 'document' and attname = 'name'";
    let mut probe = Probe::signed_in(&world, world.globex).await;
    assert_eq!(probe.rows(values).await, [""; 0]);
    assert_eq!(probe.refusal("select stavalues1 from pg_statistic").await, DENIED);
    drop(probe);

    let open = "alter table document disable row level security";
    let mut probe = Probe::after(&world, open, APP, world.globex).await;
    assert_eq!(probe.rows(values).await, ["{adas.txt,eves.txt}"]);
}

/// 6. A plan tells how many rows a tenant has, or a word, to whoever may send EXPLAIN; and the catalogue tells how
/// large the tables are. No right takes either away, so what keeps them is that the product never asks.
#[tokio::test]
async fn the_product_asks_for_no_plan_and_no_size() {
    for (path, text) in sources("app").into_iter().chain(sources("server/src")) {
        // The page of operators and the doctor say where to look, and a migration asks, as the owner, which indexes are whole.
        let asks_nobody = ["operators/health_parts.rs", "db/checks.rs", "db/migrate.rs"];
        if !path.contains("/tests/") && !asks_nobody.iter().any(|known| path.ends_with(known)) {
            assert_eq!(tells_sizes(&text), None, "{path}");
        }
    }

    assert_eq!(tells_sizes("sqlx::query!(\"explain select name from document\")"), Some("\"explain "));
    let world = World::new().await;
    let mut probe = Probe::after(&world, SKEW, APP, world.globex).await;
    let everybodys = probe.estimate("select from document").await;
    let adas = probe.estimate(&format!("select from document where tenant_id = '{}'", world.acme)).await;
    assert!(everybodys < 300, "the policy alone tells how much is hers: {everybodys}");
    assert!(adas > 2_000, "but Eve, by Ada's id, is told how much is Ada's: {adas}");
}

/// 7. A sequence counts for all tenants.
#[tokio::test]
async fn no_number_counts_for_all_tenants() {
    let world = World::new().await;
    let sequences = "select count(*) from pg_class where relkind = 'S'";
    assert_eq!(Probe::signed_in(&world, world.globex).await.one(sequences).await, "0");

    let numbered = "create table ticket (tenant_id uuid, number bigint generated always as identity);
                    insert into ticket select from generate_series(1, 1000);
                    grant insert, select on ticket to sheaf_app";
    let mut probe = Probe::after(&world, numbered, APP, world.globex).await;
    assert_eq!(probe.one(sequences).await, "1");
    assert_eq!(probe.one("insert into ticket default values returning number").await, "1001");
}

/// 8. COPY.
#[tokio::test]
async fn copy_takes_out_what_is_seen_and_puts_nothing_in() {
    let world = World::new().await;
    two_documents(&world).await;
    let out = ["copy document (name) to stdout", "copy (select text from searchable_page) to stdout"];
    let mut probe = Probe::signed_in(&world, world.globex).await;
    assert_eq!(copied(&mut probe, out[0]).await, "eves.txt\n");
    assert_eq!(copied(&mut probe, out[1]).await, format!("{EVES}\n"));
    for to_the_server in ["copy document to 'stolen'", "copy document to program 'cat'"] {
        assert_eq!(probe.refusal(to_the_server).await, DENIED);
    }
    let refused = probe.connection().copy_in_raw("copy document from stdin").await.err().unwrap();
    assert_eq!(refused.as_database_error().unwrap().code().unwrap(), NOT_SUPPORTED);
    drop(probe);

    let open = "alter table document disable row level security; alter table page disable row level security;
                create or replace view searchable_page as
                select tenant_id, document_id, number, text, config, tsv from page";
    let mut probe = Probe::after(&world, open, APP, world.globex).await;
    assert!(copied(&mut probe, out[0]).await.contains("adas.txt"));
    assert!(copied(&mut probe, out[1]).await.contains(SECRET));
    let accepted = probe.connection().copy_in_raw("copy document from stdin").await.unwrap();
    accepted.abort("it was only asked whether it may").await.unwrap();
}

/// 9. TRUNCATE asks no policy.
#[tokio::test]
async fn nobody_truncates() {
    let world = World::new().await;
    two_documents(&world).await;
    let mut probe = Probe::signed_in(&world, world.globex).await;
    let mut worker = Probe::worker(&world, world.globex).await;
    for table in TABLES {
        let truncate = format!("truncate {table} cascade");
        assert_eq!(probe.refusal(&truncate).await, DENIED, "{table}");
        assert_eq!(worker.refusal(&truncate).await, DENIED, "{table}");
    }
    drop((probe, worker));

    let granted = "grant truncate on page to sheaf_app";
    let mut probe = Probe::after(&world, granted, APP, world.globex).await;
    assert_eq!(probe.one("truncate page; reset session authorization; select count(*) from page").await, "0");
}

/// 10. Whoever sends statements sets any tenant: the setting is no authority. What closes it is that one function sets
/// it, which takes typed ids, and that the text of every other statement is fixed.
#[tokio::test]
async fn one_place_alone_sets_the_tenant() {
    let known = ["app/domain/src/db/settings.rs", "app/domain/src/db/system.rs"];
    let crates = ["app/src", "app/domain/src", "app/reading/src", "app/typesetting/src", "server/src"];
    let all: Vec<(String, String)> = crates.into_iter().flat_map(sources).collect();
    let mut setting: Vec<&str> =
        all.iter().filter(|(_, text)| sets_a_setting(text)).map(|(path, _)| path.as_str()).collect();
    setting.sort_unstable();
    assert_eq!(setting, known);
    let tenant: Vec<&str> =
        all.iter().filter(|(_, text)| text.contains("app.tenant_id")).map(|(path, _)| path.as_str()).collect();
    assert_eq!(tenant, ["app/domain/src/db/settings.rs"]);
    // Statements that are put together at run time.
    let built: Vec<&str> = all
        .iter()
        .filter(|(path, text)| path.starts_with("app/domain/src") && text.contains("AssertSqlSafe("))
        .map(|(path, _)| path.as_str())
        .collect();
    assert!(built.iter().all(|path| path.starts_with("app/domain/src/db/")), "{built:?}");

    assert!(sets_a_setting("sqlx::query(\"SET LOCAL app.tenant_id = 'x'\")"));
    let world = World::new().await;
    two_documents(&world).await;
    let mut probe = Probe::signed_in(&world, world.globex).await;
    probe.set_tenant(world.acme).await;
    assert_eq!(probe.rows("select name from document").await, ["adas.txt"], "this is why");
}

/// 11. A row that is moved into another tenant.
#[tokio::test]
async fn no_row_is_moved_to_another_tenant() {
    let world = World::new().await;
    let report = format!(
        "insert into report (tenant_id, id, title, scope, state, made_by, created_at)
         values ('{}', gen_random_uuid(), 'Plans', '{{}}', 'waiting', '{}', now())",
        world.globex, world.eve.account
    );
    two_documents(&world).await;
    let moved = |table: &str| format!("update {table} set tenant_id = '{}'", world.acme);
    let mut probe = Probe::signed_in(&world, world.globex).await;
    probe.rows(&report).await;
    for table in TABLES {
        assert_eq!(probe.refusal(&moved(table)).await, DENIED, "{table}");
    }
    drop(probe);

    let unchecked = format!("{report}; alter policy report_update on report with check (true)");
    let mut probe = Probe::after(&world, &unchecked, APP, world.globex).await;
    assert!(probe.ask(&moved("report")).await.is_ok());
}

/// 12. A partition that is asked directly knows nothing of its parent's policies.
#[tokio::test]
async fn no_table_has_children_that_could_be_asked_instead() {
    let world = World::new().await;
    let children = "select inhrelid::regclass from pg_inherits";
    assert_eq!(Probe::signed_in(&world, world.globex).await.rows(children).await, [""; 0]);

    let partitioned = format!(
        "create table event (tenant_id uuid) partition by list (tenant_id);
         create table event_default partition of event default;
         alter table event enable row level security; alter table event force row level security;
         create policy event_select on event to sheaf_app using (tenant_id = (select current_tenant()));
         grant select on event, event_default to sheaf_app;
         insert into event values ('{}')",
        world.acme
    );
    let mut probe = Probe::after(&world, &partitioned, APP, world.globex).await;
    assert_eq!(probe.rows(children).await, ["event_default"]);
    let seen = "select (select count(*) from event), (select count(*) from event_default)";
    assert_eq!(probe.one(seen).await, "0 1");
}

/// 13. Under a policy that the planner cannot look into, it takes every tenant for an average one, and plans for a large one
/// badly.
#[tokio::test]
async fn every_statement_names_its_tenant_besides_the_policy() {
    for (path, text) in sources("app/domain/src") {
        // Before a tenant is known; and the claims of workers, for whom the table of jobs is open; and the probes, which ask
        // of all of it whether any is done.
        let known = ["accounts/store.rs", "queue/claim_store.rs", "queue/worker_store.rs", "status/store.rs"];
        if !known.iter().any(|known| path.ends_with(known)) {
            assert_eq!(without_tenant(&text), None, "{path}");
        }
    }

    assert!(without_tenant("sqlx::query!(\"select name from document where id = $1\", id)").is_some());
    let world = World::new().await;
    let hidden =
        format!("{SKEW}; alter policy document_select on document using (tenant_id = (select current_tenant()))");
    let mut probe = Probe::after(&world, &hidden, APP, world.acme).await;
    let by_policy = probe.estimate("select from document").await;
    let named = probe.estimate(&format!("select from document where tenant_id = '{}'", world.acme)).await;
    assert!(by_policy < 300 && named > 2_000, "of 3000 documents: {by_policy} and {named}");
}

/// The owner of a table, without FORCE.
#[tokio::test]
async fn the_owner_is_bound_as_well() {
    let world = World::new().await;
    two_documents(&world).await;
    let count = "select count(*) from document";
    assert_eq!(Probe::after(&world, "", OWNER, world.globex).await.one(count).await, "0");

    let unforced = "alter table document no force row level security";
    assert_eq!(Probe::after(&world, unforced, OWNER, world.globex).await.one(count).await, "2");
}

/// SET ROLE, and with it the policies of the role.
#[tokio::test]
async fn the_role_becomes_no_other() {
    let world = World::new().await;
    two_documents(&world).await;
    let mut probe = Probe::signed_in(&world, world.globex).await;
    for other in ["sheaf_owner", "sheaf_search", "sheaf_worker", "postgres", "pg_read_all_data"] {
        assert_eq!(probe.refusal(&format!("set role {other}")).await, DENIED, "{other}");
        assert_eq!(probe.refusal(&format!("set session authorization {other}")).await, DENIED, "{other}");
    }
    drop(probe);

    let member = "grant sheaf_search to sheaf_app";
    let mut probe = Probe::after(&world, member, APP, world.globex).await;
    let count = "set local role sheaf_search; select count(*) from page";
    assert_eq!(probe.one(count).await, "2", "who is a member has that role's policies");
}

/// `row_security = off`, and BYPASSRLS.
#[tokio::test]
async fn the_policies_cannot_be_switched_off() {
    let world = World::new().await;
    two_documents(&world).await;
    let count = "set local row_security = off; select count(*) from document";
    assert_eq!(Probe::signed_in(&world, world.globex).await.refusal(count).await, DENIED);

    let mut probe = Probe::after(&world, "alter role sheaf_app bypassrls", APP, world.globex).await;
    assert_eq!(probe.one(count).await, "2");
}

/// A materialized view has no policies.
#[tokio::test]
async fn nothing_is_materialized() {
    let world = World::new().await;
    two_documents(&world).await;
    let kept = "select count(*) from pg_class where relkind = 'm'";
    let mut probe = Probe::signed_in(&world, world.globex).await;
    assert_eq!(probe.one(kept).await, "0");
    assert_eq!(probe.refusal("create materialized view mine as select name from document").await, DENIED);
    drop(probe);

    let view = "create materialized view everything as select name from document;
                grant select on everything to sheaf_app";
    let mut probe = Probe::after(&world, view, APP, world.globex).await;
    assert_eq!(probe.one(kept).await, "1");
    assert_eq!(probe.one("select count(*) from everything").await, "2");
}

/// Replication carries every tenant's rows; and a replica that is read has the same policies.
#[tokio::test]
async fn the_role_replicates_nothing_and_reads_a_replica_as_any_other() {
    let world = World::new().await;
    two_documents(&world).await;
    let slot = "select pg_create_logical_replication_slot('eve', 'pgoutput', true)";
    let mut probe = Probe::signed_in(&world, world.globex).await;
    assert_eq!(probe.refusal(slot).await, DENIED);
    assert_eq!(probe.refusal("create publication everything for table document").await, DENIED);
    let published = "select count(*) from pg_publication";
    assert_eq!(probe.one(published).await, "0");
    // As on a replica, where nothing can be written.
    let seen = "set transaction read only; select name from document";
    assert_eq!(Probe::signed_in(&world, world.globex).await.rows(seen).await, ["eves.txt"]);
    drop(probe);

    let change = "create publication everything for table document; alter role sheaf_app replication";
    let mut probe = Probe::after(&world, change, APP, world.globex).await;
    assert_eq!(probe.one(published).await, "1");
    let answer = probe.ask(slot).await;
    // What still refuses it is how the cluster is set up, not who asks.
    assert!(answer.as_ref().map_or_else(|told| !told.starts_with(DENIED), |_| true), "{answer:?}");
}

/// Functions of one's own see the rows that a filter is about to leave out. A database that is cloned, as those of the
/// tests are, does not have the rights of its template, so the template is asked, which the migrations made.
#[tokio::test]
async fn the_role_makes_nothing_of_its_own() {
    let world = World::new().await;
    let makes = [
        "create function pg_temp.seen(text) returns boolean language sql as 'select true'",
        "create temporary table kept as select name from document",
        "create temporary view shown as select name from document",
        "create function public.seen(text) returns boolean language sql as 'select true'",
        "create table public.kept as select name from document",
        "create schema eve",
    ];
    let mut probe = Probe::signed_in(&world, world.globex).await;
    for statement in makes {
        assert_eq!(probe.refusal(statement).await, DENIED, "{statement}");
    }
    let template = format!(
        "select has_database_privilege('sheaf_app', 'sheaf_template_{0}', 'temporary'),
                has_database_privilege('sheaf_worker', 'sheaf_template_{0}', 'temporary')",
        std::process::id()
    );
    assert_eq!(probe.one(&template).await, "f f");
    drop(probe);

    let mut probe = Probe::after(&world, TEMPORARY, APP, world.globex).await;
    for statement in &makes[..3] {
        assert!(probe.ask(statement).await.is_ok(), "{statement}");
    }
}

fn insert_document(world: &World, tenant: TenantId, id: DocumentId) -> String {
    let account = world.eve.account;
    format!(
        "insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, uploaded_by, created_at)
         values ('{tenant}', '{id}', 'x', 'text', 1, sha256('adas.txt'), '', 'read', '{account}', now()) returning id"
    )
}

async fn copied(probe: &mut Probe, statement: &str) -> String {
    let chunks: Vec<Bytes> = probe.connection().copy_out_raw(statement).await.unwrap().try_collect().await.unwrap();
    String::from_utf8(chunks.concat()).unwrap()
}

/// The first thing in a source that asks Postgres for a plan, for statistics or for the size of a table.
fn tells_sizes(source: &str) -> Option<&'static str> {
    let source = source.to_lowercase();
    let telling =
        ["\"explain ", "\"explain(", "explain analyze", "pg_stat", "pg_class", "reltuples", "pg_relation_size"];
    telling.into_iter().find(|words| source.contains(words))
}

fn sets_a_setting(source: &str) -> bool {
    let source = source.to_lowercase();
    source.contains("set_config") || source.contains("\"set local ") || source.contains("\"set session ")
}

/// The first statement of a source that reads or changes a table of tenants, and does not name the tenant.
fn without_tenant(source: &str) -> Option<String> {
    let statements = source.split("sqlx::query").skip(1).map(|rest| {
        let statement = rest.split(';').next().unwrap_or_default();
        statement.split_whitespace().collect::<Vec<_>>().join(" ") + " "
    });
    let mut unnamed = statements.filter(|statement| {
        let reaches = |table: &&str| {
            ["from", "join", "update"].iter().any(|verb| statement.contains(&format!("{verb} {table} ")))
        };
        TABLES.iter().chain(&["searchable_page"]).any(reaches) && !statement.contains("tenant_id = $1")
    });
    unnamed.next()
}
