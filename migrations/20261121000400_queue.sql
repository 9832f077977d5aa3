-- Work in the queue: one row a job, written in the transaction of the change that causes it.

create table job (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    id uuid not null,
    kind text not null check (length(kind) between 1 and 100),
    payload jsonb not null,
    -- Deduplication: at most one unfinished job of a kind with this key in a tenant.
    key text check (length(key) between 1 and 200),
    -- Higher is sooner.
    priority smallint not null default 0,
    state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'dead', 'cancelled')),
    -- Counted when it is claimed, so that a job which kills its worker is bounded too.
    attempt int not null default 0 check (attempt >= 0),
    max_attempts int not null check (max_attempts > 0),
    -- Not before this time of the database: the workers' clocks decide nothing.
    run_at timestamptz not null default now(),
    -- New for each attempt; whoever writes about an attempt must show it, so a worker that was given up for dead and
    -- comes back changes nothing.
    lease_token uuid,
    lease_until timestamptz,
    -- Which start of which process; only to hand back at once what it held when it stops.
    worker uuid,
    cancel_requested_at timestamptz,
    progress jsonb,
    -- Of the last attempt that failed, for the operator.
    last_error text,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    primary key (tenant_id, id),
    constraint job_leased_while_running check (
        case when state = 'running' then lease_token is not null and lease_until is not null and worker is not null
        else lease_token is null and lease_until is null and worker is null end
    ),
    constraint job_finished_at check ((state in ('done', 'dead', 'cancelled')) = (finished_at is not null))
) with (
    -- Leases and progress change often and stand in no index, so that an update finds room on its own page. Dead rows
    -- are swept early: a claim would walk over them.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.02
);

create unique index job_key on job (tenant_id, kind, key) where key is not null and state in ('waiting', 'running');
create index job_ready on job (kind, priority desc, run_at, id) where state = 'waiting';
create index job_running on job (worker) where state = 'running';
create index job_dead on job (tenant_id, finished_at desc, id) where state = 'dead';
create index job_finished on job (finished_at) where finished_at is not null;

alter table job enable row level security;
alter table job force row level security;
create policy job_select on job for select to sheaf_app
    using (tenant_id = (select current_tenant()));
create policy job_insert on job for insert to sheaf_app
    with check (tenant_id = (select current_tenant()));
create policy job_update on job for update to sheaf_app
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));

-- A worker asks for the next work of all tenants in one statement: it cannot know whose turn it is before it has looked.
-- So this one table is open to it, and it learns from the row whose tenant it then works in. Every other table of that
-- tenant is still behind `current_tenant()`.
create policy job_worker_select on job for select to sheaf_worker using (true);
create policy job_worker_insert on job for insert to sheaf_worker with check (true);
create policy job_worker_update on job for update to sheaf_worker using (true) with check (true);
create policy job_worker_delete on job for delete to sheaf_worker using (true);

-- What cancelling and running again write. The rest of a job belongs to the workers.
grant select, insert on job to sheaf_app;
grant update (state, attempt, run_at, cancel_requested_at, progress, started_at, finished_at) on job to sheaf_app;
grant select, insert, update, delete on job to sheaf_worker;
