-- What waits and runs of each kind is asked by operators and by whoever measures it: in one place.

-- Of these kinds, in all tenants that whoever asks may see. However much waits, it looks at no more than each lane once, 10,000
-- unfinished jobs of a kind, and the heads of the lanes of 1,000 tenants of a kind. Where a count says 10,001 there are more.
create function unfinished_by_kind(kinds text[]) returns table (
    kind text, running bigint, waiting bigint, scheduled bigint, is_more boolean, oldest_seconds double precision
)
    language sql stable
    set search_path = pg_catalog, public, pg_temp
as $$
    with recursive known as materialized (
        select told.kind, coalesce(sum(lane.running), 0)::bigint as running
        from unnest(kinds) as told (kind) left join public.job_lane lane on lane.kind = told.kind
        group by told.kind
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
    )
    select known.kind, known.running, unfinished.waiting, unfinished.scheduled, unfinished.number > 10000,
           extract(epoch from now() - oldest.run_at)::double precision
    from known
    cross join lateral (
        select count(*) as number, count(*) filter (where few.state = 'waiting' and few.run_at <= now()) as waiting,
               count(*) filter (where few.state = 'waiting' and few.run_at > now()) as scheduled
        from (
            select job.state, job.run_at from public.job
            where job.kind = known.kind and job.finished_at is null
            order by job.tenant_id, job.priority desc, job.run_at, job.id limit 10001
        ) as few
    ) as unfinished
    left join oldest on oldest.kind = known.kind
$$;
revoke execute on function unfinished_by_kind(text[]) from public;
grant execute on function unfinished_by_kind(text[]) to sheaf_worker;

-- Each kind that there is a lane of. Besides, it looks at no more than 10,000 dead jobs of a kind, and at the 20,000 jobs that
-- finished last within the hour; `recent_seconds` is how far back the last of these go.
create or replace function operator_kinds(secret bytea, moment timestamptz) returns table (
    kind text, running bigint, waiting bigint, scheduled bigint, is_more boolean, oldest_seconds double precision, dead bigint,
    done bigint, recent_seconds double precision,
    wait_median double precision, wait_high double precision, run_median double precision, run_high double precision
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with known as materialized (
        select distinct lane.kind from public.job_lane lane
        where public.sees_queues(secret, moment)
        order by lane.kind limit 200
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
    select unfinished.kind, unfinished.running, unfinished.waiting, unfinished.scheduled, unfinished.is_more,
           unfinished.oldest_seconds, dead.number,
           coalesce(done.number, 0), reach.seconds::double precision,
           done.waited[1], done.waited[2], done.worked[1], done.worked[2]
    from public.unfinished_by_kind(array(select known.kind from known)) as unfinished cross join reach
    cross join lateral (
        select count(*) as number
        from (
            select from public.job
            where job.kind = unfinished.kind and job.died_at is not null
            order by job.died_at desc, job.id limit 10001
        ) as few
    ) as dead
    left join done on done.kind = unfinished.kind
    order by unfinished.kind
$$;
