-- A workspace belongs to its people: an owner takes it away as one archive, and an import puts one into an empty workspace.

create table export (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    id uuid not null,
    state text not null check (state in ('waiting', 'making', 'ready', 'failed')),
    -- What the person is told when it failed.
    failure text,
    object_key text,
    bytes bigint,
    sha256 bytea,
    documents bigint,
    job_id uuid,
    asked_by uuid not null references account (id),
    created_at timestamptz not null,
    finished_at timestamptz,
    -- When the archive is deleted, and this row with it.
    expires_at timestamptz,
    primary key (tenant_id, id)
);
create index export_by_created on export (tenant_id, created_at desc, id);
-- At most one is under way.
create unique index export_unfinished on export (tenant_id) where state in ('waiting', 'making');
-- The sweep asks what is due.
create index export_due on export (tenant_id, expires_at) where expires_at is not null;
create statistics export_of_tenant (dependencies) on tenant_id, id from export;

alter table export enable row level security;
alter table export force row level security;
create policy export_select on export for select to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
create policy export_insert on export for insert to sheaf_app
    with check (tenant_id = (select current_tenant()));
create policy export_update on export for update to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
create policy export_delete on export for delete to sheaf_worker
    using (tenant_id = (select current_tenant()));
grant select, insert, update (job_id) on export to sheaf_app;
grant select, delete on export to sheaf_worker;
grant update (state, failure, object_key, bytes, sha256, documents, finished_at, expires_at) on export to sheaf_worker;

-- An import is the work of a worker's role: it alone writes pages. These are what it writes besides.
create policy document_insert_by_import on document for insert to sheaf_worker
    with check (tenant_id = (select current_tenant()));
create policy report_insert_by_import on report for insert to sheaf_worker
    with check (tenant_id = (select current_tenant()));
grant insert on document, report to sheaf_worker;
