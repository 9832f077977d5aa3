-- What follows from a plan besides the meter: the share of the workers, and whom a missing payment or the end of a trial concerns.

alter table subscription
    -- The question to Stripe whose answer the row holds. An answer to an earlier question is an old one.
    add column applied bigint not null default 0,
    -- The share of each lane, and how many of its jobs run at once: for the lanes that are there, and those that will be. A new
    -- workspace has those of a Sheaf without billing, until its plan is looked at.
    add column lane_weight real not null default 1 check (lane_weight between 0.01 and 1000),
    add column lane_running int not null default 64 check (lane_running > 0),
    -- The plan that they are of; none before it was looked at.
    add column lanes_of text check (lanes_of in ('free', 'team', 'business', 'enterprise'));
grant update (applied, lane_weight, lane_running, lanes_of) on subscription to sheaf_app, sheaf_worker;

-- Those that time alone changes: who has not paid, who is new, and whose trial may be over.
create index subscription_unpaid on subscription (tenant_id) where unpaid_since is not null;
create index subscription_new on subscription (tenant_id) where lanes_of is null;
create index subscription_trial on subscription (tenant_id, trial_ends_at) where status = 'none' and lanes_of <> 'free';

-- Up to 500 of them after this one, for the worker that visits each.
create function tenants_to_tend(moment timestamptz, last uuid) returns setof uuid
    language sql stable security definer rows 500
    set search_path = pg_catalog, public, pg_temp
as $$
    select found.tenant_id
    from (
        (
            select s.tenant_id from public.subscription s
            where s.unpaid_since is not null and s.tenant_id > last
            order by s.tenant_id limit 500
        )
        union
        (
            select s.tenant_id from public.subscription s
            where s.lanes_of is null and s.tenant_id > last
            order by s.tenant_id limit 500
        )
        union
        (
            select s.tenant_id from public.subscription s
            where s.status = 'none' and s.lanes_of <> 'free' and s.trial_ends_at <= moment and s.tenant_id > last
            order by s.tenant_id limit 500
        )
    ) as found
    order by found.tenant_id limit 500
$$;
revoke execute on function tenants_to_tend(timestamptz, uuid) from public;
grant execute on function tenants_to_tend(timestamptz, uuid) to sheaf_worker;

-- The lanes of a tenant have the share of its plan, from their first job on.
create policy job_lane_update on job_lane for update to sheaf_app
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
grant insert (weight, max_running), update (weight, max_running) on job_lane to sheaf_app, sheaf_worker;
