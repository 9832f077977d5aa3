-- How Sheaf is, minute by minute: what each process has done, summed up, so that operators see all processes together.

-- A minute's sums of one process, kept for a day; or an hour's of all of them, kept for 14 days. `failed` are requests that
-- failed through Sheaf, attempts of jobs that were not done, and questions that a cache did not know. The buckets are those of
-- domain::health. No role but the schema's owner reaches it, and its functions below.
create table health_figure (
    at timestamptz not null,
    part text not null check (part in ('requests', 'jobs', 'caches')),
    name text not null check (length(name) between 1 and 60),
    -- Nobody's, for an hour.
    process uuid not null,
    is_hour boolean not null default false,
    number bigint not null check (number >= 0),
    failed bigint not null check (failed >= 0),
    seconds double precision not null check (seconds >= 0),
    buckets bigint[] not null check (cardinality(buckets) = 13),
    primary key (at, part, name, process, is_hour)
);

-- One by one.
create function added_buckets(one bigint[], other bigint[]) returns bigint[]
    language sql stable
    set search_path = pg_catalog, public, pg_temp
as $$ select array_agg(a + b order by place) from unnest(one, other) with ordinality as both_of (a, b, place) $$;
revoke execute on function added_buckets(bigint[], bigint[]) from public;

-- Adds what a process has done to one of its minutes: at most 200 names, and no moment that is not about now.
create function keep_health(writer uuid, moment timestamptz, figures jsonb) returns void
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    insert into public.health_figure as kept (at, part, name, process, number, failed, seconds, buckets)
    select date_trunc('minute', moment), told.part, told.name, writer, told.number, told.failed, told.seconds, told.buckets
    from jsonb_to_recordset(figures) as told (
        part text, name text, number bigint, failed bigint, seconds double precision, buckets bigint[]
    )
    where moment between now() - interval '1 hour' and now() + interval '1 hour'
    limit 200
    on conflict (at, part, name, process, is_hour) do update
    set number = kept.number + excluded.number, failed = kept.failed + excluded.failed,
        seconds = kept.seconds + excluded.seconds, buckets = public.added_buckets(kept.buckets, excluded.buckets)
$$;
revoke execute on function keep_health(uuid, timestamptz, jsonb) from public;
grant execute on function keep_health(uuid, timestamptz, jsonb) to sheaf_app, sheaf_worker;

-- Minutes before the one moment become hours of all processes together, and hours before the other are forgotten. Answers how
-- many rows that were.
create function thin_health(minutes_before timestamptz, hours_before timestamptz) returns bigint
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with forgotten as (
        delete from public.health_figure where is_hour and at < hours_before returning 1
    ), old as (
        delete from public.health_figure where not is_hour and at < date_trunc('hour', minutes_before) returning *
    ), hour as (
        insert into public.health_figure as kept (at, part, name, process, is_hour, number, failed, seconds, buckets)
        select date_trunc('hour', old.at), old.part, old.name, '00000000-0000-0000-0000-000000000000', true,
               sum(old.number), sum(old.failed), sum(old.seconds),
               array[sum(old.buckets[1]), sum(old.buckets[2]), sum(old.buckets[3]), sum(old.buckets[4]), sum(old.buckets[5]),
                     sum(old.buckets[6]), sum(old.buckets[7]), sum(old.buckets[8]), sum(old.buckets[9]), sum(old.buckets[10]),
                     sum(old.buckets[11]), sum(old.buckets[12]), sum(old.buckets[13])]::bigint[]
        from old group by date_trunc('hour', old.at), old.part, old.name
        on conflict (at, part, name, process, is_hour) do update
        set number = kept.number + excluded.number, failed = kept.failed + excluded.failed,
            seconds = kept.seconds + excluded.seconds, buckets = public.added_buckets(kept.buckets, excluded.buckets)
        returning 1
    )
    select (select count(*) from forgotten) + (select count(*) from old) + 0 * (select count(*) from hour)
$$;
revoke execute on function thin_health(timestamptz, timestamptz) from public;
grant execute on function thin_health(timestamptz, timestamptz) to sheaf_worker;

-- The figures of all processes since a moment, in steps of so many seconds, for whoever shows the secret of an operator's session.
create function operator_health(secret bytea, moment timestamptz, since timestamptz, step int) returns table (
    slot timestamptz, part text, name text, number bigint, failed bigint, seconds double precision, buckets bigint[]
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select date_bin(make_interval(secs => step), kept.at, 'epoch'), kept.part, kept.name,
           sum(kept.number)::bigint, sum(kept.failed)::bigint, sum(kept.seconds),
           array[sum(kept.buckets[1]), sum(kept.buckets[2]), sum(kept.buckets[3]), sum(kept.buckets[4]), sum(kept.buckets[5]),
                 sum(kept.buckets[6]), sum(kept.buckets[7]), sum(kept.buckets[8]), sum(kept.buckets[9]), sum(kept.buckets[10]),
                 sum(kept.buckets[11]), sum(kept.buckets[12]), sum(kept.buckets[13])]::bigint[]
    from public.health_figure kept
    where kept.at >= since and kept.at <= moment and public.operator_of(secret, moment) is not null
    group by 1, kept.part, kept.name
    order by 1, kept.part, kept.name limit 10000
$$;
revoke execute on function operator_health(bytea, timestamptz, timestamptz, int) from public;
grant execute on function operator_health(bytea, timestamptz, timestamptz, int) to sheaf_app;

-- What each workspace stores is one row of it; the ten that store most, with the sum of all, for whoever shows the same.
create policy tenant_meter_owner_select on tenant_meter for select to sheaf_owner using (true);

create function operator_storage(secret bytea, moment timestamptz) returns table (
    tenant_id uuid, name text, bytes bigint, all_bytes bigint, workspaces bigint
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select most.tenant_id, tenant.name, most.stored_bytes, most.all_bytes, most.workspaces
    from (
        select meter.tenant_id, meter.stored_bytes, sum(meter.stored_bytes) over ()::bigint as all_bytes,
               count(*) over () as workspaces
        from public.tenant_meter meter
        where public.operator_of(secret, moment) is not null
        order by meter.stored_bytes desc, meter.tenant_id limit 10
    ) as most
    join public.tenant on tenant.tenant_id = most.tenant_id
    order by most.stored_bytes desc, most.tenant_id
$$;
revoke execute on function operator_storage(bytea, timestamptz) from public;
grant execute on function operator_storage(bytea, timestamptz) to sheaf_app;

-- Who is connected to this database, how many could be to all of the cluster, and how large it is; for whoever shows the same.
create function operator_connections(secret bytea, moment timestamptz) returns table (
    role text, connections bigint, most int, bytes bigint
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select coalesce(session.usename::text, ''), count(*), current_setting('max_connections')::int,
           pg_database_size(current_database())
    from pg_stat_activity session
    where session.datname = current_database() and public.operator_of(secret, moment) is not null
    group by session.usename order by count(*) desc limit 20
$$;
revoke execute on function operator_connections(bytea, timestamptz) from public;
grant execute on function operator_connections(bytea, timestamptz) to sheaf_app;

-- The statements that took longest of all, with placeholders in the place of what people have written; null where this database
-- does not keep them. It runs as whoever asks, which sees its own statements and those that pg_read_all_stats lets it see.
-- Commands that have no placeholders are left out.
create function slowest_statements() returns table (statement text, calls bigint, total double precision, mean double precision)
    language plpgsql stable
    set search_path = pg_catalog, public, pg_temp
as $$
declare
    place text;
begin
    select n.nspname into place
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_stat_statements';
    if place is null then
        return query select null::text, null::bigint, null::double precision, null::double precision;
        return;
    end if;
    return query execute format(
        'select left(kept.query, 500), kept.calls, kept.total_exec_time / 1000, kept.mean_exec_time / 1000
         from %I.pg_stat_statements kept
         where kept.dbid = (select oid from pg_database where datname = current_database())
           and kept.query ~* ''^\s*(select|insert|update|delete|with|merge)\M''
         order by kept.total_exec_time desc limit 10', place
    );
exception
    -- It is there and was not loaded when the server began, or may not be looked at.
    when object_not_in_prerequisite_state or insufficient_privilege then
        return query select null::text, null::bigint, null::double precision, null::double precision;
end
$$;
revoke execute on function slowest_statements() from public;
grant execute on function slowest_statements() to sheaf_app;
