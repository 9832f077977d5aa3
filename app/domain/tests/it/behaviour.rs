//! What a session of Eve's reaches, tried on every table: in the roles that the product signs in as, with her tenant.

use sqlx::{Executor, PgConnection};

use crate::{catalogue::without_tenant, world::World};

/// Tables that a role sees across tenants by design, each with its reason.
const ACROSS_TENANTS: [(&str, &str); 2] = [
    ("sheaf_worker job", "a worker cannot know whose turn it is before it has looked at the jobs of all tenants"),
    ("sheaf_worker job_lane", "nor before it has looked at their lanes"),
];

#[tokio::test]
async fn eve_reaches_no_row_of_acme_in_any_table() {
    let world = World::new().await;
    let mut superuser = session(&world).await;
    fill(&mut superuser).await;
    let reached = reached(&world, &mut superuser).await;
    assert!(reached.is_empty(), "{reached:#?}");
}

/// A superuser's session that has what the other functions need, and in which no tenant was ever set.
pub async fn session(world: &World) -> PgConnection {
    let mut superuser = world.superuser().await;
    for function in [ROWS_OF, FILL, ATTEMPT, REACHED] {
        superuser.execute(function).await.unwrap();
    }
    superuser
}

/// Gives each tenant a row in every table of tenants.
pub async fn fill(superuser: &mut PgConnection) {
    sqlx::query("select pg_temp.fill($1)").bind(without_tenant()).execute(superuser).await.unwrap();
}

/// What of Acme's a session of Globex' reaches, and what of its own it does not, a sentence each; nothing, when all is
/// well. The database is to have been filled, and what is tried is taken back.
///
/// That no tenant was ever set can only be tried the first time in a session: afterwards the setting is empty.
pub async fn reached(world: &World, superuser: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar("select * from pg_temp.reached($1, $2, $3, $4)")
        .bind(world.acme.0)
        .bind(world.globex.0)
        .bind(without_tenant())
        .bind(ACROSS_TENANTS.map(|(role_and_table, _)| role_and_table.to_owned()).to_vec())
        .fetch_all(superuser)
        .await
        .unwrap()
}

/// The rows of a tenant in a table, or all of one that has no tenants, as they stand after `from`.
const ROWS_OF: &str = "
create function pg_temp.rows_of(tenant uuid, relation oid, without text[]) returns text language sql as $rows_of$
    select format(case when relname = any (without) then '%s' else '%s where tenant_id = %L' end, oid::regclass,
        tenant)
    from pg_class where oid = relation
$rows_of$";

/// A row is made of what each column asks for: of the row that it refers to, of the first word that its check allows,
/// else of a value of its type. A table for which that is not enough fails here, and says at which column.
const FILL: &str = "
create function pg_temp.has_rows(tenant uuid, relation oid,
    without text[]) returns boolean language plpgsql as $has_rows$
declare
    has boolean;
begin
    execute format('select exists (select from %s)', pg_temp.rows_of(tenant, relation, without)) into has;
    return has;
end $has_rows$;

create function pg_temp.value_of(tenant uuid, a pg_attribute, without text[]) returns text language sql as $value_of$
    select coalesce(
        case when a.attname = 'tenant_id' then quote_literal(tenant) end,
        -- Credits come from one account and go to another.
        case when a.attname = 'credit' then quote_literal('available') end,
        (select format('(select %I from %s limit 1)', other.attname, pg_temp.rows_of(tenant, k.confrelid, without))
         from pg_constraint k
         cross join unnest(k.conkey, k.confkey) as pair (here, there)
         join pg_attribute other on other.attrelid = k.confrelid and other.attnum = pair.there
         where k.conrelid = a.attrelid and k.contype = 'f' and pair.here = a.attnum limit 1),
        (select quote_literal(word[1])
         from pg_constraint k
         cross join regexp_match(
             pg_get_constraintdef(k.oid), '[(]' || a.attname || ' = (?:ANY [(]ARRAY[[])?''([^'']+)'''
         ) as word
         where k.conrelid = a.attrelid and k.contype = 'c' and word is not null limit 1),
        case format_type(a.atttypid, null)
        when 'uuid' then 'gen_random_uuid()'
        when 'text' then 'gen_random_uuid()::text'
        when 'bytea' then 'sha256(gen_random_uuid()::text::bytea)'
        when 'jsonb' then quote_literal('{}')
        when 'boolean' then 'false'
        when 'tsvector' then quote_literal('')
        when 'date' then 'now()'
        when 'timestamp with time zone' then 'now()'
        else '1' end
    )
$value_of$;

create function pg_temp.fill(without text[]) returns void language plpgsql as $fill$
declare
    t record;
begin
    -- A table has its turn when those that it refers to have had theirs; none is the ninth of such a row.
    for round in 1 .. 8 loop
        for t in
            select tenant_id as tenant, c.oid, c.oid::regclass as name
            from tenant, pg_class c
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all (without)
              and not pg_temp.has_rows(tenant_id, c.oid, without)
              and not exists (
                  select from pg_constraint k
                  where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid
                    and not pg_temp.has_rows(tenant_id, k.confrelid, without)
              )
        loop
            execute (
                select format(
                    'insert into %s (%s) select %s', t.name, string_agg(quote_ident(a.attname), ', '),
                    string_agg(pg_temp.value_of(t.tenant, a, without), ', ')
                )
                from pg_attribute a
                where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
            );
        end loop;
    end loop;
end $fill$";

/// Tries a statement as a role with a tenant set, and takes back what it did: how many rows it touched, or its SQLSTATE
/// where it failed.
const ATTEMPT: &str = "
create function pg_temp.attempt(role text, tenant text, statement text) returns text language plpgsql as $attempt$
declare
    touched bigint;
begin
    if tenant is not null then
        perform set_config('app.tenant_id', tenant, true);
    end if;
    perform set_config('role', role, true);
    execute statement;
    get diagnostics touched = row_count;
    raise exception using errcode = 'SH900', message = touched;
exception
    when sqlstate 'SH900' then return sqlerrm;
    when others then return sqlstate;
end $attempt$";

/// The statements read no column and have no condition, so that each meets the policies of its own command alone: one
/// for SELECT would hide that one for UPDATE is open.
const REACHED: &str = "
create function pg_temp.reached(acme uuid, globex uuid, without text[], across text[]) returns setof text
language plpgsql as $reached$
declare
    t record;
    own text;
    got text;
    setting text;
    place text;
    value text;
begin
    -- With no tenant, a table of tenants raises, be it that none was ever set or that the last one ended.
    foreach setting in array array[null, ''] loop
        for t in
            select role, c.oid::regclass as name
            from unnest(array['sheaf_app', 'sheaf_worker']) as role, pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
              and c.relname <> all (without) and role || ' ' || c.relname <> all (across)
              and has_any_column_privilege(role, c.oid, 'SELECT')
        loop
            got := pg_temp.attempt(t.role, setting, format('select from %s', t.name));
            if got <> 'SH001' then
                return next format('%s reads %s where no tenant is set: %s', t.role, t.name, got);
            end if;
        end loop;
    end loop;

    -- A row belongs to no row of another tenant, whoever writes it. What belongs to the row itself is left behind: it
    -- would refuse the change for a reason of its own.
    for t in
        select k.conrelid::regclass as name, k.confrelid::regclass as other, here, there,
               (select string_agg(format('alter table %s disable trigger %I; ', k.conrelid::regclass, tgname), '')
                from pg_trigger
                where tgrelid = k.conrelid and tgname like 'RI|_ConstraintTrigger|_a|_%' escape '|') as alone
        from pg_constraint k
        join pg_class c on c.oid = k.conrelid and c.relname <> all (without)
        join pg_class o on o.oid = k.confrelid and o.relname <> all (without)
        cross join lateral (
            select string_agg(quote_ident(a.attname), ', ' order by n),
                   string_agg(quote_ident(b.attname), ', ' order by n)
            from unnest(k.conkey, k.confkey) with ordinality as pair (here, there, n)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.here
            join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.there
            where a.attname <> 'tenant_id'
        ) as columns (here, there)
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace and here is not null
    loop
        got := pg_temp.attempt('none', null, format(
            '%supdate %s set (%s) = (select %s from %s where tenant_id = %L limit 1) where tenant_id = %L',
            t.alone, t.name, t.here, t.there, t.other, acme, globex
        ));
        if got <> '23503' then
            return next format('a row of %s belongs to a row of another tenant in %s: %s', t.name, t.other, got);
        end if;
    end loop;

    -- Foreign keys would hide what a policy lets through.
    perform set_config('session_replication_role', 'replica', true), set_config('app.tenant_id', globex::text, true);
    for t in
        select role, c.oid, c.oid::regclass as name, c.relkind, role || ' ' || c.relname = any (across) as across
        from unnest(array['sheaf_app', 'sheaf_worker']) as role, pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
          and c.relname <> all (without)
    loop
        execute format('select count(*) from %s where tenant_id = %L', t.name, globex) into own;
        if own = '0' then
            return next format('there is nothing in %s to try', t.name);
        end if;
        if has_any_column_privilege(t.role, t.oid, 'SELECT') and not t.across then
            got := pg_temp.attempt(t.role, globex::text, format('select from %s', t.name));
            if got <> own then
                return next format('%s sees %s of its %s rows of %s', t.role, got, own, t.name);
            end if;
        end if;
        continue when t.relkind in ('v', 'm');
        got := pg_temp.attempt(t.role, globex::text, format('truncate %s', t.name));
        if got <> '42501' then
            return next format('%s may empty %s: %s', t.role, t.name, got);
        end if;
        if has_any_column_privilege(t.role, t.oid, 'INSERT') then
            -- What is there already passes the policy and fails at the primary key, or lacks what the role may not say.
            foreach place in array array[acme, globex] loop
                execute format('select to_jsonb(t) from %s as t where tenant_id = %L limit 1', t.name, place)
                    into value;
                got := pg_temp.attempt(t.role, globex::text, format(
                    'insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, %3$L) as it', t.name,
                    (select string_agg(quote_ident(attname), ', ') from pg_attribute
                     where attrelid = t.oid and attnum > 0 and not attisdropped and attgenerated = ''
                       and has_column_privilege(t.role, t.oid, attnum, 'INSERT')), value
                ));
                if got <> all (case place when acme::text then array['42501'] else array['23505', '23502'] end) then
                    return next format('%s writes a row of %s in %s: %s', t.role, place, t.name, got);
                end if;
            end loop;
        end if;
        continue when t.across;
        -- A column that stands in no index is written without a conflict.
        select attname into place from pg_attribute a
        where attrelid = t.oid and attnum > 0 and has_column_privilege(t.role, t.oid, attnum, 'UPDATE')
        order by exists (select from pg_index where indrelid = t.oid and a.attnum = any (indkey::int[])), attnum
        limit 1;
        if place is not null then
            execute format('select quote_nullable(%I) from %s where tenant_id = %L limit 1', place, t.name, globex)
                into value;
            got := pg_temp.attempt(t.role, globex::text, format('update %s set %I = %s', t.name, place, value));
            if got <> own then
                return next format('%s changes %s of its %s rows of %s', t.role, got, own, t.name);
            end if;
        end if;
        if has_column_privilege(t.role, t.oid, 'tenant_id', 'UPDATE') then
            got := pg_temp.attempt(t.role, globex::text, format('update %s set tenant_id = %L', t.name, acme));
            if got <> '42501' then
                return next format('%s moves rows of %s to another tenant: %s', t.role, t.name, got);
            end if;
        end if;
        if has_table_privilege(t.role, t.oid, 'DELETE') then
            got := pg_temp.attempt(t.role, globex::text, format('delete from %s', t.name));
            if got <> own then
                return next format('%s deletes %s of its %s rows of %s', t.role, got, own, t.name);
            end if;
        end if;
    end loop;
end $reached$";
