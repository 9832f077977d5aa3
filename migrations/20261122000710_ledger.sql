-- What was used of the credits that a month brought, and what beyond them, apart: a larger plan that is bought in the middle of
-- a month adds to the one, and what was used beyond before stays billed.
alter table tenant_meter
    add column included bigint not null default 0 check (included between 0 and granted),
    add column overage bigint not null default 0 check (overage >= 0),
    add check (used >= included + overage);
grant update (included, overage) on tenant_meter to sheaf_app, sheaf_worker;

-- The lines of a month, and what it was granted.
create index ledger_by_period on ledger_entry (tenant_id, period_start, at desc, id desc);
create index ledger_grants on ledger_entry (tenant_id, period_start) where kind = 'grant';

-- Documents that wait for credits, in the order in which they go on. There are few.
create index document_held on document (tenant_id, created_at, id) where state = 'held';
