//! What a stranger sees: nothing.

use bytes::Bytes;
use domain::{
    ErrorKind,
    actor::Member,
    documents::{self, ListQuery, Upload},
    id::DocumentId,
    reports::{self, NewReport, Scope},
};
use sqlx::{Executor, Row, postgres::PgRow};

use crate::world::World;

#[tokio::test]
async fn without_a_tenant_every_tenants_table_raises() {
    let world = World::new().await;
    for table in [
        "tenant",
        "membership",
        "document",
        "document_reader",
        "page",
        "report",
        "export",
        "mail",
        "audit_entry",
        "job",
        "job_lane",
        "job_step",
        "invite",
        "api_key",
        "searchable_page",
        "support_visit",
        "invoice",
        "subscription_change",
        "subscription",
        "tenant_meter",
        "ledger_entry",
        "credit_hold",
        "meter_event",
    ] {
        for statement in [
            format!("select * from {table}"),
            // A session that had a tenant in an earlier transaction has an empty setting, which must raise too.
            format!("select set_config('app.tenant_id', '', true); select * from {table}"),
        ] {
            let mut connection = world.app_role().await;
            let error = connection.execute(sqlx::AssertSqlSafe(statement.clone())).await;
            let message = error.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains("no tenant is set"), "{statement}: {message:?}");
        }
    }
}

#[tokio::test]
async fn eve_finds_nothing_of_adas() {
    let world = World::new().await;
    let id = upload(&world, "secret.txt", b"the plan").await;
    let (services, eve) = (&world.services, &world.eve);
    assert_eq!(documents::find(services, eve, id).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(documents::page(services, eve, id, 1, None).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(documents::retry(services, eve, id).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(documents::read_again(services, eve, &[id]).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(documents::cancel(services, eve, id).await.unwrap_err().kind, ErrorKind::NotFound);
    assert!(documents::original(services, eve, id, None).await.is_err());
    assert!(documents::text_of(services, eve, id).await.is_err());
    assert_eq!(documents::trash(services, eve, &[id]).await.unwrap(), 0);
    assert_eq!(documents::list(services, eve, &ListQuery::default()).await.unwrap().documents, []);
    assert_eq!(documents::list(services, &world.ada, &ListQuery::default()).await.unwrap().documents.len(), 1);
}

#[tokio::test]
async fn eve_reaches_no_report_of_adas() {
    let world = World::new().await;
    let id = upload(&world, "secret.txt", b"the plan").await;
    let new = NewReport::parse("Plans", Scope::Documents(vec![id])).unwrap();
    let (report, _) = reports::ask(&world.services, &world.ada, new).await.unwrap();
    let (services, eve) = (&world.services, &world.eve);
    assert_eq!(reports::find(services, eve, report).await.unwrap_err().kind, ErrorKind::NotFound);
    assert!(reports::download(services, eve, report).await.is_err());
    assert_eq!(reports::delete(services, eve, report).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(reports::list(services, eve).await.unwrap(), []);
    assert_eq!(reports::find(services, &world.ada, report).await.unwrap().title, "Plans");
}

#[tokio::test]
async fn a_row_cannot_be_written_for_or_moved_to_another_tenant() {
    let world = World::new().await;
    upload(&world, "mine.txt", b"mine").await;
    let (acme, globex) = (world.acme, world.globex);
    let as_acme = format!("begin; select set_config('app.tenant_id', '{acme}', true);");
    for statement in [
        format!("update document set tenant_id = '{globex}'"),
        format!("insert into membership select '{globex}', account_id, role, created_at from membership"),
        format!("insert into tenant values ('{globex}', 'Stolen', now())"),
    ] {
        let mut connection = world.app_role().await;
        connection.execute(sqlx::AssertSqlSafe(as_acme.clone())).await.unwrap();
        let error = connection.execute(sqlx::AssertSqlSafe(statement.clone())).await.unwrap_err();
        assert!(error.to_string().contains("row-level security"), "{statement}: {error}");
        connection.execute("rollback").await.unwrap();
    }
}

#[tokio::test]
async fn the_tenant_ends_with_its_transaction() {
    let world = World::new().await;
    world.services.db.tenant(&world.ada).await.unwrap().commit().await.unwrap();
    let question = "select current_setting('app.tenant_id', true)";
    // Without a pooler these are the connections that the transaction may have had.
    let sessions = world.services.db.sessions();
    for _ in 0..sessions.size().max(1) {
        assert!(is_empty(sessions.fetch_one(question).await.unwrap()));
    }
    // With one they are behind this connection, each in its turn.
    let mut app = world.app_role().await;
    for _ in 0..8 {
        assert!(is_empty(app.fetch_one(question).await.unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_at_once_each_see_their_own_tenant() {
    let world = World::new().await;
    upload(&world, "secret.txt", b"the plan").await;
    let look = async |member: &Member| {
        let list = documents::list(&world.services, member, &ListQuery::default()).await.unwrap();
        list.documents.into_iter().map(|document| document.name).collect::<Vec<_>>()
    };
    for _ in 0..20 {
        let (ada, eve) = (futures::future::join_all([(); 8].map(|()| look(&world.ada))), look(&world.eve));
        let (ada, eve) = tokio::join!(ada, eve);
        assert!(ada.iter().all(|names| *names == ["secret.txt"]), "{ada:?}");
        assert_eq!(eve, [""; 0]);
    }
}

fn is_empty(row: PgRow) -> bool {
    row.get::<Option<String>, _>(0).is_none_or(|setting| setting.is_empty())
}

async fn upload(world: &World, name: &str, content: &'static [u8]) -> DocumentId {
    let source = futures::stream::iter([Ok(Bytes::from_static(content))]);
    match documents::upload(&world.services, &world.ada, name, false, source).await.unwrap() {
        Upload::Accepted { document, .. } => document,
        Upload::AlreadyHere { .. } => panic!("it was here already"),
    }
}
