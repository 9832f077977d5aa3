-- What operators earn by it: invoices as Stripe has them, what subscriptions were worth at which time, what a workspace cost, and
-- the figures of a month that follow from these.

-- A copy of Stripe's invoices, renewed whenever a workspace is synced. Amounts are cents; below zero where the customer is owed.
create table invoice (
    tenant_id uuid not null references tenant on delete cascade,
    -- Stripe's own.
    id text not null check (length(id) between 1 and 100),
    number text check (length(number) <= 100),
    status text not null check (status in ('draft', 'open', 'paid', 'void', 'uncollectible')),
    currency text not null check (currency in ('eur', 'usd', 'gbp')),
    -- Before discounts and tax.
    subtotal_cents bigint not null,
    tax_cents bigint not null,
    -- With both.
    total_cents bigint not null,
    created_at timestamptz not null,
    period_start timestamptz not null,
    period_end timestamptz not null,
    paid_at timestamptz,
    -- Whether an attempt to have it paid ever failed. It stays so when another succeeds.
    has_failed boolean not null default false,
    primary key (tenant_id, id)
);

-- What a subscription was, from a time on. Each change adds a row, so that a month can be counted long after it.
create table subscription_change (
    tenant_id uuid not null references tenant on delete cascade,
    at timestamptz not null,
    plan text not null check (plan in ('free', 'team', 'business', 'enterprise')),
    plan_version int not null check (plan_version > 0),
    currency text not null check (currency in ('eur', 'usd', 'gbp')),
    status text not null check (status in ('none', 'trialing', 'active', 'past_due', 'unpaid')),
    primary key (tenant_id, at)
);

-- What a workspace has used up of machines in a day of UTC. Finished jobs are swept after a week, so it is kept here.
create table cost_day (
    tenant_id uuid not null references tenant on delete cascade,
    day date not null,
    -- Of the jobs that were made on this day, all attempts together.
    worker_seconds bigint not null check (worker_seconds >= 0),
    -- Of all originals together, when it was first counted.
    stored_bytes bigint not null check (stored_bytes >= 0),
    primary key (tenant_id, day)
);

-- A month of a workspace in one currency, where anything happened in it: app/domain/src/revenue says what each figure is.
create table revenue_tenant (
    tenant_id uuid not null references tenant on delete cascade,
    -- Its first day.
    month date not null,
    currency text not null check (currency in ('eur', 'usd', 'gbp')),
    opening_plan text not null check (opening_plan in ('free', 'team', 'business', 'enterprise')),
    plan text not null check (plan in ('free', 'team', 'business', 'enterprise')),
    opening_cents bigint not null,
    closing_cents bigint not null,
    new_cents bigint not null,
    reactivated_cents bigint not null,
    expansion_cents bigint not null,
    contraction_cents bigint not null,
    churned_cents bigint not null,
    trials_ended bigint not null,
    trials_converted bigint not null,
    invoices bigint not null,
    invoiced_cents bigint not null,
    tax_cents bigint not null,
    paid_cents bigint not null,
    failed bigint not null,
    failed_cents bigint not null,
    recovered_cents bigint not null,
    used_credits bigint not null,
    overage_credits bigint not null,
    worker_seconds bigint not null,
    megabyte_days bigint not null,
    counted_at timestamptz not null,
    primary key (tenant_id, month, currency)
);
-- Operators ask for a month of all tenants, those that used most first.
create index revenue_tenant_by_use on revenue_tenant (month, currency, used_credits desc, tenant_id);

-- The sums of those, by plan. No role but the owner of the schema reaches it, and its functions below.
create table revenue_month (
    month date not null,
    plan text not null check (plan in ('free', 'team', 'business', 'enterprise')),
    currency text not null check (currency in ('eur', 'usd', 'gbp')),
    opening_cents bigint not null,
    closing_cents bigint not null,
    new_cents bigint not null,
    reactivated_cents bigint not null,
    expansion_cents bigint not null,
    contraction_cents bigint not null,
    churned_cents bigint not null,
    opening_customers bigint not null,
    customers bigint not null,
    new_customers bigint not null,
    reactivated_customers bigint not null,
    churned_customers bigint not null,
    trials_ended bigint not null,
    trials_converted bigint not null,
    invoices bigint not null,
    invoiced_cents bigint not null,
    tax_cents bigint not null,
    paid_cents bigint not null,
    failed bigint not null,
    failed_cents bigint not null,
    recovered_cents bigint not null,
    used_credits bigint not null,
    overage_credits bigint not null,
    worker_seconds bigint not null,
    megabyte_days bigint not null,
    primary key (month, plan, currency)
);

alter table invoice enable row level security;
alter table invoice force row level security;
create policy invoice_select on invoice for select to sheaf_app, sheaf_worker using (tenant_id = current_tenant());
create policy invoice_insert on invoice for insert to sheaf_app, sheaf_worker with check (tenant_id = current_tenant());
create policy invoice_update on invoice for update to sheaf_app, sheaf_worker
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
grant select, insert on invoice to sheaf_app, sheaf_worker;
grant update (number, status, subtotal_cents, tax_cents, total_cents, period_start, period_end, paid_at, has_failed)
    on invoice to sheaf_app, sheaf_worker;

alter table subscription_change enable row level security;
alter table subscription_change force row level security;
create policy subscription_change_select on subscription_change for select to sheaf_app, sheaf_worker
    using (tenant_id = current_tenant());
create policy subscription_change_insert on subscription_change for insert to sheaf_app, sheaf_worker
    with check (tenant_id = current_tenant());
create policy subscription_change_update on subscription_change for update to sheaf_app, sheaf_worker
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
grant select, insert on subscription_change to sheaf_app, sheaf_worker;
-- Of two changes at one moment, the later one stays.
grant update (plan, plan_version, currency, status) on subscription_change to sheaf_app, sheaf_worker;

alter table cost_day enable row level security;
alter table cost_day force row level security;
create policy cost_day_select on cost_day for select to sheaf_worker using (tenant_id = current_tenant());
create policy cost_day_insert on cost_day for insert to sheaf_worker with check (tenant_id = current_tenant());
create policy cost_day_update on cost_day for update to sheaf_worker
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
grant select, insert, update (worker_seconds) on cost_day to sheaf_worker;

alter table revenue_tenant enable row level security;
alter table revenue_tenant force row level security;
create policy revenue_tenant_select on revenue_tenant for select to sheaf_worker using (tenant_id = current_tenant());
create policy revenue_tenant_insert on revenue_tenant for insert to sheaf_worker with check (tenant_id = current_tenant());
create policy revenue_tenant_delete on revenue_tenant for delete to sheaf_worker using (tenant_id = current_tenant());
grant select, insert, delete on revenue_tenant to sheaf_worker;
-- The functions below have the owner's powers, and the policies bind it like everybody.
create policy revenue_tenant_owner_select on revenue_tenant for select to sheaf_owner using (true);

-- Sums a month up anew, and answers how many rows that makes. What a month opens with stands under the plan that it opened with,
-- and so does what was lost of it; everything else under the last plan of the month. A workspace that was deleted has taken its
-- rows along: what the month before has closed with, and nobody who is there has closed it with, was its, and is lost.
create function sum_revenue(wanted date) returns bigint
    language sql volatile security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    delete from public.revenue_month where month = wanted;
    with counted as materialized (
        select * from public.revenue_tenant where month = wanted
    ), opened as (
        select opening_plan as plan, currency, sum(opening_cents) as opening, count(*) filter (where opening_cents > 0) as customers,
               sum(churned_cents) as churned, count(*) filter (where churned_cents > 0) as leavers
        from counted group by opening_plan, currency
    ), standing as (
        select plan, currency, sum(closing_cents) as cents, count(*) filter (where closing_cents > 0) as customers
        from public.revenue_tenant where month = (wanted - interval '1 month')::date
        group by plan, currency
    ), gone as (
        select sums.plan, sums.currency, sums.closing_cents - coalesce(standing.cents, 0) as cents,
               sums.customers - coalesce(standing.customers, 0) as customers
        from public.revenue_month sums
        left join standing on standing.plan = sums.plan and standing.currency = sums.currency
        where sums.month = (wanted - interval '1 month')::date and sums.customers > coalesce(standing.customers, 0)
    ), opening as (
        select coalesce(opened.plan, gone.plan) as plan, coalesce(opened.currency, gone.currency) as currency,
               coalesce(opened.opening, 0) + coalesce(gone.cents, 0) as opening,
               coalesce(opened.customers, 0) + coalesce(gone.customers, 0) as customers,
               coalesce(opened.churned, 0) + coalesce(gone.cents, 0) as churned,
               coalesce(opened.leavers, 0) + coalesce(gone.customers, 0) as leavers
        from opened full join gone on gone.plan = opened.plan and gone.currency = opened.currency
    ), closing as (
        select plan, currency, sum(closing_cents) as closing, sum(new_cents) as new, sum(reactivated_cents) as reactivated,
               sum(expansion_cents) as expansion, sum(contraction_cents) as contraction,
               count(*) filter (where closing_cents > 0) as customers,
               count(*) filter (where new_cents > 0) as newcomers,
               count(*) filter (where reactivated_cents > 0) as returners,
               sum(trials_ended) as trials_ended, sum(trials_converted) as trials_converted,
               sum(invoices) as invoices, sum(invoiced_cents) as invoiced, sum(tax_cents) as tax, sum(paid_cents) as paid,
               sum(failed) as failed, sum(failed_cents) as failed_cents, sum(recovered_cents) as recovered,
               sum(used_credits) as used, sum(overage_credits) as overage,
               sum(worker_seconds) as worker_seconds, sum(megabyte_days) as megabyte_days
        from counted group by plan, currency
    ), summed as (
        insert into public.revenue_month
        select wanted, coalesce(c.plan, o.plan), coalesce(c.currency, o.currency),
               coalesce(o.opening, 0), coalesce(c.closing, 0), coalesce(c.new, 0), coalesce(c.reactivated, 0),
               coalesce(c.expansion, 0), coalesce(c.contraction, 0), coalesce(o.churned, 0),
               coalesce(o.customers, 0), coalesce(c.customers, 0), coalesce(c.newcomers, 0), coalesce(c.returners, 0),
               coalesce(o.leavers, 0), coalesce(c.trials_ended, 0), coalesce(c.trials_converted, 0),
               coalesce(c.invoices, 0), coalesce(c.invoiced, 0), coalesce(c.tax, 0), coalesce(c.paid, 0),
               coalesce(c.failed, 0), coalesce(c.failed_cents, 0), coalesce(c.recovered, 0),
               coalesce(c.used, 0), coalesce(c.overage, 0), coalesce(c.worker_seconds, 0), coalesce(c.megabyte_days, 0)
        from closing c full join opening o on o.plan = c.plan and o.currency = c.currency
        returning month
    )
    select count(*) from summed
$$;
revoke execute on function sum_revenue(date) from public;
grant execute on function sum_revenue(date) to sheaf_worker;

-- The figures of the months from one to another, for whoever shows the secret of an operator's session. A month has at most a row
-- for each plan and currency.
create function operator_revenue(secret bytea, moment timestamptz, first_month date, last_month date)
returns table (month date, plan text, currency text, figures jsonb)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select sums.month, sums.plan, sums.currency, to_jsonb(sums) - array['month', 'plan', 'currency']
    from public.revenue_month sums
    where sums.month between first_month and last_month and public.operator_of(secret, moment) is not null
    order by sums.month, sums.plan, sums.currency limit 1000
$$;
revoke execute on function operator_revenue(bytea, timestamptz, date, date) from public;
grant execute on function operator_revenue(bytea, timestamptz, date, date) to sheaf_app;

-- A month of the workspaces in one currency, for whoever shows the same: those that used most first, after one that is told.
create function operator_revenue_of_tenants(
    secret bytea, moment timestamptz, wanted_month date, wanted_currency text, last_used bigint, last_tenant uuid, most int
)
returns table (tenant_id uuid, name text, plan text, figures jsonb)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select r.tenant_id, tenant.name, r.plan,
           to_jsonb(r) - array['tenant_id', 'month', 'currency', 'opening_plan', 'plan', 'counted_at']
    from (
        select * from public.revenue_tenant rows
        where rows.month = wanted_month and rows.currency = wanted_currency
          -- Where the index is entered: at its beginning, or where the page before has ended.
          and rows.used_credits <= coalesce(last_used, 9223372036854775807)
          and (last_used is null or rows.used_credits < last_used or rows.tenant_id > last_tenant)
          and public.operator_of(secret, moment) is not null
        order by rows.used_credits desc, rows.tenant_id limit least(most, 501)
    ) as r
    join public.tenant on tenant.tenant_id = r.tenant_id
    order by r.used_credits desc, r.tenant_id
$$;
revoke execute on function operator_revenue_of_tenants(bytea, timestamptz, date, text, bigint, uuid, int) from public;
grant execute on function operator_revenue_of_tenants(bytea, timestamptz, date, text, bigint, uuid, int) to sheaf_app;

-- What the subscriptions are now is where their history begins.
alter table subscription no force row level security;
alter table subscription_change no force row level security;
insert into subscription_change (tenant_id, at, plan, plan_version, currency, status)
select tenant_id, coalesce(synced_at, now()), plan, plan_version, currency, status from subscription where status <> 'none';
alter table subscription_change force row level security;
alter table subscription force row level security;
