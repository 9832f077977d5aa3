//! Making a database ready: its roles, its schema.

use std::{sync::LazyLock, time::Duration};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, migrate::Migrator, postgres::PgConnectOptions};

pub use super::migrate::migrate_by;
use crate::error::{Error, Result};

/// Every change of the schema, in order. A database that has newer ones is good too: they are forward compatible, and the version
/// before has to start beside them, while servers are replaced and when one goes back.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("../../migrations");
    migrations.set_ignore_missing(true);
    migrations
});

/// How long a migration tries for its locks: longer than any transaction of ours may be open, but for housekeeping.
const PATIENCE: Duration = Duration::from_secs(90);

/// What makes the roles; see the file itself.
const ROLES: &str = include_str!("../../../../migrations/setup/roles.sql");

/// The roles that sign in.
pub const OWNER: &str = "sheaf_owner";
pub const APP: &str = "sheaf_app";
pub const WORKER: &str = "sheaf_worker";

/// Makes the roles where they are missing, and sets the passwords of the three that sign in.
pub async fn make_roles(admin: &mut PgConnection, password: &str) -> Result<()> {
    if !password.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Error::internal("a role's password is letters and digits"));
    }
    admin.execute(ROLES).await?;
    for role in [OWNER, APP, WORKER] {
        // ALTER ROLE takes no parameters; the password was checked above and the roles are constants.
        let statement = format!("alter role {role} password '{password}'");
        admin.execute(AssertSqlSafe(statement)).await?;
    }
    Ok(())
}

/// Makes the database `name` where it is missing, owned by the schema's owner.
pub async fn make_database(admin: &PgConnectOptions, name: &str) -> Result<()> {
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(Error::internal("a database's name is letters, digits and underscores"));
    }
    let mut connection = PgConnection::connect_with(admin).await?;
    let exists = sqlx::query_scalar::<_, bool>("select exists (select from pg_database where datname = $1)").bind(name);
    if !exists.fetch_one(&mut connection).await? {
        connection.execute(AssertSqlSafe(format!("create database {name} owner {OWNER} encoding 'UTF8'"))).await?;
        let mut inside = PgConnection::connect_with(&admin.clone().database(name)).await?;
        inside.execute(AssertSqlSafe(format!("alter schema public owner to {OWNER}"))).await?;
        inside.close().await?;
    }
    connection.close().await?;
    Ok(())
}

/// Brings the schema up to date, as its owner. Safe to run by several at once: they wait for each other. It may be run while
/// servers answer: nobody waits behind it for longer than a moment.
pub async fn migrate(owner: &PgConnectOptions) -> Result<()> {
    migrate_by(&MIGRATIONS, owner, PATIENCE).await
}

/// Migrations that this program has and the database has not, by their names. One that the database has besides is not among them.
pub async fn pending_migrations(db: &super::Db) -> Result<Vec<String>> {
    let mut tx = db.system().await?;
    let applied: Vec<i64> =
        sqlx::query_scalar("select version from _sqlx_migrations where success").fetch_all(tx.conn()).await?;
    let pending = MIGRATIONS.iter().filter(|migration| !applied.contains(&migration.version));
    Ok(pending.map(|migration| migration.description.to_string()).collect())
}
