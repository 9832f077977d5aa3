-- Whoever may make temporary objects may make functions, and the view `searchable_page` relies on that sheaf_app makes
-- none. By default everybody may; only the planner's order of conditions stood between such a function and other tenants.
do $$ begin
    execute format('revoke temporary on database %I from public', current_database());
end $$;
-- The roles that need the schema were granted it by name.
revoke usage on schema public from public;
