-- Nobody makes temporary tables, views or functions: whoever may, has a schema of his own in every session, and with it
-- functions that see each row a query looks at. Postgres grants it to everybody who may connect.
do $$ begin
    execute format('revoke temporary on database %I from public', current_database());
end $$;

-- The roles that need the schema were granted it by name.
revoke usage on schema public from public;

-- 20261121000300_pages.sql says that the view gives up that a function may see a row before the filter. It does not, and
-- this is why: the view's owner reads `page` under a policy, `page_search`, and wherever a policy applies, even one that
-- is always true, Postgres runs the leakproof filter of the tenant before anything that is not leakproof, and shows the
-- statistics of the table to no operator that is not. So never give sheaf_search BYPASSRLS, and never take the policy
-- away: tests/it/search_attacks.rs shows what leaks then.
comment on view searchable_page is
    'Pages of the current tenant. Its owner must stay under row-level security; see 20261122000300.';
