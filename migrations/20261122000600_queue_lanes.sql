-- A queue that is fair and cheap: lanes per tenant and kind, steps that are kept, ticks, pauses, and what people see of it.

alter table job
    -- The person who caused it, and none where Sheaf did by itself.
    add column account_id uuid,
    -- What it is about, in the table that its kind says: a document, a report, a mail.
    add column subject uuid,
    add column result jsonb,
    -- Seconds of a worker that all attempts together have taken.
    add column worked double precision not null default 0 check (worked >= 0),
    -- As an index asks for dead letters by it, and one that asked for the state would make every change of state dear.
    add column died_at timestamptz;

-- The policies bind the owner as well, to whom no job is shown: not while the rows that are there are looked at.
alter table job no force row level security;
update job set died_at = finished_at where state = 'dead';
alter table job add constraint job_died_at check ((state = 'dead') = (died_at is not null));

-- To claim a job changes no column of any index, so that the new version of its row stays on the page and no index is written
-- (a heap-only tuple). So the queue's index holds running jobs too; they are few, and a claim steps over them.
drop index job_ready;
drop index job_running;
drop index job_key;
drop index job_dead;
create index job_queue on job (kind, tenant_id, priority desc, run_at, id) where finished_at is null;
create unique index job_key on job (tenant_id, kind, key) where key is not null and finished_at is null;
create index job_recent_key on job (tenant_id, kind, key, created_at desc) where key is not null;
create index job_dead on job (tenant_id, died_at desc, id) where died_at is not null;

-- What is deleted by age is found by the pages it lies on; such an index costs next to nothing to write.
drop index job_finished;
create index job_finished on job using brin (finished_at);
-- A batch of claims writes every row of a page anew before any old version may go, and wants room for all of them.
alter table job set (fillfactor = 40);

grant update (result, died_at, worked) on job to sheaf_worker;
grant update (died_at, result) on job to sheaf_app;

-- What a tenant has used of a kind, which decides whose turn it is. Whoever claims or settles locks the lane first, in the order
-- of the key, so that its count of running jobs is exact on all machines together.
create table job_lane (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    kind text not null check (length(kind) between 1 and 100),
    -- Its share beside others: twice the weight is twice the time of workers.
    weight real not null default 1 check (weight between 0.01 and 1000),
    -- The limit of the plan.
    max_running int not null default 64 check (max_running > 0),
    max_waiting int not null default 100000 check (max_waiting > 0),
    running int not null default 0 check (running >= 0),
    -- Seconds of workers, of which a minute later half are forgotten: nobody saves up turns, and nobody pays for long ago.
    used double precision not null default 0 check (used >= 0),
    used_at timestamptz not null default now(),
    -- Of one job, a moving average: what a claim is taken to cost before it is over.
    job_seconds double precision not null default 0.1 check (job_seconds >= 0),
    primary key (tenant_id, kind)
) with (
    -- Updated by each claim, and never in a column of the index.
    fillfactor = 50,
    autovacuum_vacuum_threshold = 200,
    autovacuum_vacuum_scale_factor = 0.1
);

insert into job_lane (tenant_id, kind, running)
select tenant_id, kind, count(*) filter (where state = 'running') from job group by tenant_id, kind;
alter table job force row level security;

-- Results of the steps of a job, so that another attempt repeats none of them.
create table job_step (
    tenant_id uuid not null,
    job_id uuid not null,
    name text not null check (length(name) between 1 and 100),
    result jsonb not null,
    finished_at timestamptz not null default now(),
    primary key (tenant_id, job_id, name),
    foreign key (tenant_id, job_id) references job (tenant_id, id) on delete cascade
);

alter table job_lane enable row level security;
alter table job_lane force row level security;
create policy job_lane_select on job_lane for select to sheaf_app using (tenant_id = current_tenant());
create policy job_lane_insert on job_lane for insert to sheaf_app with check (tenant_id = current_tenant());
-- As with the jobs: whoever asks for the next work cannot know whose it is.
create policy job_lane_worker_select on job_lane for select to sheaf_worker using (true);
create policy job_lane_worker_insert on job_lane for insert to sheaf_worker with check (tenant_id = current_tenant());
create policy job_lane_worker_update on job_lane for update to sheaf_worker using (true) with check (true);
grant select, insert (tenant_id, kind) on job_lane to sheaf_app;
grant select, insert (tenant_id, kind), update (running, used, used_at, job_seconds) on job_lane to sheaf_worker;

alter table job_step enable row level security;
alter table job_step force row level security;
create policy job_step_select on job_step for select to sheaf_app, sheaf_worker using (tenant_id = current_tenant());
create policy job_step_insert on job_step for insert to sheaf_worker with check (tenant_id = current_tenant());
grant select on job_step to sheaf_app;
grant select, insert on job_step to sheaf_worker;

-- The processes that work, as they last said. Whoever is silent for as long as a lease has died, and its jobs are looked for.
create table job_worker (
    id uuid primary key,
    name text not null check (length(name) <= 200),
    kinds text[] not null,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now()
);
grant select, insert, update (seen_at), delete on job_worker to sheaf_worker;

-- Each tick of each schedule, once: whoever inserts it does what is due.
create table job_tick (
    schedule text not null check (length(schedule) between 1 and 100),
    tick timestamptz not null,
    done_at timestamptz,
    primary key (schedule, tick)
);
grant select, insert, update (done_at), delete on job_tick to sheaf_worker;

-- What operators hold up: a kind of all tenants, or a tenant whole.
create table job_pause (
    id uuid primary key,
    kind text unique check (length(kind) between 1 and 100),
    tenant_id uuid unique references tenant (tenant_id) on delete cascade,
    reason text not null check (length(reason) between 1 and 500),
    paused_by uuid not null references operator (id),
    paused_at timestamptz not null default now(),
    check (num_nonnulls(kind, tenant_id) = 1)
);

-- Whose jobs and which kinds are not begun: what is paused, and tenants that are suspended. A worker knows no tenant when it asks.
create function paused_work(out kind text, out tenant_id uuid) returns setof record
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select pause.kind, pause.tenant_id from public.job_pause pause
    union
    select null, tenant.tenant_id from public.tenant tenant where tenant.suspended_at is not null
$$;
revoke execute on function paused_work() from public;
grant execute on function paused_work() to sheaf_worker;
drop function suspended_tenants();
