-- An audit log that shows what was done to it: entries are numbered in each tenant, and each carries the hash of the one before.

alter table audit_entry
    -- 1, 2, 3 and so on in each tenant, in the order in which they were written.
    add column number bigint,
    -- Where it was done from; null where no request was the cause.
    add column address inet,
    -- Small facts that the act alone does not tell, such as the role that somebody was given.
    add column detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object' and length(detail::text) <= 4096),
    add column previous_hash bytea check (length(previous_hash) = 32),
    add column hash bytea check (length(hash) = 32);

-- The last entry of each tenant: a log whose end was cut off is shorter than this says. Whoever writes an entry holds this row
-- until its transaction ends, so that the entries of a tenant are in one order.
create table audit_head (
    tenant_id uuid primary key references tenant (tenant_id) on delete cascade,
    number bigint not null check (number > 0),
    hash bytea not null check (length(hash) = 32)
) with (
    -- It changes with each entry and stands in no other index, so that an update finds room on its own page.
    fillfactor = 50
);

-- What an entry is hashed as: its fields in this order, each as its length in bytes, four bytes with the highest first, and then
-- itself. What is null has the length -1. Numbers have eight bytes, moments are microseconds since 1970, the rest is its text in
-- UTF-8, but ids and hashes, which are their bytes. app/domain/src/audit/chain.rs says the same, and a test that both agree.
create function audit_hash(entry audit_entry) returns bytea
    language plpgsql stable
    set search_path = pg_catalog, public, pg_temp
as $$
declare
    act bytea := convert_to(entry.act, 'UTF8');
    address bytea := convert_to(entry.address::text, 'UTF8');
    detail bytea := convert_to(entry.detail::text, 'UTF8');
begin
    return sha256(
        int4send(32) || entry.previous_hash
        || int4send(16) || uuid_send(entry.tenant_id)
        || int4send(8) || int8send(entry.number)
        || int4send(16) || uuid_send(entry.id)
        || coalesce(int4send(16) || uuid_send(entry.account_id), int4send(-1))
        || int4send(length(act)) || act
        || coalesce(int4send(16) || uuid_send(entry.subject_id), int4send(-1))
        || coalesce(int4send(length(address)) || address, int4send(-1))
        || int4send(8) || int8send((extract(epoch from entry.created_at) * 1000000)::int8)
        || int4send(length(detail)) || detail
    );
end $$;
revoke execute on function audit_hash(audit_entry) from public;

-- Puts an entry at the end of its tenant's chain, whatever its writer says. It runs as the owner of the schema, since nobody
-- else may move the head.
create function chain_audit_entry() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp
as $$
declare
    -- Before the first entry there are 32 zero bytes.
    head record;
begin
    select number, hash into head from public.audit_head where tenant_id = new.tenant_id for update;
    if not found then
        -- Another transaction may write the first entry just now: then this one waits for it.
        insert into public.audit_head (tenant_id, number, hash)
        values (new.tenant_id, 1, decode(repeat('00', 32), 'hex'))
        on conflict do nothing;
        if found then
            select 0::bigint as number, decode(repeat('00', 32), 'hex') as hash into head;
        else
            select number, hash into head from public.audit_head where tenant_id = new.tenant_id for update;
        end if;
    end if;
    new.number := head.number + 1;
    new.previous_hash := head.hash;
    new.hash := public.audit_hash(new);
    update public.audit_head set number = new.number, hash = new.hash where tenant_id = new.tenant_id;
    return new;
end $$;
revoke execute on function chain_audit_entry() from public;

alter table audit_head enable row level security;
alter table audit_head force row level security;
-- FORCE binds the owner too, as which the function above runs: it reaches the head of the tenant that is set and no other.
create policy audit_head_owner_select on audit_head for select to sheaf_owner
    using (tenant_id = (select current_tenant()));
create policy audit_head_owner_insert on audit_head for insert to sheaf_owner
    with check (tenant_id = (select current_tenant()));
create policy audit_head_owner_update on audit_head for update to sheaf_owner
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
-- `sheaf audit verify` compares. The web server has no rights here at all.
create policy audit_head_select on audit_head for select to sheaf_worker
    using (tenant_id = (select current_tenant()));
grant select on audit_head to sheaf_worker;

-- The entries that are there already, in the order of their time. Nobody but the owner is at work here, and FORCE would hide
-- them from it.
alter table audit_entry no force row level security;
alter table audit_head no force row level security;
alter table audit_entry disable row level security;
do $$
declare
    entry audit_entry;
    last audit_head;
begin
    for entry in select * from audit_entry order by tenant_id, created_at, id loop
        if last.tenant_id is distinct from entry.tenant_id then
            last := row(entry.tenant_id, 0, decode(repeat('00', 32), 'hex'));
        end if;
        entry.number := last.number + 1;
        entry.previous_hash := last.hash;
        entry.hash := audit_hash(entry);
        update audit_entry
        set number = entry.number, previous_hash = entry.previous_hash, hash = entry.hash
        where tenant_id = entry.tenant_id and id = entry.id;
        last := row(entry.tenant_id, entry.number, entry.hash);
        insert into audit_head (tenant_id, number, hash) values (last.tenant_id, last.number, last.hash)
        on conflict (tenant_id) do update set number = excluded.number, hash = excluded.hash;
    end loop;
end $$;
alter table audit_entry enable row level security;
alter table audit_entry force row level security;
alter table audit_head force row level security;

alter table audit_entry
    alter column number set not null,
    alter column previous_hash set not null,
    alter column hash set not null,
    add constraint audit_entry_number unique (tenant_id, number);

create trigger chain before insert on audit_entry for each row execute function chain_audit_entry();

-- A writer says what was done; its place in the chain is not for it to say.
revoke insert on audit_entry from sheaf_app, sheaf_worker;
grant insert (tenant_id, id, account_id, act, subject_id, created_at, address, detail) on audit_entry to sheaf_app, sheaf_worker;

-- The log is read from its end, for one person, for one kind of act, or for some days.
create index audit_entry_by_account on audit_entry (tenant_id, account_id, number);
create index audit_entry_by_act on audit_entry (tenant_id, act, number);
create index audit_entry_by_created on audit_entry (tenant_id, created_at);
-- A person acts in few tenants, so the tenant says nothing more once the person is known.
create statistics audit_entry_of_tenant (dependencies) on tenant_id, account_id from audit_entry;
