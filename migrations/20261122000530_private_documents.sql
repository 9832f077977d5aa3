-- A document is the workspace's, or private: then it is seen by whoever uploaded it and by the members they chose, whatever
-- the role of all others. The database itself says so, so that no door can forget it.

alter table document
    add column visibility text not null default 'workspace' check (visibility in ('workspace', 'private'));
-- One that holds a private document is seen by whoever asked for it.
alter table report
    add column visibility text not null default 'workspace' check (visibility in ('workspace', 'private'));

-- Whom a private document was shared with. Whoever leaves the workspace loses it.
create table document_reader (
    tenant_id uuid not null,
    document_id uuid not null,
    account_id uuid not null,
    primary key (tenant_id, account_id, document_id),
    foreign key (tenant_id, document_id) references document (tenant_id, id) on delete cascade,
    foreign key (tenant_id, account_id) references membership (tenant_id, account_id) on delete cascade
);
create index document_reader_of_document on document_reader (tenant_id, document_id);

-- The list counts what is the workspace's in the first index alone, and what is somebody's own in the second.
drop index document_live;
create index document_live on document (tenant_id) where trashed_at is null and visibility = 'workspace';
create index document_private on document (tenant_id, uploaded_by) where visibility = 'private';

-- Whether whoever acts sees something private that `maker` made: a document by its id, or a report, which nobody reads but
-- its maker. A worker that acts for nobody reads, counts, sweeps and deletes, and so sees all.
--
-- The policies ask this of private rows alone, and one by one. Written out in them it would be in the plan of every
-- statement, and to plan a short one would take half as long again, also where nothing is private.
create function sees_private(document uuid, maker uuid) returns boolean
    language plpgsql stable parallel safe
    set search_path = pg_catalog, public, pg_temp
as $$
declare
    account uuid := nullif(current_setting('app.account_id', true), '')::uuid;
begin
    if account is null then
        return current_user = 'sheaf_worker';
    end if;
    return account = maker or exists (
        select from public.document_reader r
        where r.tenant_id = public.current_tenant() and r.account_id = account and r.document_id = document
    );
end $$;

-- Whether whoever acts sees the document that something belongs to.
create function sees_document(document uuid) returns boolean
    language plpgsql stable parallel safe
    set search_path = pg_catalog, public, pg_temp
as $$
begin
    return exists (
        select from public.document d where d.tenant_id = public.current_tenant() and d.id = document
    );
end $$;

revoke execute on function sees_private(uuid, uuid), sees_document(uuid) from public;
grant execute on function sees_private(uuid, uuid), sees_document(uuid) to sheaf_app, sheaf_worker;

-- The question stands in the policy of the tenant and not in a restrictive one beside it: for two policies the planner would
-- keep an order, and could not conclude any more that the tenant of the policy is that of the statement. It is a subquery of
-- a row, which is not asked where an index already holds the workspace's rows alone; by itself, the function would keep a
-- count out of that index.
alter policy document_select on document
    using (
        tenant_id = (select current_tenant()) and (visibility = 'workspace' or (select sees_private(id, uploaded_by)))
    );
alter policy document_update on document
    using (
        tenant_id = (select current_tenant()) and (visibility = 'workspace' or (select sees_private(id, uploaded_by)))
    );
alter policy document_delete on document
    using (
        tenant_id = (select current_tenant()) and (visibility = 'workspace' or (select sees_private(id, uploaded_by)))
    );

alter policy report_select on report
    using (
        tenant_id = (select current_tenant()) and (visibility = 'workspace' or (select sees_private(null, made_by)))
    );
alter policy report_update on report
    using (
        tenant_id = (select current_tenant()) and (visibility = 'workspace' or (select sees_private(null, made_by)))
    );
alter policy report_delete on report
    using (
        tenant_id = (select current_tenant()) and (visibility = 'workspace' or (select sees_private(null, made_by)))
    );

-- A page is seen with its document. A worker that acts for nobody counts thousands while it reads, and need not ask.
alter policy page_select on page
    using (
        tenant_id = (select current_tenant())
        and (
            current_user = 'sheaf_worker' and coalesce((select current_setting('app.account_id', true)), '') = ''
            or sees_document(document_id)
        )
    );
alter policy page_delete on page
    using (
        tenant_id = (select current_tenant())
        and (
            current_user = 'sheaf_worker' and coalesce((select current_setting('app.account_id', true)), '') = ''
            or sees_document(document_id)
        )
    );

-- Who reads a document is known to whoever sees it, and changed by nobody else. What somebody left behind who is no member
-- any more would be lost to everybody, so a worker shares it with the owners.
alter table document_reader enable row level security;
alter table document_reader force row level security;
-- One's own first: `sees_document` itself asks for those.
create policy document_reader_select on document_reader for select to sheaf_app, sheaf_worker
    using (
        tenant_id = (select current_tenant())
        and (account_id = (select current_account()) or sees_document(document_id))
    );
create policy document_reader_insert on document_reader for insert to sheaf_app, sheaf_worker
    with check (tenant_id = (select current_tenant()) and sees_document(document_id));
create policy document_reader_delete on document_reader for delete to sheaf_app
    using (tenant_id = (select current_tenant()) and sees_document(document_id));
grant select, insert, delete on document_reader to sheaf_app;
grant select, insert on document_reader to sheaf_worker;
