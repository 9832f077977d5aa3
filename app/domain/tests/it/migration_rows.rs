//! Tables as those of an installation that has been used for long, filled by SQL alone.

use sqlx::{AssertSqlSafe, Executor, PgConnection};

/// Workspaces, which the rows of each table belong to in equal parts.
const TENANTS: u64 = 100;

/// A table that grows with what people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growing {
    pub name: &'static str,
    /// What, beside the tenant, a row is found by.
    pub key: &'static str,
    columns: &'static str,
    /// Of the row `n`; `m` is its moment and `h` a hash.
    values: &'static str,
}

/// All of them. `session`, `slow_request` and others grow too and are thinned by housekeeping.
pub const GROWING: &[Growing] = &[
    Growing {
        name: "document",
        key: "id",
        columns: "id, name, format, bytes, sha256, object_key, state, pages, pages_read, words, uploaded_by, created_at",
        values: "pg_temp.id(n), 'Report ' || n || '.txt', 'text', 4000, h, 'originals/' || n, 'read', 1, 1, 5, pg_temp.id(0), m",
    },
    Growing {
        name: "page",
        key: "document_id",
        columns: "document_id, number, text, word_count, tsv",
        values: "pg_temp.id(n), 1, 'The report of the quick brown fox ' || n, 8, 'brown:6 fox:7 quick:5 report:2'",
    },
    Growing {
        name: "job",
        key: "id",
        columns: "id, kind, payload, state, attempt, max_attempts, run_at, created_at, started_at, finished_at, account_id, subject, worked",
        values: "pg_temp.id(n), 'read_document', jsonb_build_object('document', pg_temp.id(n)), 'done', 1, 5, m, m, m, m, pg_temp.id(0), pg_temp.id(n), 1",
    },
    Growing {
        name: "audit_entry",
        key: "id",
        columns: "id, account_id, act, subject_id, created_at, number, previous_hash, hash",
        values: "pg_temp.id(n), pg_temp.id(0), 'document.uploaded', pg_temp.id(n), m, n + 1, h, h",
    },
    Growing {
        name: "ledger_entry",
        key: "id",
        columns: "id, kind, debit, credit, credits, key, period_start, document_id, plan, price_version, at",
        values: "pg_temp.id(n), 'use', 'used', 'available', 1, 'document/' || n, date_trunc('month', m), pg_temp.id(n), 'free', 1, m",
    },
    Growing {
        name: "mail",
        key: "id",
        columns: "id, idempotency_key, recipient, subject, text_body, html_body, state, created_at, sent_at",
        values: "pg_temp.id(n), 'mail/' || n, 'ada@acme.example', 'Your report', 'It is ready.', '<p>It is ready.</p>', 'sent', m, m",
    },
    Growing {
        name: "report",
        key: "id",
        columns: "id, title, scope, state, object_key, bytes, sha256, pages, documents, made_by, created_at, finished_at",
        values: "pg_temp.id(n), 'Report ' || n, '{\"documents\": []}', 'ready', 'reports/' || n, 4000, h, 1, 1, pg_temp.id(0), m, m",
    },
];

/// A row in the middle of one of these tables, by `tenant_id` and its key.
pub fn one_row(table: &Growing, rows: u64) -> String {
    let (n, key) = (rows / 2, table.key);
    format!("tenant_id = '{}' and {key} = '{}'", id(n * TENANTS / rows), id(n))
}

/// Fills each table with so many rows, as a superuser. Triggers are left out: nothing is announced, charged or chained.
pub async fn fill(superuser: &mut PgConnection, tables: &[Growing], rows: u64) {
    superuser.execute(AssertSqlSafe(begin())).await.unwrap();
    for table in tables {
        let indexes = indexes(superuser, table).await;
        // Made once over all rows, they cost a fraction of what they cost row by row.
        for (name, _) in &indexes {
            superuser.execute(AssertSqlSafe(format!("drop index {name}"))).await.unwrap();
        }
        superuser.execute(AssertSqlSafe(insert(table, rows))).await.unwrap();
        for (_, definition) in indexes {
            superuser.execute(AssertSqlSafe(definition)).await.unwrap();
        }
        superuser.execute(AssertSqlSafe(format!("vacuum (analyze) {}", table.name))).await.unwrap();
    }
}

/// The workspaces, with Ada in all of them.
fn begin() -> String {
    format!(
        "set session_replication_role = replica;
         set maintenance_work_mem = '256MB';
         create function pg_temp.id(n bigint) returns uuid language sql immutable
             as $$ select lpad(to_hex(n), 32, '0')::uuid $$;
         insert into tenant (tenant_id, name, created_at)
             select pg_temp.id(n), 'Workspace ' || n, now() from generate_series(0, {TENANTS} - 1) n;
         insert into account (id, email, name, password_hash, created_at)
             values (pg_temp.id(0), 'ada@acme.example', 'Ada', '', now());
         insert into subscription (tenant_id, trial_ends_at, period_start, period_end)
             select tenant_id, now(), now(), now() + interval '30 days' from tenant"
    )
}

fn insert(table: &Growing, rows: u64) -> String {
    let Growing { name, columns, values, .. } = table;
    format!(
        "insert into {name} (tenant_id, {columns})
         select pg_temp.id(n * {TENANTS} / {rows}), {values} from generate_series(0::bigint, {rows} - 1) n,
             lateral (select now() - n * interval '1 s' as m, sha256(n::text::bytea) as h) of_row"
    )
}

/// Those that are no constraint, each with the statement that makes it.
async fn indexes(superuser: &mut PgConnection, table: &Growing) -> Vec<(String, String)> {
    let query = "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
                 where i.indrelid = $1::regclass and not exists (select from pg_constraint c where c.conindid = i.indexrelid)";
    sqlx::query_as(query).bind(table.name).fetch_all(superuser).await.unwrap()
}

/// As `pg_temp.id` makes them.
fn id(n: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128(n.into())
}
