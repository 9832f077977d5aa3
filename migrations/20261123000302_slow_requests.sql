-- What took too long, or failed, is shown to operators with all that it waited for, by any server and not by the one that was asked.

-- Of no tenant, as most of a server's trouble is not: it names one where somebody was signed in. A route is a template and a span
-- has a name of ours, so nothing of what anybody has sent is in it. No role reaches it but by the functions below.
create table slow_request (
    id uuid primary key,
    at timestamptz not null,
    method text not null check (length(method) <= 10),
    route text not null check (length(route) <= 200),
    status smallint not null,
    took_ms int not null check (took_ms >= 0),
    trace_id uuid not null,
    tenant_id uuid references tenant on delete cascade,
    spans jsonb not null check (jsonb_typeof(spans) = 'array')
);
create index slow_request_recent on slow_request (at desc, id desc);
create index slow_request_of_tenant on slow_request (tenant_id) where tenant_id is not null;

-- Keeps one. A workspace that is not there any more is nobody's.
create function keep_slow_request(
    id uuid, at timestamptz, method text, route text, status smallint, took_ms int, trace_id uuid, told_tenant uuid, spans jsonb
)
returns void
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    insert into public.slow_request (id, at, method, route, status, took_ms, trace_id, tenant_id, spans)
    values (
        id, at, left(method, 10), left(route, 200), status, took_ms, trace_id,
        (select tenant.tenant_id from public.tenant where tenant.tenant_id = told_tenant), spans
    )
$$;
revoke execute on function keep_slow_request(uuid, timestamptz, text, text, smallint, int, uuid, uuid, jsonb) from public;
grant execute on function keep_slow_request(uuid, timestamptz, text, text, smallint, int, uuid, uuid, jsonb) to sheaf_app;

-- The newest, for whoever shows the secret of an operator's session: 50 of them before one that is told, and one more that says
-- that there are more.
create function operator_slow_requests(secret bytea, moment timestamptz, last_id uuid)
returns table (
    id uuid, at timestamptz, method text, route text, status smallint, took_ms int, tenant_id uuid, name text
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select s.id, s.at, s.method, s.route, s.status, s.took_ms, s.tenant_id, t.name
    from public.slow_request s left join public.tenant t on t.tenant_id = s.tenant_id
    where (
        last_id is null or (s.at, s.id) < (select l.at, l.id from public.slow_request l where l.id = last_id)
    ) and public.operator_of(secret, moment) is not null
    order by s.at desc, s.id desc limit 51
$$;
revoke execute on function operator_slow_requests(bytea, timestamptz, uuid) from public;
grant execute on function operator_slow_requests(bytea, timestamptz, uuid) to sheaf_app;

-- One of them, with what it waited for.
create function operator_slow_request(secret bytea, moment timestamptz, wanted uuid)
returns table (
    id uuid, at timestamptz, method text, route text, status smallint, took_ms int, tenant_id uuid, name text, trace_id uuid,
    spans jsonb
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select s.id, s.at, s.method, s.route, s.status, s.took_ms, s.tenant_id, t.name, s.trace_id, s.spans
    from public.slow_request s left join public.tenant t on t.tenant_id = s.tenant_id
    where s.id = wanted and public.operator_of(secret, moment) is not null
$$;
revoke execute on function operator_slow_request(bytea, timestamptz, uuid) from public;
grant execute on function operator_slow_request(bytea, timestamptz, uuid) to sheaf_app;

-- Forgets those of more than seven days ago, and all but the newest 2,000; and says how many those were.
create function forget_slow_requests(moment timestamptz) returns bigint
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with old as (
        select s.id from public.slow_request s where s.at < moment - interval '7 days'
        union
        (select s.id from public.slow_request s order by s.at desc, s.id desc offset 2000)
    ), forgotten as (
        delete from public.slow_request s using old where s.id = old.id returning s.id
    )
    select count(*) from forgotten
$$;
revoke execute on function forget_slow_requests(timestamptz) from public;
grant execute on function forget_slow_requests(timestamptz) to sheaf_worker;
