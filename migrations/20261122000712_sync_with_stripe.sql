-- Events of Stripe may be lost, so whoever was not heard of for long is asked for: those are found page by page.

-- Up to 500 customers after this one about whom Stripe was not asked since then.
create index subscription_customers on subscription (tenant_id) where stripe_customer is not null;
create function subscriptions_to_sync(before timestamptz, last uuid) returns setof uuid
    language sql stable security definer rows 500
    set search_path = pg_catalog, public, pg_temp
as $$
    select s.tenant_id from public.subscription s
    where s.stripe_customer is not null and (s.synced_at is null or s.synced_at < before) and s.tenant_id > last
    order by s.tenant_id limit 500
$$;
revoke execute on function subscriptions_to_sync(timestamptz, uuid) from public;
grant execute on function subscriptions_to_sync(timestamptz, uuid) to sheaf_worker;

-- What came for a workspace and was not looked at yet.
create index stripe_event_open on stripe_event (tenant_id, received_at) where state = 'received';
