-- What a workspace has bought, what it has used, and every credit that ever moved.

-- A copy of what Stripe has, from which a request is answered. One row for each tenant, made with it.
create table subscription (
    tenant_id uuid primary key references tenant on delete cascade,
    -- Names of the plan file. What is granted follows from them there.
    plan text not null default 'free' check (plan in ('free', 'team', 'business', 'enterprise')),
    plan_version int not null default 1 check (plan_version > 0),
    currency text not null default 'eur' check (currency in ('eur', 'usd', 'gbp')),
    status text not null default 'none' check (status in ('none', 'trialing', 'active', 'past_due', 'unpaid')),
    trial_ends_at timestamptz not null,
    period_start timestamptz not null,
    period_end timestamptz not null,
    cancels_at timestamptz,
    next_plan text check (next_plan in ('free', 'team', 'business', 'enterprise')),
    unpaid_since timestamptz,
    -- Page credits a month beyond the included ones, at most.
    cap bigint not null default 0 check (cap between 0 and 1000000000),
    stripe_customer text unique check (length(stripe_customer) between 1 and 100),
    stripe_subscription text unique check (length(stripe_subscription) between 1 and 100),
    -- When Stripe was last asked, and how often it was: what an earlier question answered never replaces a later answer.
    synced_at timestamptz,
    revision bigint not null default 0,
    -- What was last told by mail of a missing payment: a step of the dunning.
    dunned text not null default 'good' check (dunned in ('good', 'grace', 'read_only', 'suspended')),
    check (period_start < period_end)
);

-- What is left of the month, in one row that whoever takes locks. It equals the sums of the ledger, which a command checks.
create table tenant_meter (
    tenant_id uuid primary key references tenant on delete cascade,
    -- The month that the numbers are of.
    period_start timestamptz not null,
    period_end timestamptz not null,
    -- Page credits that were granted for it, and used in it; held are those of documents that wait or are being read.
    granted bigint not null default 0 check (granted >= 0),
    used bigint not null default 0 check (used >= 0),
    held bigint not null default 0 check (held >= 0),
    stored_bytes bigint not null default 0,
    -- The per cent of the month's credits, and of the storage, of which people were told: 0, 80 or 100.
    warned_credits int not null default 0 check (warned_credits in (0, 80, 100)),
    warned_storage int not null default 0 check (warned_storage in (0, 80, 100)),
    check (period_start < period_end)
) with (
    -- Updated by each upload, and never in a column of the index.
    fillfactor = 50,
    autovacuum_vacuum_threshold = 200,
    autovacuum_vacuum_scale_factor = 0.1
);

-- Double entry: each row takes credits from one account and gives them to another, so that all accounts together are always
-- nothing. `plan` is where they come from, `available` what may be used, `overage` what is used beyond that and billed,
-- `used` what was used, `expired` what was left at the end of a month. Nobody may change or delete a row.
create table ledger_entry (
    tenant_id uuid not null references tenant on delete cascade,
    id uuid not null,
    kind text not null check (kind in ('grant', 'use', 'credit_back', 'adjustment', 'expiry')),
    meter text not null default 'page' check (meter in ('page')),
    debit text not null check (debit in ('plan', 'available', 'overage', 'used', 'expired')),
    credit text not null check (credit in ('plan', 'available', 'overage', 'used', 'expired')),
    credits bigint not null check (credits > 0),
    -- What caused it, once: the same key never moves credits again.
    key text not null check (length(key) between 1 and 200),
    period_start timestamptz not null,
    job_id uuid,
    document_id uuid,
    account_id uuid,
    plan text not null check (plan in ('free', 'team', 'business', 'enterprise')),
    -- The version of the plan, and so of the price.
    price_version int not null,
    -- The key of a program that did it; none where a person did.
    api_key_id uuid,
    note text check (length(note) <= 500),
    at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, key, debit, credit),
    check (debit <> credit)
);
create index ledger_by_time on ledger_entry (tenant_id, at desc, id desc);
create index ledger_by_document on ledger_entry (tenant_id, document_id) where document_id is not null;

-- Credits that are set aside for a document until it is read, or is not.
create table credit_hold (
    tenant_id uuid not null references tenant on delete cascade,
    document_id uuid not null,
    credits bigint not null check (credits >= 0),
    held_at timestamptz not null,
    primary key (tenant_id, document_id)
);

-- What was used beyond the included credits in an hour, and whether Stripe was told. The identifier follows from tenant and
-- hour, so that telling it twice counts once.
create table meter_event (
    tenant_id uuid not null references tenant on delete cascade,
    hour timestamptz not null,
    credits bigint not null check (credits > 0),
    identifier text not null unique check (length(identifier) <= 100),
    sent_at timestamptz,
    primary key (tenant_id, hour)
);
create index meter_event_unsent on meter_event (tenant_id, hour) where sent_at is null;

alter table subscription enable row level security;
alter table subscription force row level security;
create policy subscription_select on subscription for select to sheaf_app, sheaf_worker using (tenant_id = current_tenant());
create policy subscription_insert on subscription for insert to sheaf_app, sheaf_worker
    with check (tenant_id = current_tenant());
create policy subscription_update on subscription for update to sheaf_app, sheaf_worker
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
grant select, insert on subscription to sheaf_app, sheaf_worker;
grant update (plan, plan_version, currency, status, period_start, period_end, cancels_at, next_plan, unpaid_since, cap,
              stripe_customer, stripe_subscription, synced_at, revision, dunned)
    on subscription to sheaf_app, sheaf_worker;

alter table tenant_meter enable row level security;
alter table tenant_meter force row level security;
create policy tenant_meter_select on tenant_meter for select to sheaf_app, sheaf_worker using (tenant_id = current_tenant());
create policy tenant_meter_insert on tenant_meter for insert to sheaf_app, sheaf_worker
    with check (tenant_id = current_tenant());
create policy tenant_meter_update on tenant_meter for update to sheaf_app, sheaf_worker
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
grant select, insert on tenant_meter to sheaf_app, sheaf_worker;
grant update (period_start, period_end, granted, used, held, stored_bytes, warned_credits, warned_storage)
    on tenant_meter to sheaf_app, sheaf_worker;

alter table ledger_entry enable row level security;
alter table ledger_entry force row level security;
create policy ledger_entry_select on ledger_entry for select to sheaf_app, sheaf_worker using (tenant_id = current_tenant());
create policy ledger_entry_insert on ledger_entry for insert to sheaf_app, sheaf_worker
    with check (tenant_id = current_tenant());
grant select, insert on ledger_entry to sheaf_app, sheaf_worker;

alter table credit_hold enable row level security;
alter table credit_hold force row level security;
create policy credit_hold_select on credit_hold for select to sheaf_app, sheaf_worker using (tenant_id = current_tenant());
create policy credit_hold_insert on credit_hold for insert to sheaf_app, sheaf_worker
    with check (tenant_id = current_tenant());
create policy credit_hold_update on credit_hold for update to sheaf_app, sheaf_worker
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy credit_hold_delete on credit_hold for delete to sheaf_app, sheaf_worker using (tenant_id = current_tenant());
grant select, insert, update (credits, held_at), delete on credit_hold to sheaf_app, sheaf_worker;

alter table meter_event enable row level security;
alter table meter_event force row level security;
create policy meter_event_select on meter_event for select to sheaf_worker using (tenant_id = current_tenant());
create policy meter_event_insert on meter_event for insert to sheaf_worker with check (tenant_id = current_tenant());
create policy meter_event_update on meter_event for update to sheaf_worker
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
grant select, insert, update (sent_at) on meter_event to sheaf_worker;

-- What Stripe has sent, as it came. It belongs to no tenant until it is looked into, so it is no tenant's table.
create table stripe_event (
    -- Stripe's own: the same event is kept once.
    id text primary key check (length(id) between 1 and 100),
    type text not null check (length(type) <= 200),
    api_version text check (length(api_version) <= 100),
    -- Whom it is about, in Stripe's words; none where it says nobody.
    customer text check (length(customer) <= 100),
    tenant_id uuid references tenant on delete cascade,
    body jsonb not null,
    -- When it happened at Stripe, and when it was heard of.
    created_at timestamptz not null,
    received_at timestamptz not null,
    state text not null default 'received' check (state in ('received', 'done', 'ignored', 'unknown')),
    handled_at timestamptz,
    note text check (length(note) <= 500)
);
create index stripe_event_recent on stripe_event (received_at desc, id);
create index stripe_event_of_tenant on stripe_event (tenant_id) where tenant_id is not null;
grant select, insert, update (tenant_id, state, handled_at, note) on stripe_event to sheaf_app, sheaf_worker;

-- Whose customer this is, for an event that Stripe sends; none where nobody's.
create function tenant_of_customer(asked text) returns uuid
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$ select tenant_id from public.subscription where stripe_customer = asked $$;
revoke execute on function tenant_of_customer(text) from public;
grant execute on function tenant_of_customer(text) to sheaf_app, sheaf_worker;
create policy subscription_owner_select on subscription for select to sheaf_owner using (true);

-- A document may wait for credits.
alter table document drop constraint document_state_check;
alter table document add constraint document_state_check
    check (state in ('waiting', 'reading', 'read', 'partly_read', 'unreadable', 'cancelled', 'stored', 'held'));

-- Each workspace begins with a trial of 14 days (TRIAL_DAYS of the plan file). Its first month of credits is the one after that
-- which ended with its making: whoever first asks for the meter finds it over, and grants what is due.
create function begin_billing() returns trigger
    language plpgsql
    set search_path = pg_catalog, public, pg_temp
as $$
begin
    insert into public.subscription (tenant_id, trial_ends_at, period_start, period_end)
    values (new.tenant_id, new.created_at + interval '14 days', new.created_at, new.created_at + interval '1 month');
    insert into public.tenant_meter (tenant_id, period_start, period_end)
    values (new.tenant_id, new.created_at - interval '1 month', new.created_at);
    return null;
end $$;
revoke execute on function begin_billing() from public;
create trigger tenant_begins_billing after insert on tenant for each row execute function begin_billing();

-- The workspaces that are there begin their trial now, with what they store counted.
alter table tenant no force row level security;
alter table document no force row level security;
alter table subscription no force row level security;
alter table tenant_meter no force row level security;
insert into subscription (tenant_id, trial_ends_at, period_start, period_end)
select tenant_id, now() + interval '14 days', now(), now() + interval '1 month' from tenant;
insert into tenant_meter (tenant_id, period_start, period_end, stored_bytes)
select tenant_id, now() - interval '1 month', now(),
       coalesce((select sum(bytes) from document where document.tenant_id = tenant.tenant_id), 0)
from tenant;
alter table tenant_meter force row level security;
alter table subscription force row level security;
alter table document force row level security;
alter table tenant force row level security;
