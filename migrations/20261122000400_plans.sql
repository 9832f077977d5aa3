-- What the planner needs to answer for one tenant without reading the rows of others, or all rows of a large one: found by
-- explaining every query on a million documents of a thousand tenants.

-- The list by name goes on after a cursor. Under row-level security a condition on a column may use an index only if its
-- functions are leakproof, and `lower` is not: each later page read all names before it. A plain column needs no function.
alter table document add column name_key text collate "C" not null generated always as (lower(name collate "C")) stored;
drop index document_by_name;
create index document_by_name on document (tenant_id, name_key, id);

-- Emptying the trash of one tenant read what is in the trash of all.
drop index document_in_trash;
create index document_in_trash on document (tenant_id, trashed_at) where trashed_at is not null;

-- Whether a session stands is asked for one account in one tenant.
drop index membership_of_account;
create index membership_of_account on membership (account_id, tenant_id);

-- An id says whose it is. Without this the planner takes "these 50 ids of this tenant" for "50 ids, of which a thousandth is
-- this tenant's", and expects one row.
create statistics document_of_tenant (dependencies) on tenant_id, id from document;
create statistics report_of_tenant (dependencies) on tenant_id, id from report;
