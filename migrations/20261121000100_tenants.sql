-- Where everything begins: the tenant of a transaction, people, tenants, and who is in which.

create extension if not exists btree_gin;
create extension if not exists unaccent;

revoke create on schema public from public;
grant usage on schema public to sheaf_app, sheaf_worker, sheaf_search;

-- The tenant of this transaction. It raises when none is set, and so does an empty setting, which is what a committed
-- `set_config(..., true)` leaves behind in its session: a bug must be loud, not an empty list.
create function current_tenant() returns uuid
    language plpgsql stable parallel safe
    set search_path = pg_catalog
as $$
declare
    setting text := current_setting('app.tenant_id', true);
begin
    if setting is null or setting = '' then
        raise exception 'no tenant is set for this transaction' using errcode = 'SH001';
    end if;
    return setting::uuid;
end $$;

-- The account of this transaction, or null: only the list of one's own memberships reads it, before a tenant is known.
create function current_account() returns uuid
    language sql stable parallel safe
    set search_path = pg_catalog
as $$ select nullif(current_setting('app.account_id', true), '')::uuid $$;

revoke execute on function current_tenant(), current_account() from public;
grant execute on function current_tenant(), current_account() to sheaf_app, sheaf_worker, sheaf_search;

-- People are known across tenants, so these three tables have no tenant and no tenant's data. Only the verbs of
-- `accounts` read them, through a SystemTx or the transaction that makes a tenant.
create table account (
    id uuid primary key,
    -- Lowercase, as typed otherwise. At most 254 characters: RFC 5321, section 4.5.3.1.3, less the angle brackets.
    email text not null unique check (email = lower(email) and length(email) between 3 and 254),
    name text not null check (length(name) between 1 and 200),
    password_hash text not null,
    email_verified_at timestamptz,
    -- Raised by "sign out everywhere" and by a new password: an access token of an older version is refused.
    session_version int not null default 0,
    created_at timestamptz not null
);

create table session (
    id uuid primary key,
    account_id uuid not null references account (id) on delete cascade,
    tenant_id uuid not null,
    -- SHA-256 of the refresh secret in use, and of the one before it, which is good for a short grace after rotation.
    secret_hash bytea not null,
    previous_hash bytea,
    rotated_at timestamptz not null,
    user_agent text not null default '',
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index session_of_account on session (account_id, last_seen_at desc);

create table email_token (
    hash bytea primary key,
    account_id uuid not null references account (id) on delete cascade,
    purpose text not null check (purpose in ('verify_email', 'reset_password')),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index email_token_of_account on email_token (account_id);

create table tenant (
    tenant_id uuid primary key,
    name text not null check (length(name) between 1 and 200),
    created_at timestamptz not null
);

create table membership (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    account_id uuid not null references account (id) on delete cascade,
    role text not null check (role in ('owner')),
    created_at timestamptz not null,
    primary key (tenant_id, account_id)
);
create index membership_of_account on membership (account_id);

alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant_select on tenant for select to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
create policy tenant_insert on tenant for insert to sheaf_app
    with check (tenant_id = (select current_tenant()));
create policy tenant_update on tenant for update to sheaf_app
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));

alter table membership enable row level security;
alter table membership force row level security;
create policy membership_select on membership for select to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
create policy membership_insert on membership for insert to sheaf_app
    with check (tenant_id = (select current_tenant()));

grant select, insert, update on account, session, email_token to sheaf_app;
grant select on account to sheaf_worker;
grant select, insert, update on tenant to sheaf_app;
grant select, insert on membership to sheaf_app;
grant select on tenant, membership to sheaf_worker;
grant delete on session, email_token to sheaf_worker;
grant select on session, email_token to sheaf_worker;

-- The tenants of the account that is signing in. Policies of one command are or-ed, and `current_tenant()` raises where
-- no tenant is set yet, so this one question is a function of the owner's and not a second policy.
create function memberships_of_current_account() returns table (tenant_id uuid, tenant_name text, role text)
    language sql stable security definer
    set search_path = pg_catalog, public
as $$
    select m.tenant_id, t.name, m.role
    from public.membership m
    join public.tenant t on t.tenant_id = m.tenant_id
    where m.account_id = public.current_account()
    order by m.created_at
$$;
revoke execute on function memberships_of_current_account() from public;
grant execute on function memberships_of_current_account() to sheaf_app;

-- Housekeeping visits every tenant in turn, each in a transaction of its own.
create function tenant_ids() returns setof uuid
    language sql stable security definer
    set search_path = pg_catalog, public
as $$ select tenant_id from public.tenant order by tenant_id $$;
revoke execute on function tenant_ids() from public;
grant execute on function tenant_ids() to sheaf_worker;

-- FORCE subjects the owner to the policies too; these let the two functions above see what they ask for. Nobody signs in
-- as the owner but the migrations.
create policy membership_own on membership for select to sheaf_owner using (account_id = (select current_account()));
create policy tenant_all on tenant for select to sheaf_owner using (true);
