-- Housekeeping visits the tenants page by page: a list of all of them would grow with every sign-up. And it finds what is due.

-- The 500 after this one. Where there are none, the end is reached.
create function tenants_after(last uuid) returns setof uuid
    language sql stable security definer rows 500
    set search_path = pg_catalog, public, pg_temp
as $$ select tenant_id from public.tenant where tenant_id > last order by tenant_id limit 500 $$;
revoke execute on function tenants_after(uuid) from public;
grant execute on function tenants_after(uuid) to sheaf_worker;
drop function tenant_ids();

-- Nearly every tick is done, and each scheduler asks every few seconds whether one is not.
create index job_tick_open on job_tick (schedule, tick) where done_at is null;
