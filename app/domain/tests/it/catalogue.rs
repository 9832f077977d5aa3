//! What the database itself promises, read from its catalogue: a new table that is not isolated fails here.

use sqlx::Row;

use crate::world::World;

/// Tables without a tenant, each with its reason.
const WITHOUT_TENANT: [(&str, &str); 4] = [
    ("_sqlx_migrations", "which migrations were applied"),
    ("account", "a person is known across tenants, and holds no tenant's data"),
    ("session", "belongs to an account; it names a tenant and holds nothing of it"),
    ("email_token", "belongs to an account"),
];

#[tokio::test]
async fn every_table_of_tenants_is_isolated() {
    let world = World::new().await;
    let tables = strings(
        &world,
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1",
    )
    .await;
    assert!(tables.len() > 8, "{tables:?}");
    let isolated: Vec<_> = tables.iter().filter(|table| WITHOUT_TENANT.iter().all(|(name, _)| name != table)).collect();
    for table in isolated {
        let isolation = strings(
            &world,
            &format!(
                "select concat_ws(' ', relrowsecurity, relforcerowsecurity,
                        (select attnotnull from pg_attribute where attrelid = c.oid and attname = 'tenant_id'),
                        exists (select from pg_policy where polrelid = c.oid))
                 from pg_class c where oid = '{table}'::regclass"
            ),
        )
        .await;
        assert_eq!(isolation, ["t t t t"], "{table}: row-level security enabled, forced, tenant_id not null, a policy");
    }
}

#[tokio::test]
async fn the_tenant_leads_every_key_of_a_tenants_table() {
    let world = World::new().await;
    let names: Vec<_> = WITHOUT_TENANT.iter().map(|(name, _)| format!("'{name}'")).collect();
    let wrong = strings(
        &world,
        &format!(
            "select format('%s: %s', c.conrelid::regclass, pg_get_constraintdef(c.oid))
             from pg_constraint c
             where c.connamespace = 'public'::regnamespace
               and c.contype in ('p', 'u', 'f')
               and c.conrelid::regclass::text not in ({})
               and (select attname from pg_attribute where attrelid = c.conrelid and attnum = c.conkey[1]) <> 'tenant_id'
               -- A person who did something is an account, and accounts are known across tenants.
               and not (c.contype = 'f' and c.confrelid = 'account'::regclass)",
            names.join(", ")
        ),
    )
    .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_roles_of_the_product_own_nothing_and_bypass_nothing() {
    let world = World::new().await;
    let powers = strings(
        &world,
        "select rolname from pg_roles where rolname like 'sheaf%'
           and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)",
    )
    .await;
    assert!(powers.is_empty(), "{powers:?} may do too much");
    let owned = strings(
        &world,
        "select relname from pg_class c join pg_roles r on r.oid = c.relowner
         where r.rolname in ('sheaf_app', 'sheaf_worker')",
    )
    .await;
    assert!(owned.is_empty(), "{owned:?} are owned by a role of the product");
    let grants = strings(
        &world,
        "select format('%s on %s to %s', privilege_type, table_name, grantee) from information_schema.role_table_grants
         where table_schema = 'public' and grantee in ('sheaf_app', 'sheaf_worker', 'sheaf_search', 'PUBLIC')
           -- Its owner may do anything to the one view.
           and not (grantee = 'sheaf_search' and table_name = 'searchable_page')
           and (privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER') or grantee = 'PUBLIC')",
    )
    .await;
    assert!(grants.is_empty(), "{grants:?}");
}

#[tokio::test]
async fn functions_are_pinned_and_nobody_s_by_default() {
    let world = World::new().await;
    // Functions of extensions belong to the extensions.
    let loose = strings(
        &world,
        "select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace = 'public'::regnamespace
           and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
           and (p.proconfig is null or not exists (select from unnest(p.proconfig) as s where s like 'search_path=%')
                or has_function_privilege('public', p.oid, 'execute'))",
    )
    .await;
    assert!(loose.is_empty(), "{loose:?}");
    let sequences = strings(&world, "select relname from pg_class where relkind = 'S'").await;
    assert!(sequences.is_empty(), "{sequences:?} would tell how much business we do");
}

#[tokio::test]
async fn one_view_sees_through_the_policies_and_filters_by_itself() {
    let world = World::new().await;
    let views = strings(
        &world,
        "select format('%s owned by %s', c.relname, r.rolname) from pg_class c join pg_roles r on r.oid = c.relowner
         where c.relkind in ('v', 'm') and c.relnamespace = 'public'::regnamespace
           and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')",
    )
    .await;
    assert_eq!(views, ["searchable_page owned by sheaf_search"]);
}

async fn strings(world: &World, statement: &str) -> Vec<String> {
    let mut superuser = world.superuser().await;
    let rows = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).fetch_all(&mut superuser).await.unwrap();
    rows.into_iter().map(|row| row.get::<String, _>(0)).collect()
}
