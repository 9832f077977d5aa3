-- A worker looks at the jobs of every tenant, but it enqueues only in the tenant that it works in, and moves no job to
-- another tenant or to other work.
alter policy job_worker_insert on job with check (tenant_id = (select current_tenant()));
revoke update on job from sheaf_worker;
grant update (
    state, attempt, run_at, lease_token, lease_until, worker, cancel_requested_at, progress, last_error, started_at,
    finished_at
) on job to sheaf_worker;
