-- What people see of the queue: whose work it was, newest first, whether operators hold it up, and that it was cancelled.

-- A person's own work, what is under way and what is over, and beside it that of Sheaf itself, where the account is null. The
-- columns stay as they are and a claim does not end a job, so no index here is written when one is claimed. A claim names no
-- account, so it cannot take the first two for the index of the queue either, whose order it needs.
create index job_of_account_unfinished on job (tenant_id, account_id, id) where finished_at is null and account_id is not null;
create index job_of_sheaf_unfinished on job (tenant_id, id) where finished_at is null and account_id is null;
create index job_of_account_finished on job (tenant_id, account_id, id) where finished_at is not null;
-- A person works in few tenants, so the tenant says nothing more once the person is known.
create statistics job_of_account (dependencies) on tenant_id, account_id from job;

-- What the jobs that are there are about. Nobody but the owner is at work here, and FORCE would hide them from it.
alter table job no force row level security;
update job set subject = (coalesce(payload ->> 'document', payload ->> 'report', payload ->> 'mail', payload ->> 'export'))::uuid
where subject is null and kind in ('read_document', 'draw_pages', 'make_report', 'send_mail', 'make_export');
alter table job force row level security;

-- Whether operators hold up this kind of work, or all work of the tenant that is set. It tells nothing of other tenants, and
-- no reason, which is the operators' own note.
create function work_is_paused(asked text) returns boolean
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select exists (
        select from public.job_pause pause where pause.kind = asked or pause.tenant_id = public.current_tenant()
    )
$$;
revoke execute on function work_is_paused(text) from public;
grant execute on function work_is_paused(text) to sheaf_app;

-- Where work is cancelled while it waits, no worker tells what it was about, so the web server does; and it takes that back
-- when the work is to be done after all.
grant update (state, failure, finished_at) on export to sheaf_app;
grant update (last_error) on mail to sheaf_app;
