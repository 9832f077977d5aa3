-- Operators saw the sizes of workspaces without what is private in them, and each document was read for it, however many there are.
-- What is stored says the meter, which is one row. Of documents, those are counted that all of the workspace sees and that are not in
-- the trash, in an index that holds no others, up to a limit: how many private ones there are stays the workspace's.
create or replace function operator_tenant_sizes(
    secret bytea, moment timestamptz, wanted text, before uuid, one uuid
) returns table (
    tenant_id uuid, name text, created_at timestamptz, suspended_at timestamptz, suspended_reason text,
    members bigint, documents bigint, bytes bigint, last_used_at timestamptz
)
    language plpgsql volatile
    set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
    listed record;
begin
    for listed in select * from public.operator_tenants(secret, moment, wanted, before, one) loop
        perform set_config('app.tenant_id', listed.tenant_id::text, true);
        return query
            select listed.tenant_id, listed.name, listed.created_at, listed.suspended_at, listed.suspended_reason,
                   people.number, files.number, coalesce(meter.stored_bytes, 0), people.seen
            from (
                select count(distinct m.account_id) as number, max(s.last_seen_at) as seen
                from public.membership m
                left join public.session s on s.account_id = m.account_id and s.tenant_id = m.tenant_id
                where m.tenant_id = listed.tenant_id
            ) as people
            cross join (
                select count(*) as number
                from (
                    select from public.document d
                    where d.tenant_id = listed.tenant_id and d.trashed_at is null and d.visibility = 'workspace'
                    limit 10001
                ) as counted
            ) as files
            left join public.tenant_meter meter on meter.tenant_id = listed.tenant_id;
    end loop;
    perform set_config('app.tenant_id', '', true);
end $$;
