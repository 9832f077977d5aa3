//! What runs a statement in a transaction, also behind a pooler.

use futures::{future::BoxFuture, stream::BoxStream};
use sqlx::{
    Describe, Either, Execute, Executor, PgConnection, Postgres, SqlStr,
    error::BoxDynError,
    postgres::{PgArguments, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};

/// How Postgres is told of a statement that has parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statements {
    /// Prepared once a connection, under a name: the next time, one message is enough.
    Named,
    /// Prepared each time, without a name. A transaction pooler gives each transaction another session of Postgres, in
    /// which the name is unknown or, worse, somebody else's.
    Unnamed,
}

/// The connection of a transaction. It decides for every query whether its statement has a name, as sqlx has no setting
/// for that: with `statement_cache_capacity(0)` it forgets the names that it goes on giving.
#[derive(Debug)]
pub(crate) struct Conn<'c> {
    inner: &'c mut PgConnection,
    statements: Statements,
}

impl<'c> Conn<'c> {
    pub(super) fn new(inner: &'c mut PgConnection, statements: Statements) -> Self {
        Self { inner, statements }
    }

    fn told<E>(&self, query: E) -> Told<E> {
        Told { query, statements: self.statements }
    }
}

impl<'c> Executor<'c> for Conn<'c> {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Either<PgQueryResult, PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let query = self.told(query);
        self.inner.fetch_many(query)
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let query = self.told(query);
        self.inner.fetch_optional(query)
    }

    // Both are for whoever prepares a statement to keep it, or describes one at build time. Nothing here does.
    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, sqlx::Result<PgStatement>>
    where
        'c: 'e,
    {
        self.inner.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<Postgres>>>
    where
        'c: 'e,
    {
        self.inner.describe(sql)
    }
}

/// A query, and how Postgres is told of it.
struct Told<E> {
    query: E,
    statements: Statements,
}

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for Told<E> {
    fn sql(self) -> SqlStr {
        self.query.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.query.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        self.query.take_arguments()
    }

    fn persistent(&self) -> bool {
        self.statements == Statements::Named && self.query.persistent()
    }
}
