-- What was uploaded, and what it says of itself. `object_key` is where the original lies in the store.

create table document (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    id uuid not null,
    name text not null check (length(name) between 1 and 255),
    format text not null check (format in ('pdf', 'text', 'markdown', 'csv', 'html', 'docx', 'other')),
    bytes bigint not null check (bytes >= 0),
    sha256 bytea not null check (length(sha256) = 32),
    object_key text not null,
    state text not null
        check (state in ('waiting', 'reading', 'read', 'partly_read', 'unreadable', 'cancelled', 'stored')),
    failure text,
    title text,
    author text,
    language text,
    authored_at timestamptz,
    modified_at timestamptz,
    outline jsonb not null default '[]',
    pages int,
    pages_read int not null default 0,
    pages_failed int not null default 0,
    words bigint not null default 0,
    has_images boolean not null default false,
    job_id uuid,
    uploaded_by uuid not null references account (id),
    created_at timestamptz not null,
    read_at timestamptz,
    trashed_at timestamptz,
    primary key (tenant_id, id)
);
-- The list, in each of its orders, with the id as the tie-break of keyset pagination.
create index document_by_created on document (tenant_id, created_at, id);
create index document_by_name on document (tenant_id, lower(name collate "C"), id);
create index document_by_bytes on document (tenant_id, bytes, id);
create index document_by_sha256 on document (tenant_id, sha256) where trashed_at is null;
create index document_in_trash on document (trashed_at) where trashed_at is not null;

alter table document enable row level security;
alter table document force row level security;
create policy document_select on document for select to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
create policy document_insert on document for insert to sheaf_app
    with check (tenant_id = (select current_tenant()));
create policy document_update on document for update to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
create policy document_delete on document for delete to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
grant select, insert, update, delete on document to sheaf_app;
grant select, update, delete on document to sheaf_worker;
