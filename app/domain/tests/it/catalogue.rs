//! What the database itself promises, read from its catalogue: a new table that is not isolated fails here.
//!
//! Each check lists what it finds. What is found and meant stands in `meant.rs` in the very words of the finding, with its
//! reason, so that a change of it is found again. `mutation.rs` breaks the database and asks whether the checks notice.

use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    meant::{
        MEANT_FUNCTIONS, MEANT_GRANTS, MEANT_KEYS, MEANT_NARROWER, MEANT_POLICIES, MEANT_ROLES, MEANT_TABLES,
        MEANT_VIEWS, WITHOUT_TENANT,
    },
    world::World,
};

#[tokio::test]
async fn every_table_of_tenants_is_isolated() {
    assert_none(tables(&mut World::new().await.superuser().await).await);
}

#[tokio::test]
async fn the_tenant_leads_every_key_of_a_tenants_table() {
    assert_none(keys(&mut World::new().await.superuser().await).await);
}

#[tokio::test]
async fn a_policy_for_each_command_and_role_asks_for_the_tenant() {
    assert_none(policies(&mut World::new().await.superuser().await).await);
}

#[tokio::test]
async fn nobody_is_granted_what_no_policy_can_bound() {
    assert_none(grants(&mut World::new().await.superuser().await).await);
}

#[tokio::test]
async fn functions_are_pinned_and_nobody_s_by_default() {
    assert_none(functions(&mut World::new().await.superuser().await).await);
}

#[tokio::test]
async fn one_view_sees_through_the_policies_and_filters_by_itself() {
    assert_none(views(&mut World::new().await.superuser().await).await);
}

#[tokio::test]
async fn the_roles_of_the_product_own_nothing_and_bypass_nothing() {
    assert_none(roles(&mut World::new().await.superuser().await).await);
}

/// What one check finds wrong with the isolation of this database, a sentence each; nothing, when all is well.
pub async fn findings(superuser: &mut PgConnection, check: &str) -> Vec<String> {
    match check {
        "tables" => tables(superuser).await,
        "keys" => keys(superuser).await,
        "policies" => policies(superuser).await,
        "grants" => grants(superuser).await,
        "functions" => functions(superuser).await,
        "views" => views(superuser).await,
        "roles" => roles(superuser).await,
        other => panic!("there is no check of {other}"),
    }
}

/// The names of the tables that have no tenant.
pub fn without_tenant() -> Vec<String> {
    WITHOUT_TENANT.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Row-level security, the tenant's column, and whatever could write or count behind their backs.
async fn tables(superuser: &mut PgConnection) -> Vec<String> {
    found(superuser, TABLES, MEANT_TABLES).await
}

/// Primary keys, unique indexes and foreign keys.
async fn keys(superuser: &mut PgConnection) -> Vec<String> {
    found(superuser, KEYS, MEANT_KEYS).await
}

async fn policies(superuser: &mut PgConnection) -> Vec<String> {
    found(superuser, POLICIES, &[MEANT_POLICIES, MEANT_NARROWER].concat()).await
}

/// On tables, columns, views, functions, the schema and the database; by default, and on anything else.
async fn grants(superuser: &mut PgConnection) -> Vec<String> {
    found(superuser, GRANTS, MEANT_GRANTS).await
}

async fn functions(superuser: &mut PgConnection) -> Vec<String> {
    found(superuser, FUNCTIONS, MEANT_FUNCTIONS).await
}

async fn views(superuser: &mut PgConnection) -> Vec<String> {
    found(superuser, VIEWS, MEANT_VIEWS).await
}

/// Powers, memberships, settings, and who owns what.
async fn roles(superuser: &mut PgConnection) -> Vec<String> {
    found(superuser, ROLES, MEANT_ROLES).await
}

/// What a check finds and is not meant; and what is meant and is not so any more.
async fn found(superuser: &mut PgConnection, check: &str, meant: &[(&str, &str)]) -> Vec<String> {
    let statement = AssertSqlSafe(format!("{WORDS} {check} order by 1"));
    let mut found: Vec<String> =
        sqlx::query_scalar(statement).bind(without_tenant()).fetch_all(superuser).await.unwrap();
    for (finding, _) in meant {
        match found.iter().position(|found| found == finding) {
            Some(position) => drop(found.remove(position)),
            None => found.push(format!("not so any more, and still meant: {finding}")),
        }
    }
    found
}

fn assert_none(findings: Vec<String>) {
    assert!(findings.is_empty(), "{findings:#?}");
}

/// The words in which the checks are said. Relations and functions of extensions belong to the extensions.
pub const WORDS: &str = "
with extended as (
    select classid, objid from pg_depend where deptype = 'e'
), relation as (
    select c.* from pg_class c
    where c.relnamespace = 'public'::regnamespace
      and not exists (select from extended where classid = 'pg_class'::regclass and objid = c.oid)
), isolated as (
    -- Partitions and children are among them, each with row-level security of its own.
    select * from relation where relkind in ('r', 'p') and relname <> all ($1::text[])
), routine as (
    select p.*, p.oid::regprocedure::text as name from pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and not exists (select from extended where classid = 'pg_proc'::regclass and objid = p.oid)
), product as (
    select oid, rolname from pg_roles where rolname in ('sheaf_app', 'sheaf_worker', 'sheaf_search')
), command (letter, name) as (
    values ('r', 'SELECT'), ('a', 'INSERT'), ('w', 'UPDATE'), ('d', 'DELETE'), ('*', 'ALL')
), privilege as (
    -- What an owner may do is not granted.
    select c.oid as relation, c.relname, c.relkind, a.grantee, a.privilege_type as name, a.is_grantable, a.column_name,
           case when a.grantee = 0 then 'everybody' else pg_get_userbyid(a.grantee)::text end as who
    from relation c
    cross join lateral (
        select x.*, null::text as column_name from aclexplode(c.relacl) x
        union all
        select x.*, t.attname from pg_attribute t cross join lateral aclexplode(t.attacl) x where t.attrelid = c.oid
    ) a
    where a.grantee <> c.relowner
)";

const TABLES: &str = "
select format('%s: row-level security is not enabled', relname) from isolated where not relrowsecurity
union all
select format('%s: row-level security is not forced', relname) from isolated where not relforcerowsecurity
union all
select format('%s: tenant_id is not a uuid that is never null', relname) from isolated
where not exists (
    select from pg_attribute
    where attrelid = isolated.oid and attname = 'tenant_id' and atttypid = 'uuid'::regtype and attnotnull
)
union all
select format('%s: is no table any more, and still without a tenant', name) from unnest($1::text[]) as name
where not exists (select from relation where relkind = 'r' and relname = name)
union all
select format('sequence %s: its numbers tell how much business we do', relname) from relation where relkind = 'S'
union all
select format('%s: no policy can guard a foreign table', relname) from relation where relkind = 'f'
union all
select format(
    '%s: trigger %s writes what nobody asked for%s', relname, tgname,
    case tgenabled when 'O' then '' else ', or is to, and is switched off' end
)
from pg_trigger join relation on relation.oid = tgrelid where not tgisinternal
union all
select distinct format('%s: a foreign key is switched off', relname)
from pg_trigger join relation on relation.oid = tgrelid where tgisinternal and tgenabled <> 'O'
union all
select format('%s: rule %s rewrites what was asked', relname, rulename)
from pg_rewrite join relation on relation.oid = ev_class where rulename <> '_RETURN'
union all
select format('event trigger %s: runs as whoever changes the schema', evtname) from pg_event_trigger
union all
select format('schema %s: no check looks into it', nspname) from pg_namespace
where nspname not in ('public', 'information_schema') and nspname not like 'pg|_%' escape '|'
";

const KEYS: &str = "
select format('%s: %s does not begin with the tenant', t.relname, i.indexrelid::regclass)
from isolated t join pg_index i on i.indrelid = t.oid
where (i.indisunique or i.indisexclusion)
  and not exists (
      select from pg_attribute a where a.attrelid = t.oid and a.attnum = i.indkey[0] and a.attname = 'tenant_id'
  )
union all
select format('%s: %s does not carry the tenant', t.relname, pg_get_constraintdef(k.oid))
from isolated t
join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
left join isolated other on other.oid = k.confrelid
where case
    -- A person who did something is an account, and accounts are known across tenants.
    when other.oid is null then k.confrelid <> 'account'::regclass
    else not exists (
        select from pg_attribute a, pg_attribute b
        where a.attrelid = k.conrelid and a.attnum = k.conkey[1] and a.attname = 'tenant_id'
          and b.attrelid = k.confrelid and b.attnum = k.confkey[1] and b.attname = 'tenant_id'
    )
end
union all
-- The tenant of a row is one that exists, be it through what the row belongs to.
select format('%s: no foreign key leads to its tenant', t.relname)
from isolated t
where t.relname <> 'tenant'
  and not exists (
      select from pg_constraint k join isolated other on other.oid = k.confrelid
      where k.conrelid = t.oid and k.contype = 'f' and k.confrelid <> t.oid
  )
union all
select format('%s: %s points into a tenant from outside', t.relname, pg_get_constraintdef(k.oid))
from relation t
join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
join isolated other on other.oid = k.confrelid
where t.relname = any ($1::text[])
union all
select format('%s: %s was never checked', t.relname, pg_get_constraintdef(k.oid))
from relation t join pg_constraint k on k.conrelid = t.oid where not k.convalidated
";

/// A policy says the tenant and nothing else. What says more is meant, and stands in `meant.rs`; so does what lets the owner of
/// the schema in: one of its functions needs it. A restrictive one beside it would keep the planner from comparing the tenant
/// once.
const POLICIES: &str = "
select format(
    'policy %s of %s for %s to %s: %s', p.polname, c.relname, command.name,
    (select string_agg(case when role = 0 then 'everybody' else pg_get_userbyid(role)::text end, ', ')
     from unnest(p.polroles) as role),
    concat_ws(', ', case when not p.polpermissive then 'restrictive' end, 'using ' || sees, 'with check ' || writes)
)
from pg_policy p
join relation c on c.oid = p.polrelid
join command on command.letter = p.polcmd
cross join lateral (
    select regexp_replace(pg_get_expr(p.polqual, p.polrelid), '[[:space:]]+', ' ', 'g') as sees,
           regexp_replace(pg_get_expr(p.polwithcheck, p.polrelid), '[[:space:]]+', ' ', 'g') as writes,
           '(tenant_id = current_tenant())' as tenant
) expression
where not p.polpermissive
  or (c.relowner = any (p.polroles) or not (
      0 <> all (p.polroles)
      and case p.polcmd
          when 'a' then sees is null and writes is not distinct from tenant
          when 'w' then sees is not distinct from tenant and writes is not distinct from tenant
          when '*' then false
          else sees is not distinct from tenant and writes is null
      end
  ))
union all
select distinct format('%s: %s may %s, and no policy says what', c.relname, who, privilege.name)
from isolated c
join privilege on privilege.relation = c.oid
join command on command.name = privilege.name
where not exists (
    select from pg_policy p
    where p.polrelid = c.oid and p.polpermissive and p.polcmd = command.letter and grantee = any (p.polroles)
)
union all
select format('%s: policy %s is for %s, who may not %s', c.relname, p.polname, pg_get_userbyid(role), command.name)
from pg_policy p
join relation c on c.oid = p.polrelid
join command on command.letter = p.polcmd
cross join unnest(p.polroles) as role
where role not in (0, c.relowner)
  and not exists (select from privilege where relation = c.oid and grantee = role and privilege.name = command.name)
";

const GRANTS: &str = "
select distinct format('%s: %s may %s', relname, who, name) from privilege
where grantee not in (select oid from product)
   or name not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
   or relkind not in ('r', 'p') and name <> 'SELECT'
union all
select distinct format('%s: %s may pass %s on', relname, who, name) from privilege where is_grantable
union all
select format('%s: %s may %s, and no policy guards it', relname, who, string_agg(name || columns, ', ' order by name))
from (
    select relname, who, name, case when bool_or(column_name is null) then ''
           else format(' (%s)', string_agg(column_name, ', ' order by column_name)) end as columns
    from privilege where relname = any ($1::text[]) group by relname, who, name
) as granted group by relname, who
union all
select format('function %s: %s may %s', routine.name, coalesce(rolname, 'everybody'), privilege_type)
from routine
cross join lateral aclexplode(coalesce(proacl, acldefault('f', proowner)))
left join pg_roles on pg_roles.oid = grantee
where grantee <> proowner and (is_grantable or grantee not in (select oid from product))
union all
select format('schema public: %s may %s', coalesce(rolname, 'everybody'), privilege_type)
from pg_namespace
cross join lateral aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
left join pg_roles on pg_roles.oid = grantee
where nspname = 'public' and grantee <> nspowner
  and (is_grantable or privilege_type <> 'USAGE' or grantee not in (select oid from product))
union all
-- Whoever may make temporary objects may make functions, and show them rows before the filter of the one view has.
select format('database: %s may %s', coalesce(rolname, 'everybody'), privilege_type)
from pg_database
cross join lateral aclexplode(coalesce(datacl, acldefault('d', datdba)))
left join pg_roles on pg_roles.oid = grantee
where datname = current_database() and grantee <> datdba and (is_grantable or privilege_type <> 'CONNECT')
union all
select format('by default, %s: %s', kind, defaclacl)
from pg_default_acl
cross join lateral (
    select case defaclobjtype when 'f' then 'functions' when 'r' then 'tables' else 'others' end
) as kinds (kind)
union all
select format('%s may do something to %s', rolname, pg_describe_object(d.classid, d.objid, d.objsubid))
from pg_shdepend d join product on product.oid = d.refobjid
where d.refclassid = 'pg_authid'::regclass and d.deptype = 'a'
  and d.dbid in (0, (select oid from pg_database where datname = current_database()))
  and d.classid not in (
      -- These are looked at above.
      'pg_class'::regclass, 'pg_proc'::regclass, 'pg_namespace'::regclass, 'pg_database'::regclass,
      'pg_default_acl'::regclass
  )
union all
select format('parameter %s: %s', parname, paracl) from pg_parameter_acl
";

const FUNCTIONS: &str = "
select format('function %s: finds names wherever its caller says', name) from routine
-- A body that was parsed when it was made has found its names, and looks for none again.
where prosqlbody is null
  and not exists (
      select from unnest(proconfig) as setting
      where setting in (
          'search_path=pg_catalog', 'search_path=pg_catalog, public', 'search_path=pg_catalog, public, pg_temp'
      )
  )
union all
select format(
    'function %s: runs as its owner for %s', name,
    (select string_agg(rolname, ', ' order by rolname) from product
     where has_function_privilege(product.oid, routine.oid, 'EXECUTE'))
)
from routine where prosecdef
union all
-- What asks for a setting and calls itself immutable is folded into a plan, and answers the next tenant with it.
select format('function %s: calls itself immutable', name) from routine where provolatile = 'i'
union all
select format('function %s: may be asked before a policy is', name) from routine where proleakproof
union all
select format('function %s: is in a language that obeys nobody', name)
from routine join pg_language on pg_language.oid = prolang where lanname not in ('sql', 'plpgsql')
";

const VIEWS: &str = "
select format('view %s: sees what its owner sees', relname) from relation
where relkind = 'v'
  and (reloptions @> array['security_invoker=true']) is not true
union all
select format('view %s: does not end in the filter by tenant', relname) from relation
where relkind = 'v'
  and (reloptions @> array['security_invoker=true']) is not true
  and pg_get_viewdef(oid) !~
      ' WHERE [(]([a-z_]+[.])?tenant_id = [(] SELECT current_tenant[(][)] AS current_tenant[)][)];$'
union all
select format('materialized view %s: no policy can guard it', relname) from relation where relkind = 'm'
";

const ROLES: &str = "
select format('%s: %s', rolname, power)
from pg_roles
cross join lateral (
    values (rolsuper, 'superuser'), (rolbypassrls, 'bypassrls'), (rolcreaterole, 'createrole'),
           (rolcreatedb, 'createdb'), (rolreplication, 'replication'),
           (rolcanlogin and rolname = 'sheaf_search', 'login')
) as powers (has, power)
where rolname like 'sheaf|_%' escape '|' and has
union all
select format('%s is a member of %s', pg_get_userbyid(member), pg_get_userbyid(roleid)) from pg_auth_members
where pg_get_userbyid(member) like 'sheaf|_%' escape '|'
union all
select format('%s owns %s', rolname, pg_describe_object(d.classid, d.objid, d.objsubid))
from pg_shdepend d join product on product.oid = d.refobjid
where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o'
  and d.dbid in (0, (select oid from pg_database where datname = current_database()))
union all
-- What belongs to a superuser sees past every policy when it runs as its owner.
select format('%s %s is owned by %s', kind, name, pg_get_userbyid(owner))
from (
    select 'relation', relname::text, relowner from relation where relkind not in ('i', 'I')
    union all
    select 'function', name, proowner from routine
    union all
    select 'schema', nspname, nspowner from pg_namespace where nspname = 'public'
) as owned (kind, name, owner)
where owner not in (select oid from product) and owner <> 'sheaf_owner'::regrole
union all
-- A tenant that is set before anybody sets it would not be missed.
select format('%s: %s is set', case setrole when 0 then 'database' else pg_get_userbyid(setrole) end, setting)
from pg_db_role_setting cross join unnest(setconfig) as setting
where setdatabase in (0, (select oid from pg_database where datname = current_database()))
  and (setrole = 0 or pg_get_userbyid(setrole) like 'sheaf|_%' escape '|')
  and setting ~ '^(app[.].*|role|row_security|search_path|session_replication_role|session_authorization)='
";
