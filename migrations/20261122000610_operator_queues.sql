-- The queues of all workspaces, for operators: what waits and for how long, what died, and how work is held up and run again.

-- Dead letters of a kind across tenants, the newest first. There are few, so it costs the other jobs nothing.
create index job_dead_of_kind on job (kind, died_at desc, id) where died_at is not null;

-- The functions below have the owner's powers, and the policies bind it like everybody.
create policy job_owner_select on job for select to sheaf_owner using (true);
create policy job_lane_owner_select on job_lane for select to sheaf_owner using (true);
create policy job_lane_owner_update on job_lane for update to sheaf_owner
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

-- Whose session a secret opens, while it and the operator stand. As with the names of the workspaces, nothing is told without
-- one: what is kept of it is a hash, which opens nothing.
create function operator_of(secret bytea, moment timestamptz) returns uuid
    language sql stable
    set search_path = pg_catalog, public, pg_temp
as $$
    select o.id from public.operator_session s join public.operator o on o.id = s.operator_id
    where s.secret_hash = sha256(secret) and s.revoked_at is null and s.expires_at > moment
      and s.last_seen_at > moment - interval '30 minutes' and o.disabled_at is null
$$;
revoke execute on function operator_of(bytea, timestamptz) from public;

-- `sheaf queue` asks too, and needs no secret: it signs in as the owner of the schema, who sees everything as it is.
create function sees_queues(secret bytea, moment timestamptz) returns boolean
    language sql stable
    set search_path = pg_catalog, public, pg_temp
as $$ select session_user = 'sheaf_owner' or public.operator_of(secret, moment) is not null $$;
revoke execute on function sees_queues(bytea, timestamptz) from public;

-- Each kind that there is a lane of. However much waits, it looks at no more than each lane once, 10,000 unfinished and 10,000
-- dead jobs of a kind, the heads of the lanes of 1,000 tenants of a kind, and the 20,000 jobs that finished last within the
-- hour. Where a count says 10,001 there are more; `recent_seconds` is how far back the last of these go.
create function operator_kinds(secret bytea, moment timestamptz) returns table (
    kind text, running bigint, waiting bigint, scheduled bigint, is_more boolean, oldest_seconds double precision, dead bigint,
    done bigint, recent_seconds double precision,
    wait_median double precision, wait_high double precision, run_median double precision, run_high double precision
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with recursive known as materialized (
        select lane.kind, sum(lane.running) as running from public.job_lane lane
        where public.sees_queues(secret, moment)
        group by lane.kind order by lane.kind limit 200
    ), lane (kind, tenant_id, number) as (
        -- From one tenant to the next in the queue's index.
        select known.kind, first.tenant_id, 1
        from known cross join lateral (
            select job.tenant_id from public.job
            where job.kind = known.kind and job.finished_at is null
            order by job.tenant_id limit 1
        ) as first
        union all
        select lane.kind, next.tenant_id, lane.number + 1
        from lane cross join lateral (
            select job.tenant_id from public.job
            where job.kind = lane.kind and job.finished_at is null and job.tenant_id > lane.tenant_id
            order by job.tenant_id limit 1
        ) as next
        where lane.number < 1000
    ), oldest as (
        select lane.kind, min(head.run_at) as run_at
        from lane cross join unnest(array[10, 0, -10]::smallint[]) as level (priority)
        cross join lateral (
            select job.run_at from public.job
            where job.kind = lane.kind and job.tenant_id = lane.tenant_id and job.priority = level.priority
              and job.finished_at is null and job.state = 'waiting' and job.run_at <= now()
            order by job.run_at, job.id limit 1
        ) as head
        group by lane.kind
    ), recent as materialized (
        select job.kind, job.state, job.attempt, job.run_at, job.started_at, job.worked, job.finished_at
        from public.job
        where job.finished_at > now() - interval '1 hour' and public.sees_queues(secret, moment)
        order by job.finished_at desc limit 20000
    ), reach as (
        select case when count(*) < 20000 then 3600 else extract(epoch from now() - min(recent.finished_at)) end as seconds
        from recent
    ), done as (
        select recent.kind, count(*) as number,
               -- What was tried again has waited for its pause as well.
               percentile_cont(array[0.5, 0.95]) within group (
                   order by greatest(extract(epoch from recent.started_at - recent.run_at), 0)::double precision
               ) filter (where recent.attempt = 1) as waited,
               percentile_cont(array[0.5, 0.95]) within group (order by recent.worked) as worked
        from recent where recent.state = 'done' group by recent.kind
    )
    select known.kind, known.running::bigint, unfinished.waiting, unfinished.scheduled, unfinished.number > 10000,
           extract(epoch from now() - oldest.run_at)::double precision, dead.number,
           coalesce(done.number, 0), reach.seconds::double precision,
           done.waited[1], done.waited[2], done.worked[1], done.worked[2]
    from known cross join reach
    cross join lateral (
        select count(*) as number, count(*) filter (where few.state = 'waiting' and few.run_at <= now()) as waiting,
               count(*) filter (where few.state = 'waiting' and few.run_at > now()) as scheduled
        from (
            select job.state, job.run_at from public.job
            where job.kind = known.kind and job.finished_at is null
            order by job.tenant_id, job.priority desc, job.run_at, job.id limit 10001
        ) as few
    ) as unfinished
    cross join lateral (
        select count(*) as number
        from (
            select from public.job
            where job.kind = known.kind and job.died_at is not null
            order by job.died_at desc, job.id limit 10001
        ) as few
    ) as dead
    left join oldest on oldest.kind = known.kind
    left join done on done.kind = known.kind
    order by known.kind
$$;
revoke execute on function operator_kinds(bytea, timestamptz) from public;
grant execute on function operator_kinds(bytea, timestamptz) to sheaf_app;

-- The 50 busiest lanes. By what they have used, these are exact. By what waits, they are found among the 200 that wait longest of
-- 1,000 tenants of a kind. Of one tenant, all its lanes, 200 at most. What waits in a lane is counted to 1,001.
create function operator_lanes(secret bytea, moment timestamptz, wanted_kind text, wanted_tenant uuid, by_use boolean)
returns table (
    tenant_id uuid, name text, kind text, weight real, max_running int, max_waiting int, running int, waiting bigint,
    oldest_seconds double precision, used double precision
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with recursive known as materialized (
        select distinct lane.kind from public.job_lane lane
        where wanted_tenant is null and not by_use and (wanted_kind is null or lane.kind = wanted_kind)
          and public.sees_queues(secret, moment)
        order by lane.kind limit 200
    ), lane (kind, tenant_id, number) as (
        select known.kind, first.tenant_id, 1
        from known cross join lateral (
            select job.tenant_id from public.job
            where job.kind = known.kind and job.finished_at is null
            order by job.tenant_id limit 1
        ) as first
        union all
        select lane.kind, next.tenant_id, lane.number + 1
        from lane cross join lateral (
            select job.tenant_id from public.job
            where job.kind = lane.kind and job.finished_at is null and job.tenant_id > lane.tenant_id
            order by job.tenant_id limit 1
        ) as next
        where lane.number < 1000
    ), longest as (
        select lane.kind, lane.tenant_id
        from lane cross join unnest(array[10, 0, -10]::smallint[]) as level (priority)
        cross join lateral (
            select job.run_at from public.job
            where job.kind = lane.kind and job.tenant_id = lane.tenant_id and job.priority = level.priority
              and job.finished_at is null and job.state = 'waiting'
            order by job.run_at, job.id limit 1
        ) as head
        group by lane.kind, lane.tenant_id order by min(head.run_at) limit 200
    ), most as (
        select lane.kind, lane.tenant_id from public.job_lane lane
        where wanted_tenant is null and by_use and (wanted_kind is null or lane.kind = wanted_kind)
          and public.sees_queues(secret, moment)
        order by lane.used * power(0.5, extract(epoch from now() - lane.used_at)::double precision / 60) desc limit 50
    ), own as (
        select lane.kind, lane.tenant_id from public.job_lane lane
        where lane.tenant_id = wanted_tenant and (wanted_kind is null or lane.kind = wanted_kind)
          and public.sees_queues(secret, moment)
        order by lane.kind limit 200
    ), chosen as (
        select * from longest union all select * from most union all select * from own
    )
    select lane.tenant_id, tenant.name, lane.kind, lane.weight, lane.max_running, lane.max_waiting, lane.running, waits.number,
           extract(epoch from now() - waits.since)::double precision, used.now
    from chosen
    join public.job_lane lane on lane.tenant_id = chosen.tenant_id and lane.kind = chosen.kind
    join public.tenant on tenant.tenant_id = lane.tenant_id
    cross join lateral (
        select count(*) as number, min(few.run_at) as since
        from (
            select job.run_at from public.job
            where job.kind = lane.kind and job.tenant_id = lane.tenant_id and job.finished_at is null
              and job.state = 'waiting' and job.run_at <= now()
            order by job.priority desc, job.run_at, job.id limit 1001
        ) as few
    ) as waits
    cross join lateral (
        -- A minute later it is half.
        select lane.used * power(0.5, extract(epoch from now() - lane.used_at)::double precision / 60) as now
    ) as used
    order by case when by_use then used.now end desc nulls last, waits.number desc, waits.since, used.now desc, lane.kind
    limit case when wanted_tenant is null then 50 else 200 end
$$;
revoke execute on function operator_lanes(bytea, timestamptz, text, uuid, boolean) from public;
grant execute on function operator_lanes(bytea, timestamptz, text, uuid, boolean) to sheaf_app;

-- The processes that work, those that were seen last first; 200 at most.
create function operator_workers(secret bytea, moment timestamptz) returns table (
    name text, kinds text[], started_at timestamptz, silent_seconds double precision
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select worker.name, worker.kinds, worker.started_at,
           greatest(extract(epoch from now() - worker.seen_at), 0)::double precision
    from public.job_worker worker
    where public.sees_queues(secret, moment)
    order by worker.seen_at desc, worker.id limit 200
$$;
revoke execute on function operator_workers(bytea, timestamptz) from public;
grant execute on function operator_workers(bytea, timestamptz) to sheaf_app;

-- What is held up, by whom and why; of one tenant, or the newest 500.
create function operator_pauses(secret bytea, moment timestamptz, wanted_tenant uuid) returns table (
    kind text, tenant_id uuid, name text, reason text, paused_by text, paused_at timestamptz
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select pause.kind, pause.tenant_id, tenant.name, pause.reason, operator.name, pause.paused_at
    from public.job_pause pause
    join public.operator on operator.id = pause.paused_by
    left join public.tenant on tenant.tenant_id = pause.tenant_id
    where (wanted_tenant is null or pause.tenant_id = wanted_tenant) and public.sees_queues(secret, moment)
    order by pause.paused_at desc, pause.id limit 500
$$;
revoke execute on function operator_pauses(bytea, timestamptz, uuid) from public;
grant execute on function operator_pauses(bytea, timestamptz, uuid) to sheaf_app;

-- Dead letters, the newest first; 1,000 at most. What they were to do is not told. `is_under_way`: a job with the same key is
-- unfinished, so that this one cannot run again; `only_idle` leaves such ones out.
create function operator_dead_letters(
    secret bytea, moment timestamptz, wanted_kind text, wanted_tenant uuid, only_idle boolean, most int
)
returns table (
    tenant_id uuid, name text, id uuid, kind text, attempts int, error text, died_at timestamptz, is_under_way boolean
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with known as materialized (
        select distinct lane.kind from public.job_lane lane
        where wanted_tenant is null and (wanted_kind is null or lane.kind = wanted_kind)
          and public.sees_queues(secret, moment)
        order by lane.kind limit 200
    ), dead as (
        select letter.* from known cross join lateral (
            select job.* from public.job
            where job.kind = known.kind and job.died_at is not null
              and not (only_idle and exists (
                  select from public.job other
                  where other.tenant_id = job.tenant_id and other.kind = job.kind and other.key = job.key
                    and other.finished_at is null
              ))
            order by job.died_at desc, job.id limit least(most, 1000)
        ) as letter
        union all
        (
            select job.* from public.job
            where job.tenant_id = wanted_tenant and job.died_at is not null
              and (wanted_kind is null or job.kind = wanted_kind) and public.sees_queues(secret, moment)
              and not (only_idle and exists (
                  select from public.job other
                  where other.tenant_id = job.tenant_id and other.kind = job.kind and other.key = job.key
                    and other.finished_at is null
              ))
            order by job.died_at desc, job.id limit least(most, 1000)
        )
    ), newest as (
        select * from dead order by dead.died_at desc, dead.id limit least(most, 1000)
    )
    select newest.tenant_id, tenant.name, newest.id, newest.kind, newest.attempt, left(newest.last_error, 500),
           newest.died_at,
           exists (
               select from public.job other
               where other.tenant_id = newest.tenant_id and other.kind = newest.kind and other.key = newest.key
                 and other.finished_at is null
           )
    from newest join public.tenant on tenant.tenant_id = newest.tenant_id
    order by newest.died_at desc, newest.id
$$;
revoke execute on function operator_dead_letters(bytea, timestamptz, text, uuid, boolean, int) from public;
grant execute on function operator_dead_letters(bytea, timestamptz, text, uuid, boolean, int) to sheaf_app;

-- Holds up a kind of all tenants, or a tenant whole. False where it is held up already.
create function operator_pause(
    secret bytea, moment timestamptz, pause uuid, wanted_kind text, wanted_tenant uuid, why text
)
returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with made as (
        insert into public.job_pause (id, kind, tenant_id, reason, paused_by)
        select pause, wanted_kind, wanted_tenant, why, who.id from public.operator_of(secret, moment) as who (id)
        where who.id is not null
        on conflict do nothing
        returning id
    )
    select exists (select from made)
$$;
revoke execute on function operator_pause(bytea, timestamptz, uuid, text, uuid, text) from public;
grant execute on function operator_pause(bytea, timestamptz, uuid, text, uuid, text) to sheaf_app;

-- Lets it go on. False where it is not held up.
create function operator_resume(secret bytea, moment timestamptz, wanted_kind text, wanted_tenant uuid) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with ended as (
        delete from public.job_pause
        where (kind = wanted_kind or tenant_id = wanted_tenant) and public.operator_of(secret, moment) is not null
        returning id
    )
    select exists (select from ended)
$$;
revoke execute on function operator_resume(bytea, timestamptz, text, uuid) from public;
grant execute on function operator_resume(bytea, timestamptz, text, uuid) to sheaf_app;

-- A lane's share and limits, in the tenant that is set. False where there is no such lane.
create function operator_set_lane(
    secret bytea, moment timestamptz, wanted_tenant uuid, wanted_kind text, new_weight real, new_running int, new_waiting int
)
returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with changed as (
        update public.job_lane set weight = new_weight, max_running = new_running, max_waiting = new_waiting
        where tenant_id = wanted_tenant and kind = wanted_kind and public.operator_of(secret, moment) is not null
        returning kind
    )
    select exists (select from changed)
$$;
revoke execute on function operator_set_lane(bytea, timestamptz, uuid, text, real, int, int) from public;
grant execute on function operator_set_lane(bytea, timestamptz, uuid, text, real, int, int) to sheaf_app;
