-- A request that failed was kept without what was logged of it, and could not be found by the reference that its sender was shown.

alter table slow_request add column failed boolean not null default false;
-- What was logged of the first error in it, as the log says it: cut short, and without what surrounds it there.
alter table slow_request add column error text check (length(error) <= 500);

-- Keeps one. A workspace that is not there any more is nobody's.
create function keep_request(
    id uuid, at timestamptz, method text, route text, status smallint, took_ms int, trace_id uuid, told_tenant uuid, spans jsonb,
    failed boolean, error text
)
returns void
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    insert into public.slow_request (id, at, method, route, status, took_ms, trace_id, tenant_id, spans, failed, error)
    values (
        id, at, left(method, 10), left(route, 200), status, took_ms, trace_id,
        (select tenant.tenant_id from public.tenant where tenant.tenant_id = told_tenant), spans, failed, left(error, 500)
    )
$$;
revoke execute on function keep_request(uuid, timestamptz, text, text, smallint, int, uuid, uuid, jsonb, boolean, text) from public;
grant execute on function keep_request(uuid, timestamptz, text, text, smallint, int, uuid, uuid, jsonb, boolean, text) to sheaf_app;

-- What servers of before this migration call. What they keep is told apart by its status.
create or replace function keep_slow_request(
    id uuid, at timestamptz, method text, route text, status smallint, took_ms int, trace_id uuid, told_tenant uuid, spans jsonb
)
returns void
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select public.keep_request(
        id, at, method, route, status, took_ms, trace_id, told_tenant, spans, status >= 500, null
    )
$$;

-- The newest, for whoever shows the secret of an operator's session: 50 of them before one that is told, and one more that says
-- that there are more. Of those that failed alone, of those that took at least so long, and of one trace where it is told.
create function operator_kept_requests(
    secret bytea, moment timestamptz, last_id uuid, only_failed boolean, least_ms int, only_trace uuid
)
returns table (
    id uuid, at timestamptz, method text, route text, status smallint, took_ms int, failed boolean, tenant_id uuid, name text
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select s.id, s.at, s.method, s.route, s.status, s.took_ms, s.failed, s.tenant_id, t.name
    from public.slow_request s left join public.tenant t on t.tenant_id = s.tenant_id
    where (
        last_id is null or (s.at, s.id) < (select l.at, l.id from public.slow_request l where l.id = last_id)
    ) and (s.failed or not only_failed) and s.took_ms >= least_ms and (only_trace is null or s.trace_id = only_trace)
    and public.operator_of(secret, moment) is not null
    order by s.at desc, s.id desc limit 51
$$;
revoke execute on function operator_kept_requests(bytea, timestamptz, uuid, boolean, int, uuid) from public;
grant execute on function operator_kept_requests(bytea, timestamptz, uuid, boolean, int, uuid) to sheaf_app;

-- One of them, with what it waited for and what was logged of its error.
create function operator_kept_request(secret bytea, moment timestamptz, wanted uuid)
returns table (
    id uuid, at timestamptz, method text, route text, status smallint, took_ms int, failed boolean, tenant_id uuid, name text,
    trace_id uuid, error text, spans jsonb
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select s.id, s.at, s.method, s.route, s.status, s.took_ms, s.failed, s.tenant_id, t.name, s.trace_id, s.error, s.spans
    from public.slow_request s left join public.tenant t on t.tenant_id = s.tenant_id
    where s.id = wanted and public.operator_of(secret, moment) is not null
$$;
revoke execute on function operator_kept_request(bytea, timestamptz, uuid) from public;
grant execute on function operator_kept_request(bytea, timestamptz, uuid) to sheaf_app;

-- Forgets those of more than seven days ago, and all but the newest 2,000 that failed and the newest 2,000 that were slow alone; and
-- says how many those were. So neither push out the others.
create or replace function forget_slow_requests(moment timestamptz) returns bigint
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with old as (
        select s.id from public.slow_request s where s.at < moment - interval '7 days'
        union
        (select s.id from public.slow_request s where s.failed order by s.at desc, s.id desc offset 2000)
        union
        (select s.id from public.slow_request s where not s.failed order by s.at desc, s.id desc offset 2000)
    ), forgotten as (
        delete from public.slow_request s using old where s.id = old.id returning s.id
    )
    select count(*) from forgotten
$$;
