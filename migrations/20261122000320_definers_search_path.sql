-- A function with its owner's powers looks into its caller's temporary schema last: unless it is named, that comes first.
alter function memberships_of_current_account() set search_path = pg_catalog, public, pg_temp;
alter function tenant_ids() set search_path = pg_catalog, public, pg_temp;
