-- Parts of the product that operators switch off and on: for all workspaces, for a share of them, or for some by name.

-- A feature without a row is as the code says. The ids are those of workspaces; one that is deleted since does nothing.
create table feature_switch (
    key text primary key check (length(key) between 1 and 40),
    state text not null check (state in ('off', 'on', 'percentage')),
    percent smallint not null default 0 check (percent between 0 and 100),
    allowed uuid[] not null default '{}' constraint feature_switch_allowed check (cardinality(allowed) <= 200),
    denied uuid[] not null default '{}' constraint feature_switch_denied check (cardinality(denied) <= 200),
    changed_at timestamptz not null,
    changed_by uuid not null references operator (id)
);
grant select (key, state, percent, allowed, denied, changed_at) on feature_switch to sheaf_app, sheaf_worker;

create index operator_act_of_switches on operator_act (created_at desc, id) where act = 'switch.changed';

-- How a feature is from here on. False without a good secret.
create function operator_set_switch(secret bytea, moment timestamptz, feature text, new_state text, new_percent smallint)
returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with changed as (
        insert into public.feature_switch as known (key, state, percent, changed_at, changed_by)
        select feature, new_state, new_percent, moment, who.id
        from public.operator_of(secret, moment) as who (id) where who.id is not null
        on conflict (key) do update
        set state = excluded.state, percent = excluded.percent, changed_at = excluded.changed_at,
            changed_by = excluded.changed_by
        returning known.key
    )
    select exists (select from changed)
$$;
revoke execute on function operator_set_switch(bytea, timestamptz, text, text, smallint) from public;
grant execute on function operator_set_switch(bytea, timestamptz, text, text, smallint) to sheaf_app;

-- Puts a workspace among those that have a feature whatever its state is ('allow'), among those that have it not ('deny'), or
-- among neither. `usual` is the state of a feature that nobody has switched. False without a good secret.
create function operator_place_in_switch(
    secret bytea, moment timestamptz, feature text, usual text, wanted uuid, place text
)
returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with changed as (
        insert into public.feature_switch as known (key, state, allowed, denied, changed_at, changed_by)
        select feature, usual, case when place = 'allow' then array[wanted] else '{}' end,
               case when place = 'deny' then array[wanted] else '{}' end, moment, who.id
        from public.operator_of(secret, moment) as who (id) where who.id is not null
        on conflict (key) do update
        set allowed = array_remove(known.allowed, wanted) || excluded.allowed,
            denied = array_remove(known.denied, wanted) || excluded.denied,
            changed_at = excluded.changed_at, changed_by = excluded.changed_by
        returning known.key
    )
    select exists (select from changed)
$$;
revoke execute on function operator_place_in_switch(bytea, timestamptz, text, text, uuid, text) from public;
grant execute on function operator_place_in_switch(bytea, timestamptz, text, text, uuid, text) to sheaf_app;

-- Who changed what of the switches, the newest 50.
create function operator_switch_changes(secret bytea, moment timestamptz)
returns table (changed_by text, change text, changed_at timestamptz)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select operator.name, act.reason, act.created_at
    from public.operator_act act join public.operator on operator.id = act.operator_id
    where act.act = 'switch.changed' and public.operator_of(secret, moment) is not null
    order by act.created_at desc, act.id desc limit 50
$$;
revoke execute on function operator_switch_changes(bytea, timestamptz) from public;
grant execute on function operator_switch_changes(bytea, timestamptz) to sheaf_app;

-- The names of workspaces.
create function operator_tenant_names(secret bytea, moment timestamptz, wanted uuid[])
returns table (tenant_id uuid, name text)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select tenant.tenant_id, tenant.name from public.tenant
    where tenant.tenant_id = any (wanted) and public.operator_of(secret, moment) is not null
    order by tenant.tenant_id limit 400
$$;
revoke execute on function operator_tenant_names(bytea, timestamptz, uuid[]) from public;
grant execute on function operator_tenant_names(bytea, timestamptz, uuid[]) to sheaf_app;
