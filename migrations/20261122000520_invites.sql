-- People come into a workspace by a link that is mailed to them.

create table invite (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    id uuid not null,
    -- As in `account`.
    email text not null check (email = lower(email) and length(email) between 3 and 254),
    role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    -- SHA-256 of the secret in the link that was mailed last: an older link is good no more.
    token_hash bytea not null check (length(token_hash) = 32),
    invited_by uuid not null references account (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_sent_at timestamptz not null,
    -- How many mails went out for it.
    sends int not null default 1 check (sends > 0),
    accepted_at timestamptz,
    withdrawn_at timestamptz,
    primary key (tenant_id, id),
    constraint invite_ends_once check (accepted_at is null or withdrawn_at is null)
);
-- An address is invited once at a time.
create unique index invite_open on invite (tenant_id, email) where accepted_at is null and withdrawn_at is null;
create unique index invite_by_token on invite (tenant_id, token_hash);
create index invite_by_created on invite (tenant_id, created_at);

alter table invite enable row level security;
alter table invite force row level security;
create policy invite_select on invite for select to sheaf_app
    using (tenant_id = (select current_tenant()));
create policy invite_insert on invite for insert to sheaf_app
    with check (tenant_id = (select current_tenant()));
create policy invite_update on invite for update to sheaf_app
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
grant select, insert on invite to sheaf_app;
grant update (token_hash, expires_at, last_sent_at, sends, accepted_at, withdrawn_at) on invite to sheaf_app;
