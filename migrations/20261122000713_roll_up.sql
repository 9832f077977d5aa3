-- What was used beyond the included credits is told to Stripe hour by hour, and operators see what Stripe has told us.

-- A month of a workspace may end within an hour, so that each is told of its own month. Its part of an hour begins with it.
alter table meter_event add column period_start timestamptz not null;

-- Credits that came back after their hour was told are less than nothing, which Stripe adds up as well.
alter table meter_event drop constraint meter_event_credits_check;
alter table meter_event add constraint meter_event_credits_check check (credits <> 0);

-- When Stripe was first told, or is being told. It knows an identifier for a day: whoever is not sure after that asks it first.
alter table meter_event add column tried_at timestamptz;
grant update (tried_at) on meter_event to sheaf_worker;

-- Few entries are of overage, and these are added up again and again.
create index ledger_overage on ledger_entry (tenant_id, period_start, at) include (debit, credits)
    where debit = 'overage' or credit = 'overage';

-- The workspaces that Stripe knows, up to 500 after this one, for the worker that visits each.
create function customers_after(last uuid) returns setof uuid
    language sql stable security definer rows 500
    set search_path = pg_catalog, public, pg_temp
as $$
    select s.tenant_id from public.subscription s
    where s.stripe_customer is not null and s.tenant_id > last
    order by s.tenant_id limit 500
$$;
revoke execute on function customers_after(uuid) from public;
grant execute on function customers_after(uuid) to sheaf_worker;

-- What Stripe tells names people and where they live. The web server keeps it, and shows it to operators alone.
revoke select on stripe_event from sheaf_app;
grant select (id, type, api_version, customer, tenant_id, created_at, received_at, state, handled_at, note)
    on stripe_event to sheaf_app;

create index stripe_event_of_state on stripe_event (state, received_at desc, id);

-- What Stripe has told, the newest first, for whoever shows the secret of an operator's session: 50 of them after one that is told,
-- and one more that says that there are more.
create function operator_stripe_events(
    secret bytea, moment timestamptz, wanted_state text, wanted_type text, wanted_tenant uuid, last_at timestamptz, last_id text
)
returns table (
    id text, type text, api_version text, customer text, tenant_id uuid, name text, created_at timestamptz,
    received_at timestamptz, state text, handled_at timestamptz, note text
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with found as (
        -- Only one of the two does anything: each goes by an index of its own.
        (
            select e.* from public.stripe_event e
            where wanted_state is null
              and (wanted_type is null or e.type = wanted_type) and (wanted_tenant is null or e.tenant_id = wanted_tenant)
              and (last_at is null or e.received_at <= last_at)
              and (last_at is null or e.received_at < last_at or e.id > last_id)
              and public.operator_of(secret, moment) is not null
            order by e.received_at desc, e.id limit 51
        )
        union all
        (
            select e.* from public.stripe_event e
            where e.state = wanted_state
              and (wanted_type is null or e.type = wanted_type) and (wanted_tenant is null or e.tenant_id = wanted_tenant)
              and (last_at is null or e.received_at <= last_at)
              and (last_at is null or e.received_at < last_at or e.id > last_id)
              and public.operator_of(secret, moment) is not null
            order by e.received_at desc, e.id limit 51
        )
    )
    select f.id, f.type, f.api_version, f.customer, f.tenant_id, t.name, f.created_at, f.received_at, f.state, f.handled_at, f.note
    from found f left join public.tenant t on t.tenant_id = f.tenant_id
    order by f.received_at desc, f.id
$$;
revoke execute on function operator_stripe_events(bytea, timestamptz, text, text, uuid, timestamptz, text) from public;
grant execute on function operator_stripe_events(bytea, timestamptz, text, text, uuid, timestamptz, text) to sheaf_app;

-- One of them, with all that Stripe has said, and whose customer it is about now: a workspace may have become one since.
create function operator_stripe_event(secret bytea, moment timestamptz, wanted text)
returns table (
    id text, type text, api_version text, customer text, tenant_id uuid, name text, created_at timestamptz,
    received_at timestamptz, state text, handled_at timestamptz, note text, body jsonb
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select e.id, e.type, e.api_version, e.customer, whose.tenant_id, t.name, e.created_at, e.received_at, e.state, e.handled_at,
           e.note, e.body
    from public.stripe_event e
    cross join lateral (select coalesce(e.tenant_id, public.tenant_of_customer(e.customer)) as tenant_id) as whose
    left join public.tenant t on t.tenant_id = whose.tenant_id
    where e.id = wanted and public.operator_of(secret, moment) is not null
$$;
revoke execute on function operator_stripe_event(bytea, timestamptz, text) from public;
grant execute on function operator_stripe_event(bytea, timestamptz, text) to sheaf_app;

-- Has one that is about the tenant that is set looked into again. False where it is not, and for whoever shows no such secret.
create function operator_reopen_stripe_event(secret bytea, moment timestamptz, wanted text) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    with reopened as (
        update public.stripe_event e
        set state = 'received', handled_at = null, tenant_id = public.current_tenant()
        where e.id = wanted and public.operator_of(secret, moment) is not null
          and coalesce(e.tenant_id, public.tenant_of_customer(e.customer)) = public.current_tenant()
        returning e.id
    )
    select exists (select from reopened)
$$;
revoke execute on function operator_reopen_stripe_event(bytea, timestamptz, text) from public;
grant execute on function operator_reopen_stripe_event(bytea, timestamptz, text) to sheaf_app;
