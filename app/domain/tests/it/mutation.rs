//! Whether anybody would notice: the isolation of the database is broken in every way that its catalogue offers, one at
//! a time, and a check of `catalogue.rs` has to say which it was. Where a session of Eve's would feel it, so has
//! `behaviour.rs`.
//!
//! The ways are made from the catalogue of the migrated database, so a new table brings its own.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::{
    behaviour,
    catalogue::{self, WORDS, without_tenant},
    figures,
    world::World,
};

#[derive(sqlx::FromRow)]
struct Mutant {
    kind: String,
    /// What breaks the database.
    statement: String,
    /// Which check finds it; None for what is not seen in the catalogue.
    found_by: Option<String>,
    /// How the finding begins, or what it says.
    finding: Option<String>,
    /// Whether a session of Eve's gets more by it, or less than is hers.
    is_felt: bool,
}

#[tokio::test]
async fn whatever_breaks_the_isolation_is_found() {
    let world = World::new().await;
    let mut superuser = behaviour::session(&world).await;
    behaviour::fill(&mut superuser).await;
    // What is wrong before anything is broken would be taken for found.
    for check in ["tables", "keys", "policies", "grants", "functions", "views", "roles"] {
        assert_eq!(catalogue::findings(&mut superuser, check).await, Vec::<String>::new());
    }
    assert_eq!(behaviour::reached(&world, &mut superuser).await, Vec::<String>::new());

    let mutants = mutants(&mut superuser).await;
    assert_complete(&mut superuser, &mutants).await;
    let mut survivors = Vec::new();
    for mutant in &mutants {
        if mutant.found_by.is_none() {
            // That no tenant was ever set can only be tried in a session in which that is so.
            superuser = behaviour::session(&world).await;
        }
        survivors.extend(survives(&world, &mut superuser, mutant).await);
    }
    assert!(survivors.is_empty(), "{} of {} survive: {survivors:#?}", survivors.len(), mutants.len());
    figures::note("mutants_made", mutants.len());
    figures::note("mutants_killed", mutants.len() - survivors.len());
}

/// Who fails to notice it, if anybody does. A statement that fails breaks nothing, so it ends the test.
async fn survives(world: &World, superuser: &mut PgConnection, mutant: &Mutant) -> Option<String> {
    let Mutant { kind, statement, found_by, finding, is_felt } = mutant;
    superuser.execute("begin").await.unwrap();
    if let Err(error) = superuser.execute(AssertSqlSafe(statement.clone())).await {
        panic!("{kind} cannot be tried: {error}: {statement}");
    }
    let mut unnoticed = None;
    if let (Some(check), Some(finding)) = (found_by, finding) {
        let findings = catalogue::findings(superuser, check).await;
        if !findings.iter().any(|found| found.contains(finding)) {
            unnoticed = Some(format!("{kind}: {check} do not say {finding:?} but {findings:?}: {statement}"));
        }
    }
    if *is_felt && behaviour::reached(world, superuser).await.is_empty() {
        unnoticed = Some(format!("{kind}: Eve's session is what it was: {statement}"));
    }
    superuser.execute("rollback").await.unwrap();
    unnoticed
}

async fn mutants(superuser: &mut PgConnection) -> Vec<Mutant> {
    let all = [POLICIES, KEYS, TABLES, GRANTS, THE_REST].join(" union all ");
    let statement = AssertSqlSafe(format!("{WORDS} {all}"));
    sqlx::query_as(statement).bind(without_tenant()).fetch_all(superuser).await.unwrap()
}

/// There are as many of each kind as the catalogue has things to break: a test without mutants would pass too.
async fn assert_complete(superuser: &mut PgConnection, mutants: &[Mutant]) {
    let statement = AssertSqlSafe(format!("{WORDS} {EXPECTED}"));
    let expected: Vec<(String, i64)> =
        sqlx::query_as(statement).bind(without_tenant()).fetch_all(superuser).await.unwrap();
    let mut made: BTreeMap<&str, i64> = BTreeMap::new();
    for mutant in mutants {
        *made.entry(&mutant.kind).or_default() += 1;
    }
    for (kind, expected) in &expected {
        let of_this = made.remove(kind.as_str()).unwrap_or_default();
        assert!(of_this >= *expected && of_this > 0, "{kind}: {of_this} were made, and {expected} are expected");
    }
    assert!(made.is_empty(), "nobody says how many there should be of {made:?}");
}

const POLICIES: &str = "
select kind, statement, 'policies' as found_by, finding, is_felt
from (
    select p.*, c.relname, c.oid::regclass as name, command.name as command,
           pg_get_expr(polqual, polrelid) <> 'true' as is_bound,
           pg_get_expr(polwithcheck, polrelid) <> 'true' as is_checked,
           (select min(rolname) from product where oid = any (polroles)) as role,
           exists (select from product where oid = any (polroles) and rolname <> 'sheaf_search') as is_ours,
           exists (
               select from product
               where oid = any (polroles) and has_column_privilege(oid, polrelid, 'tenant_id', 'UPDATE')
           ) as may_move
    from pg_policy p join relation c on c.oid = p.polrelid join command on command.letter = p.polcmd
) as p
cross join lateral (
    values
        ('drop a policy', 'drop policy %I on %s', true, is_ours and coalesce(is_bound, is_checked),
         case when role is null then format('policy %s of %s ', polname, relname)
         else format('%s: %s may %s, and no policy says what', relname, role, command) end),
        ('let a policy show every row', 'alter policy %I on %s using (true)', is_bound, is_ours,
         format('policy %s of %s for %s to ', polname, relname, command)),
        ('let a policy take every row', 'alter policy %I on %s with check (true)', is_checked,
         is_ours and (polcmd = 'a' or may_move), format('policy %s of %s for %s to ', polname, relname, command)),
        ('make a policy everybody''s', 'alter policy %I on %s to public', true, false,
         format('policy %s of %s for %s to everybody', polname, relname, command))
) as way (kind, template, applies, is_felt, finding)
cross join lateral format(template, polname, name) as statement
where applies
union all
select 'add a policy that shows every row', format('create policy mutant on %s using (true)', oid::regclass),
       'policies', format('policy mutant of %s for ALL to everybody', relname),
       true
from isolated
union all
select 'grant a command that no policy is for',
       format('grant %s on %s to %s', command.name, c.oid::regclass, rolname),
       'policies', format('%s: %s may %s, and no policy says what', relname, rolname, command.name), false
from isolated c, product, command
where letter <> '*'
  and not exists (
      select from privilege where relation = c.oid and grantee = product.oid and privilege.name = command.name
  )
";

const KEYS: &str = "
select kind, statement, found_by, finding, false
from (
    select t.relname, t.oid::regclass as name, i.indexrelid::regclass as index, i.indisprimary,
           quote_ident(k.conname) as conname, case k.contype when 'p' then 'primary key' else 'unique' end as sort,
           (select string_agg(pg_get_indexdef(i.indexrelid, n, false), ', ' order by n)
            from generate_series(2, i.indnkeyatts) as n) as others,
           coalesce(' where ' || pg_get_expr(i.indpred, i.indrelid), '') as condition,
           -- Foreign keys fall with the key that they refer to, and are made again on the one that takes its place.
           (select coalesce(string_agg(
                format('; alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)),
                ''), '')
            from pg_constraint where contype = 'f' and conindid = i.indexrelid) as again
    from isolated t
    join pg_index i on i.indrelid = t.oid and i.indisunique
    left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = t.oid and k.contype in ('p', 'u')
) as i
cross join lateral (
    values
        ('put the tenant at the end of a key', 'keys', format('%s: %s does not begin with the tenant', relname, index),
         others is not null,
         case when conname is null
         then format('drop index %s; ', index)
             || format('create unique index %s on %s (%s, tenant_id)%s', index, name, others, condition)
         else format('alter table %s drop constraint %s cascade; ', name, conname)
             || format('alter table %s add constraint %s %s (%s, tenant_id)', name, conname, sort, others) || again
         end),
        ('make a key without the tenant', 'keys', format('%s: mutant does not begin with the tenant', relname),
         -- Of no row, since two tenants may well have the same there.
         others is not null, format('create unique index mutant on %s (%s) where false', name, others)),
        ('let the tenant be null', 'tables', format('%s: tenant_id is not a uuid that is never null', relname),
         indisprimary,
         format('alter table %s drop constraint %s cascade; ', name, conname)
             || format('alter table %s alter tenant_id drop not null; ', name)
             || format('alter table %s add unique (%s)', name, concat_ws(', ', 'tenant_id', others)) || again)
) as way (kind, found_by, finding, applies, statement)
where applies
union all
-- A foreign key needs a unique index on what it refers to, which is found too, in words of its own.
select 'take the tenant out of a foreign key',
       format('create unique index mutant on %s %s; ', confrelid::regclass,
              (regexp_match(short, 'REFERENCES [^(]+([(][^)]+[)])'))[1])
           || format('alter table %s drop constraint %I; alter table %s add %s', name, conname, name, short),
       'keys', format('%s: %s does not carry the tenant', relname, short), true
from (
    select t.relname, t.oid::regclass as name, k.*,
           replace(pg_get_constraintdef(k.oid), '(tenant_id, ', '(') as short
    from isolated t
    join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' and array_length(k.conkey, 1) > 1
    join isolated other on other.oid = k.confrelid
) as k
union all
select 'take away all foreign keys that lead to the tenant',
       format('alter table %s %s', t.oid::regclass, string_agg(format('drop constraint %I', k.conname), ', ')),
       'keys', format('%s: no foreign key leads to its tenant', t.relname), false
from isolated t
join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
join isolated other on other.oid = k.confrelid
group by t.oid, t.relname
union all
select 'refer to a tenant''s rows from outside',
       format('alter table account add mutant uuid, add foreign key (id, mutant) references %s (tenant_id, %s)',
              i.indrelid::regclass, pg_get_indexdef(i.indexrelid, 2, false)),
       'keys', 'points into a tenant from outside', false
from isolated t join pg_index i on i.indrelid = t.oid and i.indisprimary and i.indnkeyatts = 2
join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[1] and a.atttypid = 'uuid'::regtype
";

const TABLES: &str = "
select kind, format(template, oid::regclass), 'tables', format(finding, relname), is_felt
from isolated
cross join (
    values
        ('switch row-level security off', 'alter table %s disable row level security',
            '%s: row-level security is not enabled', true),
        ('free the owner', 'alter table %s no force row level security',
            '%s: row-level security is not forced', false),
        ('count in a sequence', 'alter table %s add mutant bigint generated always as identity',
            'sequence %s_mutant_seq', false),
        ('make a table like it', 'create table mutant (like %s including all)',
            'mutant: row-level security is not enabled', false),
        ('make a child of it', 'create table mutant () inherits (%s)',
            'mutant: row-level security is not enabled', false),
        ('add a trigger',
            'create trigger mutant before update on %s for each row
                 execute function suppress_redundant_updates_trigger()',
            '%s: trigger mutant', false),
        ('add a rule', 'create rule mutant as on delete to %s do also notify mutant', '%s: rule mutant', false),
        ('rename the tenant', 'alter table %s rename tenant_id to mutant', '%s: tenant_id is not', false)
) as way (kind, template, finding, is_felt)
union all
select distinct 'switch a foreign key off', format('alter table %s disable trigger all', t.oid::regclass), 'tables',
       format('%s: a foreign key is switched off', relname), false
from isolated t join pg_trigger on tgrelid = t.oid
union all
select 'make a partition', 'create table mutant (tenant_id uuid not null) partition by hash (tenant_id);
           alter table mutant enable row level security; alter table mutant force row level security;
           create table mutant_part partition of mutant for values with (modulus 1, remainder 0)',
       'tables', 'mutant_part: row-level security is not enabled', false
";

const GRANTS: &str = "
select format('grant %s', power), format('grant %s on %s to %s', power, c.oid::regclass, rolname), 'grants',
       format('%s: %s may %s', relname, rolname, power),
       power = 'TRUNCATE' and rolname <> 'sheaf_search' and relname <> all ($1::text[])
from relation c, product, unnest(array['TRUNCATE', 'REFERENCES', 'TRIGGER']) as power
where relkind in ('r', 'p')
union all
select kind, format(template, c.oid::regclass, quote_ident(attname)), 'grants', format(finding, relname), false
from relation c
join lateral (select attname from pg_attribute where attrelid = c.oid and attnum > 0 limit 1) as a on true
cross join (
    values
        ('grant a table to everybody', 'grant select on %s to public', '%s: everybody may SELECT'),
        ('grant a column to everybody', 'grant update (%2$s) on %1$s to public', '%s: everybody may UPDATE'),
        ('grant a table to somebody', 'grant select on %s to pg_monitor', '%s: pg_monitor may SELECT'),
        ('grant a table to be passed on', 'grant select on %s to sheaf_app with grant option',
            '%s: sheaf_app may pass SELECT on')
) as way (kind, template, finding)
where relkind in ('r', 'p', 'v')
union all
select 'grant a table that no policy guards',
       format('grant select, insert, update, delete on %s to %s', c.oid::regclass, rolname), 'grants',
       format('%s: %s may DELETE, INSERT, SELECT, UPDATE', relname, rolname), false
from relation c, product where relname = any ($1::text[])
union all
select 'grant all columns where some are meant', format('grant %s on %s to %s', name, relation::regclass, who), 'grants',
       format('not so any more, and still meant: %s: %s may ', relname, who), false
from privilege where relname = any ($1::text[]) and grantee in (select oid from product)
group by name, relation, relname, who having bool_and(column_name is not null)
union all
select 'write through a view', format('grant %s on %s to %s', power, c.oid::regclass, rolname), 'grants',
       format('%s: %s may %s', relname, rolname, power), false
from relation c, product, unnest(array['INSERT', 'UPDATE', 'DELETE']) as power
where relkind = 'v' and product.oid <> relowner
union all
select kind, statement, 'grants', finding, false
from (
    values
        ('grant by default', 'alter default privileges for role sheaf_owner grant execute on functions to sheaf_app',
            'by default, functions'),
        ('grant by default', 'alter default privileges in schema public grant select on tables to public',
            'by default, tables'),
        ('grant what is no table', 'grant create on schema public to sheaf_app',
            'schema public: sheaf_app may CREATE'),
        ('grant what is no table', 'grant usage on schema public to public', 'schema public: everybody may USAGE'),
        ('grant what is no table', format('grant temporary on database %I to public', current_database()),
            'database: everybody may TEMPORARY'),
        ('grant what is no table', format('grant create on database %I to sheaf_app', current_database()),
            'database: sheaf_app may CREATE'),
        ('grant what is no table', 'grant set on parameter session_replication_role to sheaf_app',
            'sheaf_app may do something to parameter'),
        ('grant what is no table', 'grant set on parameter session_replication_role to public',
            'parameter session_replication_role: '),
        ('grant what is no table', 'grant usage on language plpgsql to sheaf_app',
            'sheaf_app may do something to language')
) as way (kind, statement, finding)
";

const THE_REST: &str = "
select kind, format(template, p.oid::regprocedure), found_by, format(finding, name), false
from routine p
cross join (
    values
        ('grant a function to everybody', 'grant execute on function %s to public', 'grants',
            'function %s: everybody may EXECUTE'),
        ('grant a function to be passed on', 'grant execute on function %s to sheaf_app with grant option', 'grants',
            'function %s: sheaf_app may EXECUTE'),
        ('loosen a function', 'alter function %s reset search_path', 'functions',
            'function %s: finds names wherever'),
        ('loosen a function', 'alter function %s set search_path = public, pg_catalog', 'functions',
            'function %s: finds names wherever'),
        ('call a function immutable', 'alter function %s immutable', 'functions',
            'function %s: calls itself immutable'),
        ('call a function leakproof', 'alter function %s leakproof', 'functions', 'function %s: may be asked before'),
        ('give a function to a superuser', 'alter function %s owner to ' || quote_ident(current_user), 'roles',
            'function %s is owned by '),
        ('give a function to the product', 'alter function %s owner to sheaf_app', 'roles',
            'sheaf_app owns function %s')
) as way (kind, template, found_by, finding)
-- The names in a parsed body are bound.
where kind <> 'loosen a function' or prosqlbody is null
union all
select 'find the names of a function late',
       format('create or replace function %s returns %s language sql stable as %L', oid::regprocedure,
              pg_get_function_result(oid), regexp_replace(body, '^RETURN', 'select')),
       'functions', format('function %s: finds names wherever', name), false
from routine cross join lateral pg_get_function_sqlbody(oid) as body
where body like 'RETURN %'
union all
select 'run a function as its owner', format('alter function %s security definer', oid::regprocedure), 'functions',
       format('function %s: runs as its owner', name), false
from routine where not prosecdef
union all
select 'grant a function that sees more',
       format('grant execute on function %s to %s', routine.oid::regprocedure, rolname),
       'functions', format('not so any more, and still meant: function %s', name), false
from routine, product
where prosecdef and not has_function_privilege(product.oid, routine.oid, 'EXECUTE')
union all
-- The catalogue knows nothing of what a function does; a session feels it.
select 'do not miss the tenant', replace(source, here, there), null, null, true
from (
    values ('current_tenant()', 'NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text)',
            'current_setting(''app.tenant_id''::text, true)'),
           ('current_tenant()', 'current_setting(''app.tenant_id''::text, true)', 'current_setting(''app.tenant_id''::text)'),
           ('current_tenant()', 'no_tenant()', 'null::text'),
           ('current_tenant()', ', no_tenant()))::uuid', ', no_tenant()) || null::text)::uuid'),
           ('no_tenant()', 'raise exception', 'return null; raise exception')
) as way (function, here, there)
cross join lateral pg_get_functiondef(function::regprocedure) as source
where replace(source, here, there) <> source
union all
select 'let a view see what its owner sees', format('create view mutant as select * from %s', oid::regclass), 'views',
       'view mutant: sees what its owner sees', false
from isolated
union all
select 'keep a copy in a view', format('create materialized view mutant as select * from %s', oid::regclass), 'views',
       'materialized view mutant', false
from isolated
union all
select 'let a view show every tenant', format('create or replace view %s as %s', oid::regclass, wide), 'views',
       format('view %s: does not end in the filter by tenant', relname), true
from relation
cross join lateral (
    values (regexp_replace(pg_get_viewdef(oid), ' WHERE .*', '')), (replace(pg_get_viewdef(oid), ';', ' or true;'))
) as way (wide)
where relkind = 'v'
union all
select 'let a view ask as whoever asks', format('alter view %s set (security_invoker = true)', oid::regclass),
       'views', format('not so any more, and still meant: view %s', relname), false
from relation where relkind = 'v'
union all
select 'give a role a power', format('alter role %s %s', rolname, power), 'roles', format('%s: %s', rolname, power),
       power in ('superuser', 'bypassrls') and rolname <> 'sheaf_search'
from product, unnest(array['superuser', 'bypassrls', 'createrole', 'createdb', 'replication']) as power
union all
select 'sign in as the owner of the view', 'alter role sheaf_search login', 'roles', 'sheaf_search: login', false
union all
select 'put a role into another', format('grant %s to %s', other, rolname),
       'roles', format('%s is a member of %s', rolname, other), false
from product, unnest(array['sheaf_owner', 'sheaf_search', 'pg_read_all_data', 'pg_write_all_data']) as other
where rolname <> other and (rolname, other) <> ('sheaf_search', 'sheaf_owner')
union all
select kind, format(template, rolname, current_database()),
       'roles', format('%s: %s', coalesce(whose, rolname), setting), false
from product
cross join (
    values
        ('set a tenant beforehand', 'alter role %I set app.tenant_id = ''mutant''', null,
            'app.tenant_id=mutant is set'),
        ('set a tenant beforehand', 'alter role %I in database %I set app.tenant_id = ''mutant''', null,
            'app.tenant_id=mutant is set'),
        ('set a tenant beforehand', 'alter database %2$I set app.tenant_id = ''mutant''', 'database',
            'app.tenant_id=mutant is set'),
        ('find names elsewhere', 'alter role %I set search_path = pg_catalog', null, 'search_path=pg_catalog is set')
) as way (kind, template, whose, setting)
union all
select 'give a table to the product', format('alter table %s owner to %s', c.oid::regclass, rolname), 'roles',
       format('%s owns table %s', rolname, relname), false
from relation c, product where relkind in ('r', 'p')
union all
select 'give a table to a superuser', format('alter table %s owner to %I', c.oid::regclass, current_user), 'roles',
       format('relation %s is owned by ', relname), false
from relation c where relkind in ('r', 'p', 'v')
union all
select 'hide something elsewhere', 'create schema mutant', 'tables', 'schema mutant', false
union all
select 'act on every change of the schema',
       'create function mutant() returns event_trigger language plpgsql as ''begin end'';
           create event trigger mutant on ddl_command_start execute function mutant()',
       'tables', 'event trigger mutant', false
";

/// How many of each kind there are to be, counted otherwise than they are made.
const EXPECTED: &str = "
, number as (
    select (select count(*) from isolated) as tables,
           (select count(*) from pg_tables where schemaname = 'public') as all_tables,
           (select count(*) from pg_views where schemaname = 'public' and viewowner = 'sheaf_search') as views,
           (select count(*) from routine) as functions,
           (select count(*) from routine where prosqlbody is not null) as parsed,
           (select count(*) from product) as roles,
           (select count(*) from pg_policies where schemaname = 'public') as policies,
           (select count(*) from pg_policies where schemaname = 'public' and qual <> 'true') as sights,
           (select count(*) from pg_policies where schemaname = 'public' and with_check <> 'true') as checks,
           (select count(*) from pg_indexes
            where schemaname = 'public' and indexdef ~ 'UNIQUE INDEX .* [(]tenant_id, ') as keys,
           (select count(*) from pg_constraint
            where pg_get_constraintdef(oid) like 'FOREIGN KEY (tenant_id, %') as references,
           (select count(*) from (
                select table_name, grantee, privilege_type from information_schema.table_privileges
                union
                select table_name, grantee, privilege_type from information_schema.column_privileges
            ) as granted
            where table_name in (select relname from isolated)
              and grantee in (select rolname from product)) as granted,
           (select count(*) from (
                select table_name, grantee, privilege_type from information_schema.column_privileges
                except
                select table_name, grantee, privilege_type from information_schema.table_privileges
            ) as by_column
            where table_name = any ($1::text[]) and grantee in (select rolname from product)) as narrow
)
select kind, count from number cross join lateral (
    values
        ('drop a policy', policies), ('let a policy show every row', sights),
        ('let a policy take every row', checks), ('make a policy everybody''s', policies),
        ('add a policy that shows every row', tables),
        ('grant a command that no policy is for', 4 * roles * tables - granted),
        ('put the tenant at the end of a key', keys), ('make a key without the tenant', keys),
        ('let the tenant be null', tables), ('take the tenant out of a foreign key', number.references),
        ('take away all foreign keys that lead to the tenant', tables - 1),
        ('refer to a tenant''s rows from outside', 1), ('switch row-level security off', tables),
        ('free the owner', tables), ('count in a sequence', tables), ('make a table like it', tables),
        ('make a child of it', tables), ('add a trigger', tables), ('add a rule', tables),
        ('rename the tenant', tables), ('switch a foreign key off', tables), ('make a partition', 1),
        ('grant TRUNCATE', roles * all_tables), ('grant REFERENCES', roles * all_tables),
        ('grant TRIGGER', roles * all_tables), ('grant a table to everybody', all_tables + views),
        ('grant a column to everybody', all_tables + views), ('grant a table to somebody', all_tables + views),
        ('grant a table to be passed on', all_tables + views),
        ('grant a table that no policy guards', roles * (all_tables - tables)),
        ('grant all columns where some are meant', narrow),
        ('write through a view', 3 * views), ('grant by default', 2), ('grant what is no table', 7),
        ('grant a function to everybody', functions), ('grant a function to be passed on', functions),
        ('loosen a function', 2 * (functions - parsed)), ('find the names of a function late', 2), ('call a function immutable', functions),
        ('call a function leakproof', functions), ('give a function to a superuser', functions),
        ('give a function to the product', functions), ('run a function as its owner', 1),
        ('grant a function that sees more', 1), ('do not miss the tenant', 5), ('keep a copy in a view', tables),
        ('let a view see what its owner sees', tables),
        ('let a view show every tenant', 2 * views), ('let a view ask as whoever asks', views),
        ('give a role a power', 5 * roles), ('sign in as the owner of the view', 1),
        ('put a role into another', 3 * roles), ('set a tenant beforehand', 3 * roles), ('find names elsewhere', roles),
        ('give a table to the product', roles * all_tables), ('give a table to a superuser', all_tables + views),
        ('hide something elsewhere', 1), ('act on every change of the schema', 1)
) as expected (kind, count)
";
