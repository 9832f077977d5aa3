//! Every query is planned for its tenant: explained among the documents of a thousand tenants, one of which has most of them.
//!
//! The statements are those of `.sqlx`, where the compiler has written each query of every store, so a new one is explained
//! here without being named. Its parameters are guessed from their types; where that asks nothing sensible, [`CASES`] say
//! what to ask.

use std::{collections::BTreeMap, fs, path::Path};

use domain::{db::setup::APP, id::TenantId};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Row};

use crate::{
    planning_counts::COUNTS,
    planning_exceptions::{ACROSS_TENANTS, GUESSED},
    probe::Probe,
    world::World,
};

/// A million documents. The rows take about a minute to make where other tests keep both cores busy, and a gigabyte, which is
/// most of what this test costs. With fewer of them the planner would rightly read small tables from end to end, and nothing
/// could be told from that.
const SETTINGS: [(&str, u32); 3] = [("rows.tenants", 1_000), ("rows.of_giant", 600_000), ("rows.of_others", 400)];

/// How far an estimate may be from the truth: further off, the planner takes ways that are right for another table.
const WRONG_BY: f64 = 10.0;

/// Rows that a scan may read and throw away. To find a page of the one document in 200 that lies in the trash takes about
/// 10,000 in any order but that of the trash; a condition that was meant for an index, and is not used in it, takes all.
const THROWN_AWAY: f64 = 20_000.0;

/// What a query is asked, where the types of its parameters do not tell: a part of the query, and parameters by number. A
/// query with several cases is explained in each. `{name}` stands for one of [`VALUES`].
const CASES: &[(&str, &[(usize, &str)])] = &[
    // The list of documents, in each of its six orders: its beginning, filters, and a later page.
    (NEWEST, &[LATEST, EVER, AND_ON]),
    (NEWEST, &[LATEST, EVER, AND_ON, (2, "'pdf'")]),
    (NEWEST, &[LATEST, EVER, AND_ON, (2, "'other'")]),
    (NEWEST, &[LATEST, EVER, AND_ON, (3, "'{waiting,reading}'")]),
    (NEWEST, &[LATEST, EVER, AND_ON, (3, "'{unreadable,cancelled,partly_read}'")]),
    (NEWEST, &[LATEST, (4, "current_date - 30"), (9, "current_date - 30"), AND_ON]),
    (NEWEST, &[LATEST, EVER, (5, "current_date - 300"), (10, "current_date - 300")]),
    (NEWEST, &[(6, "'{created_at}'"), EVER, AND_ON]),
    (OLDEST, &[(6, "'epoch'"), EVER, AND_ON]),
    (OLDEST, &[(6, "'{created_at}'"), EVER, AND_ON]),
    (NAME, &[(6, "''"), (9, "''"), LAST_NAME]),
    (NAME, &[(6, "''"), (9, "''"), LAST_NAME, (2, "'pdf'")]),
    (NAME, &[(6, "''"), (9, "''"), LAST_NAME, (3, "'{waiting,reading}'")]),
    (NAME, &[(6, "''"), (9, "''"), LAST_NAME, (5, "current_date - 300")]),
    (NAME, &[(6, "'invoice5'"), (9, "''"), LAST_NAME]),
    (NAME_DESCENDING, &[(6, "'\u{10FFFF}'"), (9, "''"), LAST_NAME]),
    (NAME_DESCENDING, &[(6, "'invoice5'"), (9, "''"), LAST_NAME]),
    (LARGEST, &[(6, MOST), (9, "0"), (10, MOST)]),
    (LARGEST, &[(6, "4000000"), (9, "0"), (10, MOST)]),
    (SMALLEST, &[(6, "-1"), (9, "0"), (10, MOST)]),
    (SMALLEST, &[(6, "4000000"), (9, "0"), (10, MOST)]),
    // All that may be read again.
    (
        "d.read_at < $4) order by d.id",
        &[
            (2, "'00000000-0000-0000-0000-000000000000'"),
            (3, "'{read,partly_read,unreadable,cancelled}'"),
            (4, "now()"),
        ],
    ),
    // The trash, in each.
    ("($6, $7) order by d.created_at desc", &[LATEST]),
    ("($6, $7) order by d.created_at asc", &[(6, "'epoch'")]),
    ("($6, $7) order by d.name_key asc", &[(6, "''")]),
    ("($6, $7) order by d.name_key desc", &[(6, "'\u{10FFFF}'")]),
    ("($6, $7) order by d.bytes desc", &[(6, MOST)]),
    ("($6, $7) order by d.bytes asc", &[(6, "-1")]),
    // The ledger: its beginning.
    ("(l.at, l.id) < ($2, $3) order by", &[(2, "'9999-12-31'"), (3, "'00000000-0000-0000-0000-000000000000'")]),
    // How many there are, for one person.
    ("visibility = 'private' and uploaded_by = $2", &[(2, "'{person}'")]),
    // A word that is on one page of a hundred, one that is on one of ten, and filters beside them.
    (FOUND, &[(2, "'''retent'' & ''sheaf_english'''"), RANKED, BEST, (8, "'''retent'''"), EACH]),
    (FOUND, &[(2, "'''leas'' & ''sheaf_english'''"), RANKED, BEST, (8, "'''leas'''"), EACH]),
    (
        FOUND,
        &[
            (2, "'''leas'' & ''sheaf_english'''"),
            (3, "'{pdf}'"),
            (5, "current_date - 90"),
            RANKED,
            BEST,
            (8, "'''leas'''"),
            EACH,
        ],
    ),
    ("d.id = $2 and p.tsv @@", &[(2, "'{page}'"), (3, "'''leas'''")]),
    ("to_tsquery(config::regconfig, $1)", &[(1, "'lease'"), (2, "'{sheaf_english}'")]),
    ("p.word_count, nullif(p.failure, ''), $3", &[(3, "'sheaf_simple'")]),
    ("m.account_id <> (select d.uploaded_by", &[(2, "'{document}'")]),
    ("as reader (archived)", &[(3, "'{documents}'"), (4, "'{documents}'")]),
    ("pg_notify", &[(1, "'planning'")]),
    // The trash is emptied of what has lain in it for long.
    ("trashed_at < $2 limit $3", &[(2, "now() - interval '25 days'"), (3, "500")]),
    // The audit log: its beginning, each filter, and a later page.
    (LOG, &[(2, "null")]),
    (LOG, &[(2, "'{person}'")]),
    (LOG, &[(2, "null"), (3, "'report.asked'")]),
    (LOG, &[(2, "null"), (3, "'account.signed_in'"), (4, "current_date - 30")]),
    (LOG, &[(2, "null"), (5, "current_date - 300")]),
    (LOG, &[(2, "null"), (6, "500")]),
    // Its chain, from the first entry.
    ("detail::text", &[(2, "0")]),
    // All reports; one is asked for by its type.
    ("$2::uuid is null or r.id = $2", &[(2, "null")]),
    ("$2::uuid is null or r.id = $2", &[]),
    // The same of exports; and those that are due.
    ("$2::uuid is null or e.id = $2", &[(2, "null")]),
    ("$2::uuid is null or e.id = $2", &[]),
    ("expires_at < $2 limit $3", &[(2, "now()"), (3, "200")]),
    // What is under way and what is over, of one person and of everybody.
    (OWN_UNDER_WAY, &[(2, "'{person}'"), (3, "'{read_document,draw_pages}'")]),
    (
        OWN_FINISHED,
        &[(2, "'{person}'"), (3, "'{read_document,draw_pages}'"), (4, "'{done,dead,cancelled}'"), (5, LAST)],
    ),
    (OWN_FINISHED, &[(2, "'{person}'"), (3, "'{read_document,draw_pages}'"), (4, "'{dead}'"), (5, LAST)]),
    ("and j.state = any ($2) and j.id < $3", &[(2, "'{done,dead,cancelled}'"), (3, LAST)]),
    ("and j.state = any ($2) and j.id < $3", &[(2, "'{done,cancelled}'"), (3, "'{job}'")]),
    ("j.died_at is not null and j.id < $2", &[(2, LAST)]),
    ("with lane as materialized", &[(3, "101")]),
    ("with lane as materialized", &[(3, "0"), (4, "true")]),
    ("idempotency_key = $2", &[(2, "'report/{mail}/ready'")]),
    ("recipient = $2", &[(2, "'person1@acme.example'")]),
    ("kind = $2 and key = $3", &[(2, "'read_document'"), (3, "'{key}'")]),
    // The figures of a month.
    ("from subscription_change where tenant_id = $1 and at < $2", &[(2, "now()")]),
    ("from subscription_change where tenant_id = $1 and at < $2", &[(2, "now()"), (3, "true")]),
    ("from invoice where tenant_id = $1", &[MONTH_BEGAN, MONTH_ENDS]),
    ("from ledger_entry where tenant_id = $1 and at >= $2 and at < $3", &[MONTH_BEGAN, MONTH_ENDS]),
    ("from cost_day where tenant_id = $1", &[(2, "current_date - 30"), (3, "current_date")]),
    ("delete from revenue_tenant", &[(2, "date_trunc('month', now())::date")]),
    ("insert into cost_day", &[(2, "array[current_date]")]),
    // People by their address, and invitations of a day.
    ("m.tenant_id = $1 and a.email = $2", &[(2, "'person@{tenant}.example'")]),
    ("tenant_id = $1 and token_hash = $2", &[(2, "'{token_hash}'")]),
    ("created_at > $2) as \"recent!\"", &[(2, "now() - interval '1 day'")]),
    (
        "from session s join account a on a.id = s.account_id join membership",
        &[(1, "'{session}'"), (2, "'{tenant}'"), (3, "now()"), (4, "0")],
    ),
];

/// What only the statements of one's own work have.
const OWN_UNDER_WAY: &str = "j.account_id = $2 and j.finished_at is null";
const OWN_FINISHED: &str = "j.account_id = $2 and j.finished_at is not null";

/// The last 30 days.
const MONTH_BEGAN: (usize, &str) = (2, "now() - interval '30 days'");
const MONTH_ENDS: (usize, &str) = (3, "now()");

/// After every id.
const LAST: &str = "'ffffffff-ffff-ffff-ffff-ffffffffffff'";

/// What only the statement of the list has, in each of its orders.
const NEWEST: &str = "d.created_at between $9 and $10 order by d.created_at desc";
const OLDEST: &str = "d.created_at between $9 and $10 order by d.created_at asc";
const NAME: &str = "d.name_key between $9 and $10 order by d.name_key asc";
const NAME_DESCENDING: &str = "d.name_key between $9 and $10 order by d.name_key desc";
const LARGEST: &str = "d.bytes between $9 and $10 order by d.bytes desc";
const SMALLEST: &str = "d.bytes between $9 and $10 order by d.bytes asc";

/// Where its first page begins, and what it lies between.
const LATEST: (usize, &str) = (6, "'9999-12-31'");
const EVER: (usize, &str) = (9, "'epoch'");
const AND_ON: (usize, &str) = (10, "'9999-12-31'");
const LAST_NAME: (usize, &str) = (10, "'\u{10FFFF}'");
const MOST: &str = "9223372036854775807";

/// What only the statement of the search has, and what limits it: how many pages are ranked, of the best of them, and of each document.
const FOUND: &str = "from searchable_page where";
const RANKED: (usize, &str) = (6, "2000");
const BEST: (usize, &str) = (7, "200");
const EACH: (usize, &str) = (9, "3");

/// What only the statement of the audit log has.
const LOG: &str = "from audit_entry e left join account";

/// What a tenant has, by name: for each table an id and, with an "s", fifty of them.
const VALUES: &[(&str, &str)] = &[
    ("tenant", "select '{tenant}'"),
    ("person", "select account_id from membership where tenant_id = '{tenant}' and role = 'owner' limit 1"),
    ("document", "select id from document where tenant_id = '{tenant}' and trashed_at is null order by id limit 1"),
    ("documents", "select array_agg(id) from (select id from document where tenant_id = '{tenant}' limit 50) as few"),
    ("page", "select document_id from page where tenant_id = '{tenant}' limit 1"),
    (
        "pages",
        "select array_agg(document_id) from (select distinct document_id from page where tenant_id = '{tenant}' limit 50) as few",
    ),
    ("report", "select id from report where tenant_id = '{tenant}' limit 1"),
    ("reports", "select array_agg(id) from (select id from report where tenant_id = '{tenant}' limit 50) as few"),
    ("export", "select id from export where tenant_id = '{tenant}' limit 1"),
    ("exports", "select array_agg(id) from (select id from export where tenant_id = '{tenant}' limit 50) as few"),
    ("mail", "select id from mail where tenant_id = '{tenant}' order by id limit 1"),
    ("mails", "select array_agg(id) from (select id from mail where tenant_id = '{tenant}' limit 50) as few"),
    ("job", "select id from job where tenant_id = '{tenant}' limit 1"),
    ("jobs", "select array_agg(id) from (select id from job where tenant_id = '{tenant}' limit 50) as few"),
    ("session", "select id from session where tenant_id = '{tenant}' limit 1"),
    ("membership", "select account_id from membership where tenant_id = '{tenant}' limit 1"),
    (
        "memberships",
        "select array_agg(account_id) from (select account_id from membership where tenant_id = '{tenant}' limit 50) as few",
    ),
    ("invite", "select id from invite where tenant_id = '{tenant}' and accepted_at is null limit 1"),
    ("api_key", "select id from api_key where tenant_id = '{tenant}' and revoked_at is null limit 1"),
    ("token_hash", "select token_hash from invite where tenant_id = '{tenant}' and accepted_at is null limit 1"),
    ("support_visit", "select id from support_visit where tenant_id = '{tenant}' limit 1"),
    ("key", "select key from job where tenant_id = '{tenant}' and state = 'waiting' limit 1"),
    (
        "created_at",
        "select percentile_disc(0.5) within group (order by created_at) from document where tenant_id = '{tenant}'",
    ),
    ("sha256", "select sha256 from document where tenant_id = '{tenant}' and trashed_at is null limit 1"),
];

struct Query {
    text: String,
    /// The text on one line.
    line: String,
    types: Vec<String>,
}

/// The tables of tenants.
struct Isolated {
    tables: Vec<String>,
}

#[tokio::test]
async fn every_query_is_planned_for_its_tenant() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    make_rows(&mut superuser, world.acme).await;
    let isolated = Isolated::read(&mut superuser).await;
    let mut tenants = Vec::new();
    for (name, tenant) in [("Acme", world.acme), ("Globex", world.globex)] {
        tenants.push((name, tenant, values_of(&mut superuser, tenant).await));
    }
    superuser.close().await.unwrap();
    let mut faults = Vec::new();
    for query in queries().iter().filter(|query| ACROSS_TENANTS.iter().all(|(part, _)| !query.line.contains(part))) {
        for case in cases_of(query) {
            for (name, tenant, values) in &tenants {
                let arguments = arguments(query, case, values);
                let found = faults_of(&world, *tenant, query, &arguments, &isolated).await;
                faults.extend(found.into_iter().map(|fault| format!("{name}, {case:?}: {fault}\n    {}", query.line)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Acme's jobs, of which one in a thousand is over.
const MUCH_WAITS: &str = "
    insert into job (tenant_id, id, kind, payload, max_attempts, state, finished_at)
    select tenant_id, gen_random_uuid(), 'read_document', '{}', 4, case when is_over then 'done' else 'waiting' end,
           case when is_over then now() end
    from tenant cross join generate_series(1, 20000) as number
    cross join lateral (select number % 1000 = 0 as is_over) as of_number
    where name = 'Acme';
    analyze job";

#[tokio::test]
async fn what_is_over_is_found_without_a_walk_over_what_waits() {
    let world = World::new().await;
    world.superuser().await.execute(MUCH_WAITS).await.unwrap();
    let is_asked = |query: &Query| query.line.contains("and j.state = any ($2) and j.id < $3");
    let query = queries().into_iter().find(is_asked).unwrap();
    let acme = format!("'{}'::uuid", world.acme);
    let asked = query.line.replace("$1", &acme).replace("$2", "'{done,cancelled}'::text[]");
    let asked = asked.replace("$3", &format!("{LAST}::uuid")).replace("$4", "51");
    let mut probe = Probe::signed_in(&world, world.acme).await;
    let plan = probe.rows(&format!("explain {asked}")).await.join("\n");
    assert!(plan.contains("job_of_tenant_finished"), "{plan}");
}

#[tokio::test]
async fn the_tenant_of_a_statement_is_compared_once_and_before_any_row() {
    let world = World::new().await;
    let explained = format!(
        "explain (verbose) select subject from mail m join membership s on s.tenant_id = m.tenant_id
         where m.tenant_id = '{}'",
        world.acme
    );
    let mut probe = Probe::signed_in(&world, world.acme).await;
    let plan = probe.rows(&explained).await.join("\n");
    assert!(plan.contains("One-Time Filter: ((COALESCE(NULLIF(current_setting("), "{plan}");
    assert_eq!(plan.matches("current_setting(").count(), 1, "{plan}");
    drop(probe);

    // What keeps the planner from looking into it: a call in each query, which costs as much as the row; and a SELECT around it,
    // a plan for each table.
    let pinned = "alter function current_tenant() set search_path = pg_catalog";
    let wrapped = "alter policy mail_select on mail using (tenant_id = (select current_tenant()));
                   alter policy membership_select on membership using (tenant_id = (select current_tenant()))";
    for (change, sign, times) in [(pinned, "(current_tenant() = ", 1), (wrapped, "InitPlan ", 2)] {
        let mut probe = Probe::after(&world, change, APP, world.acme).await;
        let plan = probe.rows(&explained).await.join("\n");
        assert!(plan.matches(sign).count() >= times, "{change}: {plan}");
    }
}

#[test]
fn what_is_said_of_queries_is_said_of_some() {
    let queries = queries();
    let excepted = ACROSS_TENANTS.iter().chain(GUESSED).map(|(part, _)| part);
    for part in excepted.chain(CASES.iter().chain(COUNTS).map(|(part, _)| part)) {
        assert!(queries.iter().any(|query| query.line.contains(part)), "no query has {part:?}");
    }
}

async fn make_rows(superuser: &mut PgConnection, giant: TenantId) {
    let mut settings = format!("select set_config('rows.giant', '{giant}', false)");
    for (name, value) in SETTINGS {
        settings.push_str(&format!(", set_config('{name}', '{value}', false)"));
    }
    superuser.execute(AssertSqlSafe(settings)).await.unwrap();
    superuser.execute(include_str!("../../../../end2end/bench/rows.sql")).await.unwrap();
    // What is marked as visible to all can be counted in an index alone.
    superuser.execute("vacuum (analyze)").await.unwrap();
}

/// Each query of `.sqlx`, in the order of the text.
fn queries() -> Vec<Query> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.sqlx");
    let mut queries: Vec<Query> =
        fs::read_dir(folder).unwrap().map(|file| Query::read(&file.unwrap().path())).collect();
    assert!(queries.len() > 80, "{} queries: this folder is not the one", queries.len());
    queries.sort_by(|a, b| a.line.cmp(&b.line));
    queries
}

impl Query {
    fn read(path: &Path) -> Self {
        let described: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let text = described["query"].as_str().unwrap().to_owned();
        let types = described["describe"]["parameters"]["Left"].as_array().unwrap();
        Self {
            line: text.split_whitespace().collect::<Vec<_>>().join(" "),
            text,
            types: types.iter().map(|kind| kind.as_str().unwrap().to_owned()).collect(),
        }
    }

    /// What a parameter is, as far as its type and its place tell.
    fn usual(&self, number: usize, kind: &str) -> String {
        match kind {
            // The first parameter of a query of a store is the tenant.
            "Uuid" if number == 1 => "'{tenant}'".into(),
            "Uuid" => format!("'{{{}}}'", self.table()),
            "UuidArray" => format!("'{{{}s}}'", self.table()),
            "Bytea" => "'{sha256}'".into(),
            "Bool" => "false".into(),
            "TextArray" => "'{}'".into(),
            "Int4Array" => "array_fill(1, array[50])".into(),
            "Int2" | "Int4" | "Float8" => "1".into(),
            // A page of a list, and the one row that tells whether another follows.
            "Int8" if self.line.contains(&format!("limit ${number}")) => "51".into(),
            // A filter that is not set, or what an update would write.
            _ => "null".into(),
        }
    }

    /// The table that it is about: the first that it names and of which a tenant has something.
    fn table(&self) -> &str {
        let words: Vec<&str> = self.line.split(' ').collect();
        let named = words.windows(2).filter(|pair| ["from", "join", "update", "into"].contains(&pair[0]));
        named.map(|pair| pair[1]).find(|table| VALUES.iter().any(|(name, _)| name == table)).unwrap_or("document")
    }
}

fn cases_of(query: &Query) -> Vec<&'static [(usize, &'static str)]> {
    let said = CASES.iter().chain(COUNTS).filter(|(part, _)| query.line.contains(part));
    let mut cases: Vec<_> = said.map(|(_, case)| *case).collect();
    if cases.is_empty() {
        cases.push(&[]);
    }
    cases
}

/// What EXECUTE is given.
fn arguments(query: &Query, case: &[(usize, &str)], values: &BTreeMap<&str, String>) -> Vec<String> {
    let argument = |(number, kind): (usize, &String)| {
        let said = case.iter().find(|(said, _)| *said == number).map(|(_, value)| (*value).to_owned());
        let mut text = said.unwrap_or_else(|| query.usual(number, kind));
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    };
    (1..).zip(&query.types).map(argument).collect()
}

async fn values_of(superuser: &mut PgConnection, tenant: TenantId) -> BTreeMap<&'static str, String> {
    let mut values = BTreeMap::new();
    for (name, question) in VALUES {
        let question = format!("select ({})::text", question.replace("{tenant}", &tenant.to_string()));
        let value: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(question)).fetch_one(&mut *superuser).await.unwrap();
        values.insert(*name, value.unwrap_or_else(|| panic!("{tenant} has no {name}")));
    }
    values
}

async fn faults_of(
    world: &World,
    tenant: TenantId,
    query: &Query,
    arguments: &[String],
    isolated: &Isolated,
) -> Vec<String> {
    let mut faults = Vec::new();
    // Postgres plans a statement for the values it is given, and after a few times once for all; both must hold. What the
    // latter expects is an average, so only the ways that it takes are looked at.
    let once_for_all = plan_of(world, tenant, query, arguments, "force_generic_plan", "").await;
    isolated.look_at_ways(&once_for_all, &mut faults);
    let plan = plan_of(world, tenant, query, arguments, "force_custom_plan", "").await;
    isolated.look_at_ways(&plan, &mut faults);
    // What changes something is not run.
    let is_guessed = GUESSED.iter().any(|(part, _)| query.line.contains(part));
    if !is_guessed && !any(&plan, &|node| node["Node Type"] == "ModifyTable") {
        let ran = plan_of(world, tenant, query, arguments, "force_custom_plan", "analyze, ").await;
        isolated.look_at_rows(&ran, &mut faults);
    }
    faults.sort();
    faults.dedup();
    faults
}

/// As the web server, or as a worker where the query is not for the web server.
async fn plan_of(
    world: &World,
    tenant: TenantId,
    query: &Query,
    arguments: &[String],
    mode: &str,
    options: &str,
) -> Value {
    let as_web = explain(world.services.db.sessions(), tenant, query, arguments, mode, options).await;
    let plan = match as_web {
        Err(error) if is_denied(&error) => {
            explain(world.workers.db.sessions(), tenant, query, arguments, mode, options).await
        }
        other => other,
    };
    plan.unwrap_or_else(|error| panic!("{error}: {} with {arguments:?}", query.line))
}

/// In a transaction that is rolled back.
async fn explain(
    pool: &PgPool,
    tenant: TenantId,
    query: &Query,
    arguments: &[String],
    mode: &str,
    options: &str,
) -> sqlx::Result<Value> {
    let mut connection = pool.acquire().await?;
    let begin =
        // Whoever acts is the tenant's owner, who uploaded everything and so sees what is private too.
        format!(
            "begin; select set_config('app.tenant_id', '{tenant}', true);
             select set_config('app.account_id', account_id::text, true) from membership
             where tenant_id = '{tenant}' and role = 'owner' limit 1;
             set local plan_cache_mode = {mode}"
        );
    connection.execute(AssertSqlSafe(begin)).await?;
    let types = query.types.iter().map(|kind| kind.replace("Array", "[]")).collect::<Vec<_>>().join(", ");
    let (types, values) = if types.is_empty() {
        Default::default()
    } else {
        (format!("({types})"), format!("({})", arguments.join(", ")))
    };
    connection.execute(AssertSqlSafe(format!("prepare hot {types} as {}", query.text))).await?;
    let explained =
        connection.fetch_one(AssertSqlSafe(format!("explain ({options}format json) execute hot {values}"))).await;
    connection.execute("rollback; deallocate hot").await?;
    Ok(explained?.get::<Value, _>(0)[0]["Plan"].take())
}

fn is_denied(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "42501")
}

impl Isolated {
    async fn read(superuser: &mut PgConnection) -> Self {
        let tables = sqlx::query_scalar("select relname::text from pg_class where relrowsecurity");
        Self { tables: tables.fetch_all(superuser).await.unwrap() }
    }

    fn is_scan(&self, node: &Value) -> bool {
        let of_tenants = self.tables.iter().any(|table| node["Relation Name"] == table.as_str());
        of_tenants && node["Node Type"].as_str().is_some_and(|kind| kind.ends_with("Scan"))
    }

    /// Each scan of a tenant's table goes by indexes, and each of their conditions names the tenant.
    fn look_at_ways(&self, plan: &Value, faults: &mut Vec<String>) {
        visit(plan, false, &mut |node, _| {
            if !self.is_scan(node) {
                return;
            }
            let mut conditions = Vec::new();
            index_conditions(node, &mut conditions);
            if conditions.is_empty() || conditions.iter().any(|condition| !condition.contains("tenant_id")) {
                faults.push(format!("{} without the tenant: {conditions:?}", name_of(node)));
            }
        });
    }

    /// Each scan that came to its end, and the answer, had about as many rows as was expected, and no scan threw many away.
    fn look_at_rows(&self, plan: &Value, faults: &mut Vec<String>) {
        let wrong = |node: &Value| {
            // An estimate is one row at least.
            let (expected, found) = (rows(node, "Plan Rows").max(1.0), rows(node, "Actual Rows").max(1.0));
            expected / found > WRONG_BY || found / expected > WRONG_BY
        };
        let mut say = |node: &Value, what: &str| {
            faults.push(format!(
                "{} {what}: {} rows expected, {} found, {} thrown away in each of {}",
                name_of(node),
                node["Plan Rows"],
                node["Actual Rows"],
                node["Rows Removed by Filter"],
                node["Actual Loops"]
            ));
        };
        if any(plan, &|node| self.is_scan(node)) && wrong(plan) {
            say(plan, "is not as expected");
        }
        visit(plan, false, &mut |node, was_stopped| {
            if !self.is_scan(node) || rows(node, "Actual Loops") == 0.0 {
                return;
            }
            if !was_stopped && wrong(node) {
                say(node, "is not as expected");
            }
            if rows(node, "Rows Removed by Filter") * rows(node, "Actual Loops") > THROWN_AWAY {
                say(node, "throws away what an index should not have given");
            }
        });
    }
}

/// Calls `see` with each node, and with whether a limit above it had enough before it came to its end.
fn visit(node: &Value, was_stopped: bool, see: &mut impl FnMut(&Value, bool)) {
    see(node, was_stopped);
    let had_enough = node["Node Type"] == "Limit" && rows(node, "Actual Rows") >= rows(node, "Plan Rows");
    for child in children(node) {
        visit(child, was_stopped || had_enough, see);
    }
}

fn any(node: &Value, is: &impl Fn(&Value) -> bool) -> bool {
    is(node) || children(node).iter().any(|child| any(child, is))
}

/// Of a scan: its own, or those of the bitmaps it is made of. Empty for a scan that goes by no index; an index that is read
/// from end to end has an empty one.
fn index_conditions<'a>(scan: &'a Value, conditions: &mut Vec<&'a str>) {
    if scan["Index Name"].is_string() {
        conditions.push(scan["Index Cond"].as_str().unwrap_or_default());
    }
    for child in children(scan) {
        if child["Node Type"].as_str().is_some_and(|kind| kind.starts_with("Bitmap")) {
            index_conditions(child, conditions);
        }
    }
}

fn children(node: &Value) -> &[Value] {
    node["Plans"].as_array().map_or(&[], Vec::as_slice)
}

fn rows(node: &Value, field: &str) -> f64 {
    node[field].as_f64().unwrap_or_default()
}

fn name_of(node: &Value) -> String {
    let words = ["Node Type", "Relation Name", "Index Name"].into_iter().filter_map(|field| node[field].as_str());
    words.collect::<Vec<_>>().join(" ")
}
