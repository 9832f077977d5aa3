-- A program comes in by a key of its own, and what is used through it is told apart from what people use themselves.

create table api_key (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    -- The most that it may be. Where whoever made it is less by now, it is that.
    role text not null check (role in ('member', 'viewer')),
    -- SHA-256 of the secret, which is 256 random bits and is told once.
    secret_hash bytea not null check (length(secret_hash) = 32),
    made_by uuid not null references account (id),
    created_at timestamptz not null,
    -- None for a key that is good until it is revoked.
    expires_at timestamptz,
    -- To the minute.
    last_used_at timestamptz,
    revoked_at timestamptz,
    primary key (tenant_id, id)
);
create index api_key_by_created on api_key (tenant_id, created_at desc, id);

alter table api_key enable row level security;
alter table api_key force row level security;
create policy api_key_select on api_key for select to sheaf_app using (tenant_id = current_tenant());
create policy api_key_insert on api_key for insert to sheaf_app with check (tenant_id = current_tenant());
create policy api_key_update on api_key for update to sheaf_app
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
grant select, insert, update (last_used_at, revoked_at) on api_key to sheaf_app;

-- The key through which it was asked for; none where a person did it themselves. Keys stay where they are once they are revoked.
alter table job add column api_key_id uuid;
-- The same of an upload: a document that has waited for credits is read by a job that nobody has asked for.
alter table document add column api_key_id uuid;
