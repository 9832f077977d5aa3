//! Making a database ready with no more power than whoever hosts a Postgres gives.

use domain::db::setup::{self, OWNER};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn setting_up_needs_no_superuser() {
    // Its roles are there already, as they belong to the whole cluster: the hoster is given what their maker would have.
    let world = World::new().await;
    let hoster = format!("hoster_{}", world.acme.0.simple());
    let made = format!(
        "create role {hoster} login createdb createrole password '{PASSWORD}';
         do $$
         declare
             powers text := 'with admin option';
         begin
             if current_setting('server_version_num')::int >= 160000 then
                 powers := 'with admin true, inherit false, set false';
             end if;
             execute 'grant sheaf_owner, sheaf_app, sheaf_worker, sheaf_search to {hoster} ' || powers;
         end $$"
    );
    world.superuser().await.execute(AssertSqlSafe(made)).await.unwrap();

    let admin = world.admin.clone().username(&hoster).password(PASSWORD);
    let mut connection = PgConnection::connect_with(&admin).await.unwrap();
    setup::make_roles(&mut connection, PASSWORD).await.unwrap();
    connection.close().await.unwrap();
    let database = format!("sheaf_{hoster}");
    setup::make_database(&admin, &database).await.unwrap();
    setup::migrate(&admin.database(&database).username(OWNER).password(PASSWORD)).await.unwrap();
}
