-- The work of a tenant whose grace is over is not begun any more: nobody can undo its deletion by then, and what is written for it
-- would only wait for the locks of the deletion, and every claim of the fleet with it.
create or replace function paused_work(out kind text, out tenant_id uuid) returns setof record
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select pause.kind, pause.tenant_id from public.job_pause pause
    union
    select null, tenant.tenant_id from public.tenant tenant where tenant.suspended_at is not null
    union
    select null, tenant.tenant_id from public.tenant tenant where tenant.delete_after <= now()
$$;
