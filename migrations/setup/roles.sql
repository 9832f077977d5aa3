-- The roles that Sheaf needs, once a cluster. Idempotent; run by whoever may create roles (no superuser is needed).
-- Passwords are set by whoever runs it: this file holds none.
--
--   sheaf_owner    owns the schema, runs the migrations and adds operators, nothing else
--   sheaf_app      the web server: owns nothing, cannot bypass row-level security
--   sheaf_worker   the workers: the same, and may claim jobs of every tenant
--   sheaf_search   owns one view, see 20261121000300_pages.sql; nobody can sign in as it
do $$
declare
    name text;
begin
    foreach name in array array['sheaf_owner', 'sheaf_app', 'sheaf_worker'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I login nosuperuser nocreatedb nocreaterole nobypassrls', name);
        end if;
    end loop;
    if not exists (select from pg_roles where rolname = 'sheaf_search') then
        create role sheaf_search nologin nosuperuser nocreatedb nocreaterole nobypassrls;
    end if;
    -- A database for the owner is made by one of its members, or by a superuser, whom a hosted Postgres does not have.
    if not (select rolsuper from pg_roles where rolname = current_user) then
        grant sheaf_owner to current_user;
    end if;
end $$;

-- The owner hands one view over to sheaf_search, which takes a membership.
grant sheaf_search to sheaf_owner;
