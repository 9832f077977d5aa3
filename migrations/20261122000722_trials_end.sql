-- Time alone ends a trial, and the owners are told once before and once after; and what Stripe has sent is forgotten in the end.

alter table subscription
    -- The end of the trial without a card of which they were told that it comes.
    add column told_trial_ends timestamptz,
    -- The end of a trial at Stripe of which they were told that the first payment comes with it.
    add column told_first_payment timestamptz,
    -- Of a trial that ended until then nothing is to be told any more: it was told, or a plan was paid.
    add column told_trial_over timestamptz;
grant update (told_trial_over) on subscription to sheaf_app, sheaf_worker;
grant update (told_trial_ends, told_first_payment) on subscription to sheaf_worker;

-- Nobody is told of a trial that is long over, or that led to a plan.
alter table subscription no force row level security;
update subscription set told_trial_over = greatest(now(), trial_ends_at)
where trial_ends_at <= now() or status in ('active', 'past_due', 'unpaid');
alter table subscription force row level security;

-- Those of whose trial something may have to be told: few, as each leaves the index with its end.
create index subscription_trial_untold on subscription (tenant_id)
    where status = 'none' and (told_trial_over is null or told_trial_over < greatest(trial_ends_at, told_first_payment));
create index subscription_trialing on subscription (tenant_id) where status = 'trialing';

-- The same as before, and those whose owners are to be told of a trial. The 72 hours are those of `trial.rs`.
create or replace function tenants_to_tend(moment timestamptz, last uuid) returns setof uuid
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
        union
        (
            select s.tenant_id from public.subscription s
            where s.status = 'none'
              and (s.told_trial_over is null or s.told_trial_over < greatest(s.trial_ends_at, s.told_first_payment))
              and (
                  s.trial_ends_at <= moment
                  or s.trial_ends_at <= moment + interval '72 hours' and s.told_trial_ends is distinct from s.trial_ends_at
              )
              and s.tenant_id > last
            order by s.tenant_id limit 500
        )
        union
        (
            select s.tenant_id from public.subscription s
            where s.status = 'trialing' and s.cancels_at is null
              and s.period_end > moment and s.period_end <= moment + interval '72 hours'
              and s.told_first_payment is distinct from s.period_end and s.tenant_id > last
            order by s.tenant_id limit 500
        )
    ) as found
    order by found.tenant_id limit 500
$$;

-- Forgets up to 500 events of Stripe that came more than 90 days ago, and says how many those were. What is still to be looked
-- into stays, whatever its age. Stripe sends an event again for three days, and somebody there by hand for thirty, and a copy that
-- was caught on the way is refused after five minutes by its signature: so nothing that is forgotten here comes a second time.
create function forget_stripe_events(moment timestamptz) returns bigint
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with old as (
        select e.id from public.stripe_event e
        where e.received_at < moment - interval '90 days' and e.state <> 'received'
        order by e.received_at limit 500
    ), forgotten as (
        delete from public.stripe_event e using old
        -- An operator may have it looked into again meanwhile.
        where e.id = old.id and e.state <> 'received'
        returning e.id
    )
    select count(*) from forgotten
$$;
revoke execute on function forget_stripe_events(timestamptz) from public;
grant execute on function forget_stripe_events(timestamptz) to sheaf_worker;
