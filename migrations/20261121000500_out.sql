-- What goes out: reports and mails; and the audit log of who did what.

create table report (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    id uuid not null,
    title text not null check (length(title) between 1 and 200),
    -- {"documents": [ids]} or {"search": "query"}
    scope jsonb not null,
    state text not null check (state in ('waiting', 'making', 'ready', 'failed')),
    failure text,
    object_key text,
    bytes bigint,
    sha256 bytea,
    pages int,
    documents int,
    job_id uuid,
    made_by uuid not null references account (id),
    created_at timestamptz not null,
    finished_at timestamptz,
    primary key (tenant_id, id)
);
create index report_by_created on report (tenant_id, created_at desc, id);

create table mail (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    id uuid not null,
    -- Made from the job and the step that sends it: the same mail is never kept twice.
    idempotency_key text not null,
    recipient text not null,
    subject text not null,
    text_body text not null,
    html_body text not null,
    state text not null check (state in ('waiting', 'sent', 'failed')),
    last_error text,
    created_at timestamptz not null,
    sent_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, idempotency_key)
);
create index mail_by_recipient on mail (tenant_id, recipient, created_at desc);

create table audit_entry (
    tenant_id uuid not null references tenant (tenant_id) on delete cascade,
    id uuid not null,
    account_id uuid,
    act text not null,
    subject_id uuid,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);

alter table report enable row level security;
alter table report force row level security;
create policy report_select on report for select to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
create policy report_insert on report for insert to sheaf_app
    with check (tenant_id = (select current_tenant()));
create policy report_update on report for update to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
create policy report_delete on report for delete to sheaf_app
    using (tenant_id = (select current_tenant()));
grant select, insert, update, delete on report to sheaf_app;
grant select, update on report to sheaf_worker;

alter table mail enable row level security;
alter table mail force row level security;
create policy mail_select on mail for select to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
create policy mail_insert on mail for insert to sheaf_app, sheaf_worker
    with check (tenant_id = (select current_tenant()));
create policy mail_update on mail for update to sheaf_worker
    using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()));
grant select, insert on mail to sheaf_app;
grant select, insert, update on mail to sheaf_worker;

-- Append-only: nobody may change or delete a line.
alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy audit_entry_select on audit_entry for select to sheaf_app, sheaf_worker
    using (tenant_id = (select current_tenant()));
create policy audit_entry_insert on audit_entry for insert to sheaf_app, sheaf_worker
    with check (tenant_id = (select current_tenant()));
grant select, insert on audit_entry to sheaf_app, sheaf_worker;

-- The parts of the product ask which migrations were applied, to tell that a database is behind.
do $$ begin
    if to_regclass('_sqlx_migrations') is not null then
        grant select on _sqlx_migrations to sheaf_app, sheaf_worker;
    end if;
end $$;
