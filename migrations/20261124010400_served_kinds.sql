-- Work of a kind that no process does waits for one that does, and whoever looks at it is told so instead of that others are busy.

-- The kinds that some process does which was seen of late. It tells nothing of the processes: neither how many they are nor which.
create function served_kinds() returns setof text
    language sql stable security definer rows 10
    set search_path = pg_catalog, public, pg_temp
as $$
    select distinct done.kind
    from public.job_worker worker cross join lateral unnest(worker.kinds) as done (kind)
    where worker.seen_at > now() - interval '30 seconds'
$$;
revoke execute on function served_kinds() from public;
grant execute on function served_kinds() to sheaf_app, sheaf_worker;
