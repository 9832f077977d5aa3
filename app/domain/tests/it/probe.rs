//! Looking at the database past the product: what a role sees that has signed in, with the schema as it is, and with
//! what closes a leak taken out.

use std::{fs, path::Path};

use domain::{
    actor::Member,
    id::{DocumentId, TenantId},
};
use sqlx::{AssertSqlSafe, Executor, PgConnection, Row, postgres::PgRow};

use crate::world::World;

/// What Ada's page says. Nothing that Eve is shown or told may hold a word of it.
pub const SECRET: &str = "unmistakable 4242424242";

/// What Eve's page says. It is a number, so that a cast which fails has looked at somebody else's.
pub const EVES: &str = "1";

/// A transaction that is never committed, as a role of the product. Dropping it ends it, which must be before another
/// one changes the tables that it has looked at: until then it holds locks on them.
pub struct Probe(PgConnection);

impl Probe {
    /// On a connection that signed in as the web server does, with the schema as it is.
    pub async fn signed_in(world: &World, tenant: TenantId) -> Self {
        let connection = world.services.db.sessions().acquire().await.unwrap().detach();
        let mut probe = Self(connection);
        probe.rows("begin").await;
        probe.set_tenant(tenant).await;
        probe
    }

    /// The same as a worker.
    pub async fn worker(world: &World, tenant: TenantId) -> Self {
        let connection = world.workers.db.sessions().acquire().await.unwrap().detach();
        let mut probe = Self(connection);
        probe.rows("begin").await;
        probe.set_tenant(tenant).await;
        probe
    }

    /// After a change that the superuser makes in this transaction alone. It then gives its powers up: the role is that
    /// of the session too, so that what the role may not become it cannot become here.
    pub async fn after(world: &World, change: &str, role: &str, tenant: TenantId) -> Self {
        let mut probe = Self::without_tenant(world, change, role).await;
        probe.set_tenant(tenant).await;
        probe
    }

    /// The same with no tenant set, in a session that never had one.
    pub async fn without_tenant(world: &World, change: &str, role: &str) -> Self {
        let mut probe = Self(world.superuser().await);
        probe.rows(&format!("begin; {change}; set local session authorization {role}")).await;
        probe
    }

    pub async fn set_tenant(&mut self, tenant: TenantId) {
        self.rows(&format!("select set_config('app.tenant_id', '{tenant}', true)")).await;
    }

    /// The rows of statements that must not fail, each as its values with blanks between.
    pub async fn rows(&mut self, statements: &str) -> Vec<String> {
        let rows = self.0.fetch_all(AssertSqlSafe(statements.to_owned())).await;
        rows.unwrap_or_else(|error| panic!("{statements}: {error}")).iter().map(text).collect()
    }

    /// The last row of statements that must not fail.
    pub async fn one(&mut self, statements: &str) -> String {
        self.rows(statements).await.pop().unwrap_or_default()
    }

    /// The rows of statements; or why they are refused: the SQLSTATE, and then everything that Postgres says. After a
    /// refusal the transaction goes on.
    pub async fn ask(&mut self, statements: &str) -> Result<Vec<String>, String> {
        self.rows("savepoint before").await;
        let failed = match self.0.fetch_all(AssertSqlSafe(statements.to_owned())).await {
            Ok(rows) => return Ok(rows.iter().map(text).collect()),
            Err(failed) => failed,
        };
        let code = failed.as_database_error().and_then(|error| error.code()).unwrap_or_default();
        let told = format!("{code} {failed:?}");
        self.rows("rollback to savepoint before").await;
        Err(told)
    }

    /// The SQLSTATE of statements that must be refused.
    pub async fn refusal(&mut self, statements: &str) -> String {
        match self.ask(statements).await {
            Ok(rows) => panic!("{statements} was answered: {rows:?}"),
            Err(told) => told.split(' ').next().unwrap_or_default().to_owned(),
        }
    }

    /// How many rows the planner expects.
    pub async fn estimate(&mut self, query: &str) -> i64 {
        let plan = self.rows(&format!("explain {query}")).await;
        let (_, rows) = plan[0].split_once("rows=").unwrap();
        rows.split(' ').next().unwrap().parse().unwrap()
    }

    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

/// A document of Ada's, called `adas.txt`, and one of Eve's, `eves.txt`, of a page each. Hers comes first in the
/// tables, so that what looks at both has looked at Ada's last.
pub async fn two_documents(world: &World) -> (DocumentId, DocumentId) {
    let eves = document(world, &world.eve, "eves.txt", EVES).await;
    let adas = document(world, &world.ada, "adas.txt", SECRET).await;
    (adas, eves)
}

/// The Rust files of a crate of this workspace, by their paths from its root, with their text.
pub fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    visit(&root.join(folder), &mut |path, text| {
        let path = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        found.push((path, text));
    });
    found
}

async fn document(world: &World, member: &Member, name: &str, says: &str) -> DocumentId {
    let id = world.services.clock.id::<DocumentId>();
    let (tenant, account) = (member.tenant, member.account);
    let insert = format!(
        "insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, uploaded_by, created_at)
         values ('{tenant}', '{id}', '{name}', 'text', 1, sha256('{name}'), '', 'read', '{account}', now());
         insert into page (tenant_id, document_id, number, text, word_count, config, tsv)
         values ('{tenant}', '{id}', 1, '{says}', 1, 'sheaf_english',
                 to_tsvector('sheaf_english', '{says}') || array_to_tsvector(array['sheaf_english']))"
    );
    world.superuser().await.execute(AssertSqlSafe(insert)).await.unwrap();
    id
}

fn text(row: &PgRow) -> String {
    let value = |column: usize| row.try_get_raw(column).unwrap().as_str().unwrap_or_default().to_owned();
    (0..row.len()).map(value).collect::<Vec<_>>().join(" ")
}

fn visit(folder: &Path, see: &mut impl FnMut(&Path, String)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, see);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            see(&path, fs::read_to_string(&path).unwrap());
        }
    }
}
