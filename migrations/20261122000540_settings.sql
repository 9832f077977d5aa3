-- A workspace has settings of its own, and an end: asked for by an owner, undone within a grace, then thorough.

alter table tenant
    -- The address, which is public: that one is taken tells that a workspace has it, and nothing else. The default serves
    -- whoever makes a tenant without choosing one.
    add column slug text not null default substr(replace(gen_random_uuid()::text, '-', ''), 1, 20),
    -- The object is `{tenant}/logo/{logo_id}` in the store.
    add column logo_id uuid,
    add column logo_type text check (logo_type in ('image/png', 'image/jpeg', 'image/webp')),
    -- A name of the IANA database, as in `Europe/Berlin`.
    add column time_zone text not null default 'UTC' check (length(time_zone) between 1 and 64),
    add column language text not null default 'en' check (language in ('en')),
    -- ISO 639-3; what a document is taken for in which no language can be told.
    add column document_language text check (length(document_language) = 3),
    add column trash_days int not null default 30 check (trash_days between 1 and 365),
    -- From this time on the workspace may be deleted.
    add column delete_after timestamptz,
    add constraint tenant_logo check ((logo_id is null) = (logo_type is null));

-- The names of the workspaces that are there. The owner is under the policies too, and none lets it change a tenant.
alter table tenant no force row level security;
with named as (
    select tenant_id, created_at,
           trim(both '-' from left(trim(both '-' from regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g')), 30)) as slug
    from tenant
), numbered as (
    select tenant_id, plausible, row_number() over (partition by plausible order by created_at, tenant_id) as number
    from named
    -- What `Slug` refuses in Rust may be the name of a workspace too.
    cross join lateral (
        select case
            when length(slug) < 3
              or slug in ('about', 'account', 'accounts', 'admin', 'api', 'app', 'assets', 'auth', 'billing', 'blog', 'cdn',
                          'contact', 'demo', 'dev', 'docs', 'documents', 'download', 'events', 'help', 'home', 'invite',
                          'legal', 'localhost', 'login', 'mail', 'mailbox', 'new', 'operator', 'owner', 'pricing',
                          'privacy', 'public', 'reports', 'root', 'search', 'security', 'settings', 'sheaf', 'sign-in',
                          'sign-out', 'sign-up', 'static', 'status', 'support', 'system', 'terms', 'test', 'tenant',
                          'tenants', 'uploads', 'webhooks', 'workspace', 'workspaces', 'www')
            then 'team' else slug
        end as plausible
    ) as of_slug
)
update tenant set
    slug = case number when 1 then plausible else plausible || '-' || right(replace(tenant.tenant_id::text, '-', ''), 8) end
from numbered where numbered.tenant_id = tenant.tenant_id;
alter table tenant force row level security;

alter table tenant
    add constraint tenant_slug_check check (length(slug) between 3 and 40 and slug ~ '^[a-z0-9][a-z0-9-]*[a-z0-9]$'),
    add constraint tenant_slug_key unique (slug);
create index tenant_to_delete on tenant (delete_after) where delete_after is not null;

-- What settings may change, and not whose they are or when the tenant was made.
revoke update on tenant from sheaf_app;
grant update (name, slug, logo_id, logo_type, time_zone, language, document_language, trash_days, delete_after)
    on tenant to sheaf_app;

-- Deleting goes around every policy: rows of the audit log, which nobody may delete, go with their tenant. So it is one
-- function of the owner's, which a worker may call, for a tenant whose people asked for it and whose grace is over.
create policy tenant_delete on tenant for delete to sheaf_owner using (delete_after is not null);

-- The tenants whose grace was over at this time, which is the clock's of whoever asks.
create function tenants_to_delete(at timestamptz) returns setof uuid
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
as $$ select tenant_id from public.tenant where delete_after <= at order by delete_after limit 100 $$;
revoke execute on function tenants_to_delete(timestamptz) from public;
grant execute on function tenants_to_delete(timestamptz) to sheaf_worker;

-- Deletes a tenant whose grace was over at this time with every row that names it, in whatever table; true if there was one.
-- Tables are found in the catalogue. A foreign key that leads to the tenant takes a table's rows along, and whatever has
-- none is emptied of them here; a foreign key that does not take them along fails the whole, as do rows that are left.
create function delete_tenant(gone uuid, at timestamptz) returns boolean
    language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp
as $$
declare
    loose regclass;
    is_left boolean;
begin
    delete from public.tenant where tenant_id = gone and delete_after <= at;
    if not found then
        return false;
    end if;
    for loose in
        with recursive bound (relation) as (
            select 'public.tenant'::regclass::oid
            union
            select k.conrelid
            from bound
            join pg_constraint k on k.confrelid = bound.relation and k.contype = 'f' and k.convalidated
            -- The tenant is the first column on both sides of such a key.
            join pg_attribute here
                on here.attrelid = k.conrelid and here.attnum = k.conkey[1] and here.attname = 'tenant_id' and here.attnotnull
            join pg_attribute there
                on there.attrelid = k.confrelid and there.attnum = k.confkey[1] and there.attname = 'tenant_id'
        )
        select c.oid
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where c.relkind in ('r', 'p') and c.relpersistence <> 't'
          and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          and not exists (select from bound where bound.relation = c.oid)
    loop
        execute format('delete from %s where tenant_id = $1', loose) using gone;
        -- Under a policy rows could be left unseen, so such a table needs a foreign key.
        if (select relrowsecurity from pg_class where oid = loose) then
            raise exception 'no foreign key leads from % to its tenant, so its rows cannot be deleted', loose;
        end if;
        execute format('select exists (select from %s where tenant_id = $1)', loose) into is_left using gone;
        if is_left then
            raise exception 'rows of % are left of a tenant that was deleted', loose;
        end if;
    end loop;
    return true;
end $$;
revoke execute on function delete_tenant(uuid, timestamptz) from public;
grant execute on function delete_tenant(uuid, timestamptz) to sheaf_worker;
