-- The operator's door: who runs Sheaf, what they did, which workspaces are suspended, and visits for support.

-- Operators are no accounts and have no tenant. Only the owner of the schema adds them and changes their secrets
-- (`sheaf operator`): a web server that was taken over cannot make itself one.
create table operator (
    id uuid primary key,
    email text not null unique check (email = lower(email) and length(email) between 3 and 254),
    name text not null check (length(name) between 1 and 100),
    password_hash text not null,
    -- The secret of the codes (RFC 6238), sealed with a key that the database does not have.
    totp_sealed bytea not null,
    -- The step of the last code that was taken: each is good once.
    totp_last_step bigint not null default 0,
    created_at timestamptz not null,
    disabled_at timestamptz
);

create table operator_session (
    id uuid primary key,
    operator_id uuid not null references operator (id) on delete cascade,
    -- SHA-256 of the secret in the cookie.
    secret_hash bytea not null unique,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index operator_session_of_operator on operator_session (operator_id);

-- Append-only, like the audit log of a tenant. It outlives the tenants that it is about, so it refers to none.
create table operator_act (
    id uuid primary key,
    operator_id uuid not null references operator (id),
    act text not null,
    subject_id uuid,
    reason text,
    address text,
    created_at timestamptz not null
);

grant select, update (totp_last_step) on operator to sheaf_app;
grant select, insert, update (last_seen_at, revoked_at) on operator_session to sheaf_app;
grant insert on operator_act to sheaf_app;

alter table tenant add column suspended_at timestamptz;
alter table tenant add column suspended_reason text check (length(suspended_reason) between 1 and 500);
create index tenant_suspended on tenant (tenant_id) where suspended_at is not null;

-- An operator's stay in a tenant. Its own session and its operator are looked at again with each request: a visit ends
-- with either.
create table support_visit (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    id uuid not null,
    operator_id uuid not null,
    operator_session_id uuid not null,
    operator_name text not null,
    reason text not null check (length(reason) between 10 and 500),
    -- SHA-256 of the secret in the cookie.
    secret_hash bytea not null,
    started_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    consented_by uuid references account (id),
    consented_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, secret_hash)
);
create index support_visit_open on support_visit (tenant_id, started_at desc) where ended_at is null;

alter table support_visit enable row level security;
alter table support_visit force row level security;
create policy support_visit_select on support_visit for select to sheaf_app
    using (tenant_id = (select current_tenant()));
create policy support_visit_insert on support_visit for insert to sheaf_app
    with check (tenant_id = (select current_tenant()));
create policy support_visit_update on support_visit for update to sheaf_app
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
-- What operators do to a tenant: the rest of its settings is granted where they are made.
grant update (suspended_at, suspended_reason) on tenant to sheaf_app;
grant select, insert, update (ended_at, consented_by, consented_at) on support_visit to sheaf_app;

-- Which workspaces there are is told to whoever shows the secret of an operator's session, and not to whoever may ask the
-- database as the web server: what is kept of the secret is a hash, which is no secret. Without a good one it tells
-- nothing. A limit of 51 is a page and whether another follows.
create function operator_tenants(secret bytea, moment timestamptz, wanted text, before uuid, one uuid) returns table (
    tenant_id uuid, name text, created_at timestamptz, suspended_at timestamptz, suspended_reason text
)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$
    select t.tenant_id, t.name, t.created_at, t.suspended_at, t.suspended_reason
    from public.tenant t
    where exists (
            select from public.operator_session s join public.operator o on o.id = s.operator_id
            where s.secret_hash = sha256(secret) and s.revoked_at is null and s.expires_at > moment
              and s.last_seen_at > moment - interval '30 minutes' and o.disabled_at is null
        )
      and (wanted is null or position(lower(wanted) in lower(t.name)) > 0 or t.tenant_id::text = lower(wanted))
      and (before is null or t.tenant_id < before)
      and (one is null or t.tenant_id = one)
    order by t.tenant_id desc
    limit 51
$$;
revoke execute on function operator_tenants(bytea, timestamptz, text, uuid, uuid) from public;
grant execute on function operator_tenants(bytea, timestamptz, text, uuid, uuid) to sheaf_app;

-- The same with their sizes. It counts with its caller's powers, so under the policies, in one tenant after another.
-- Afterwards no tenant is set, as before.
create function operator_tenant_sizes(secret bytea, moment timestamptz, wanted text, before uuid, one uuid) returns table (
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
                   people.number, files.number, files.bytes, people.seen
            from (
                select count(distinct m.account_id) as number, max(s.last_seen_at) as seen
                from public.membership m
                left join public.session s on s.account_id = m.account_id and s.tenant_id = m.tenant_id
                where m.tenant_id = listed.tenant_id
            ) as people, (
                select count(*) as number, coalesce(sum(d.bytes), 0)::bigint as bytes
                from public.document d where d.tenant_id = listed.tenant_id
            ) as files;
    end loop;
    perform set_config('app.tenant_id', '', true);
end $$;
revoke execute on function operator_tenant_sizes(bytea, timestamptz, text, uuid, uuid) from public;
grant execute on function operator_tenant_sizes(bytea, timestamptz, text, uuid, uuid) to sheaf_app;

-- Whose jobs are not begun. A worker knows no tenant when it asks.
create function suspended_tenants() returns setof uuid
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$ select tenant_id from public.tenant where suspended_at is not null $$;
revoke execute on function suspended_tenants() from public;
grant execute on function suspended_tenants() to sheaf_worker;
