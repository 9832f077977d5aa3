-- What the proofs of scripts/pgrls leave out, each with its reason. It runs on a copy of the migrated database, and
-- what is left in the copy must be proven without an exception.
--
-- pgrls proves a table for all roles at once. So a policy that opens a table to one role is taken out of the copy, on the
-- condition that it is for this role alone and that no other may become it. Whatever is not there any more fails here:
-- no exception outlives its cause.

-- Who, besides the superusers, the role itself and the owner of the schema, may become the role.
create function pg_temp.others_as(role regrole) returns text language sql as $$
    select string_agg(rolname, ', ') from pg_roles
    where not rolsuper and rolname not in ('sheaf_owner', role::text) and pg_has_role(oid, role, 'member')
$$;

create procedure pg_temp.must_be_for(holder regrole, policy text, on_table regclass) language plpgsql as $$
begin
    if not exists (select from pg_policy where polname = policy and polrelid = on_table and polroles = array[holder::oid]) then
        raise exception 'there is no policy % on % that is for % alone', policy, on_table, holder;
    end if;
    if pg_temp.others_as(holder) is not null then
        raise exception '% is open to %, but so it is to %', on_table, holder, pg_temp.others_as(holder);
    end if;
end $$;

create procedure pg_temp.leave_out_policy(policy text, on_table regclass, holder regrole) language plpgsql as $$
begin
    call pg_temp.must_be_for(holder, policy, on_table);
    execute format('drop policy %I on %s', policy, on_table);
end $$;

create procedure pg_temp.leave_out_function(function regprocedure, holder regrole) language plpgsql as $$
declare
    callers text := (
        select string_agg(rolname, ', ') from pg_roles
        where not rolsuper and rolname not in ('sheaf_owner', holder::text) and has_function_privilege(oid, function, 'execute')
    );
begin
    if callers is not null then
        raise exception '% is for % alone, but it may be called by %', function, holder, callers;
    end if;
    execute format('drop function %s', function);
end $$;

-- The same of one that is for both the web server and the workers, and for nobody else.
create procedure pg_temp.leave_out_function_of_both(function regprocedure) language plpgsql as $$
declare
    callers text := (
        select string_agg(rolname, ', ') from pg_roles
        where not rolsuper and rolname not in ('sheaf_owner', 'sheaf_app', 'sheaf_worker')
          and has_function_privilege(oid, function, 'execute')
    );
begin
    if callers is not null then
        raise exception '% may be called by %', function, callers;
    end if;
    execute format('drop function %s', function);
end $$;

-- The solver cannot look into a subquery or a function. What is joined to the condition of the tenant by AND lets out less
-- than that condition alone, so it is enough to prove that one. An OR around it would have one bracket more before it.
create procedure pg_temp.ask_the_tenant_alone(policy text, on_table regclass) language plpgsql as $$
declare
    tenant constant text := '(tenant_id = current_tenant())';
    conditions text[] := (
        select array_remove(array[pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)], null)
        from pg_policy where polname = policy and polrelid = on_table
    );
    condition text;
begin
    if array_position(conditions, tenant) = 1 then
        raise exception '% on % asks the tenant alone already', policy, on_table;
    end if;
    foreach condition in array coalesce(conditions, array['nothing']) loop
        if condition <> tenant and not starts_with(condition, '(' || tenant || ' AND ') then
            raise exception '% on % asks %, which is not the tenant and more', policy, on_table, condition;
        end if;
    end loop;
    if (select polqual is not null from pg_policy where polname = policy and polrelid = on_table) then
        execute format('alter policy %I on %s using (%s)', policy, on_table, tenant);
    end if;
    if (select polwithcheck is not null from pg_policy where polname = policy and polrelid = on_table) then
        execute format('alter policy %I on %s with check (%s)', policy, on_table, tenant);
    end if;
end $$;

-- Who of a tenant may see what is private: app/domain/tests/it/private.rs tries it.
call pg_temp.ask_the_tenant_alone('document_select', 'document');
call pg_temp.ask_the_tenant_alone('document_update', 'document');
call pg_temp.ask_the_tenant_alone('document_delete', 'document');
call pg_temp.ask_the_tenant_alone('document_reader_select', 'document_reader');
call pg_temp.ask_the_tenant_alone('document_reader_insert', 'document_reader');
call pg_temp.ask_the_tenant_alone('document_reader_delete', 'document_reader');
call pg_temp.ask_the_tenant_alone('page_select', 'page');
call pg_temp.ask_the_tenant_alone('page_select_by_worker', 'page');
call pg_temp.ask_the_tenant_alone('page_delete', 'page');
call pg_temp.ask_the_tenant_alone('report_select', 'report');
call pg_temp.ask_the_tenant_alone('report_update', 'report');
call pg_temp.ask_the_tenant_alone('report_delete', 'report');

-- A worker cannot know whose turn it is before it has looked. What it may do to any other table is proven.
call pg_temp.leave_out_policy('job_worker_select', 'job', 'sheaf_worker');
call pg_temp.leave_out_policy('job_worker_update', 'job', 'sheaf_worker');
call pg_temp.leave_out_policy('job_worker_delete', 'job', 'sheaf_worker');
call pg_temp.leave_out_policy('job_lane_worker_select', 'job_lane', 'sheaf_worker');
call pg_temp.leave_out_policy('job_lane_worker_update', 'job_lane', 'sheaf_worker');

-- The memberships of the account that is signing in, with the names of their tenants, before a tenant is known.
call pg_temp.leave_out_function('memberships_of_current_account()', 'sheaf_app');
call pg_temp.leave_out_function('workspaces_of_current_account()', 'sheaf_app');

-- Whose customer Stripe speaks of, by Stripe's own id. The web server hears it and a worker looks into it, so it is for both; it
-- tells the id of one tenant, and that to nobody else.
call pg_temp.leave_out_function_of_both('tenant_of_customer(text)');
call pg_temp.leave_out_policy('subscription_owner_select', 'subscription', 'sheaf_owner');

-- The ids of all tenants, which the housekeeping visits in turn.
call pg_temp.leave_out_function('tenants_after(uuid)', 'sheaf_worker');

-- The ids of those that Stripe knows, whose use it is told.
call pg_temp.leave_out_function('customers_after(uuid)', 'sheaf_worker');
-- The ids of customers of whom nothing was heard for long, about whom a worker asks Stripe.
call pg_temp.leave_out_function('subscriptions_to_sync(timestamptz, uuid)', 'sheaf_worker');

-- The ids of those that are to be deleted, and their deletion, which nobody but a worker may call and which spares every
-- tenant whose people have not asked for it, or whose grace is not over.
call pg_temp.leave_out_function('tenants_to_delete(timestamptz)', 'sheaf_worker');
call pg_temp.leave_out_function('delete_tenant(uuid, timestamptz)', 'sheaf_worker');
call pg_temp.leave_out_policy('tenant_delete', 'tenant', 'sheaf_owner');

-- The ids of those whose payment is missing, or whose trial ends or is over.
call pg_temp.leave_out_function('tenants_to_tend(timestamptz, uuid)', 'sheaf_worker');

-- What Stripe sent long ago, which no tenant's policy guards: a worker deletes it by its age, and learns how much that was.
call pg_temp.leave_out_function('forget_stripe_events(timestamptz)', 'sheaf_worker');

-- The kinds and the tenants that are held up, and the ids of those that are suspended, whose jobs are not begun.
call pg_temp.leave_out_function('paused_work()', 'sheaf_worker');

-- Whether operators hold up a kind of work, or that of the tenant that is set.
call pg_temp.leave_out_function('work_is_paused(text)', 'sheaf_app');

-- The kinds that some process does, which are no tenant's.
call pg_temp.leave_out_function_of_both('served_kinds()');

-- The names of all tenants, for whoever shows the secret of an operator's session; what counts in each is proven.
call pg_temp.leave_out_function('operator_tenants(bytea, timestamptz, text, uuid, uuid)', 'sheaf_app');

-- The queues of all tenants, for whoever shows the same; and what operators do about them. What the last changes is a lane of
-- the tenant that is set: the policy of its owner says so, and is proven.
call pg_temp.leave_out_function('operator_kinds(bytea, timestamptz)', 'sheaf_app');
call pg_temp.leave_out_function('operator_lanes(bytea, timestamptz, text, uuid, boolean)', 'sheaf_app');
call pg_temp.leave_out_function('operator_workers(bytea, timestamptz)', 'sheaf_app');
call pg_temp.leave_out_function('operator_pauses(bytea, timestamptz, uuid)', 'sheaf_app');
call pg_temp.leave_out_function('operator_dead_letters(bytea, timestamptz, text, uuid, boolean, int)', 'sheaf_app');
call pg_temp.leave_out_function('operator_pause(bytea, timestamptz, uuid, text, uuid, text)', 'sheaf_app');
call pg_temp.leave_out_function('operator_resume(bytea, timestamptz, text, uuid)', 'sheaf_app');
call pg_temp.leave_out_function('operator_set_lane(bytea, timestamptz, uuid, text, real, int, int)', 'sheaf_app');
call pg_temp.leave_out_policy('job_owner_select', 'job', 'sheaf_owner');
call pg_temp.leave_out_policy('job_lane_owner_select', 'job_lane', 'sheaf_owner');

-- The months of all tenants: added up by a schedule, which learns how many rows that made, and told to whoever shows the same.
call pg_temp.leave_out_function('sum_revenue(date)', 'sheaf_worker');
call pg_temp.leave_out_function('operator_revenue(bytea, timestamptz, date, date)', 'sheaf_app');
call pg_temp.leave_out_function('operator_revenue_of_tenants(bytea, timestamptz, date, text, bigint, uuid, int)', 'sheaf_app');
call pg_temp.leave_out_policy('revenue_tenant_owner_select', 'revenue_tenant', 'sheaf_owner');
-- What Stripe has told, for whoever shows the same. What the last has looked into again is about the tenant that is set.
call pg_temp.leave_out_function(
    'operator_stripe_events(bytea, timestamptz, text, text, uuid, timestamptz, text)', 'sheaf_app'
);
call pg_temp.leave_out_function('operator_stripe_event(bytea, timestamptz, text)', 'sheaf_app');
call pg_temp.leave_out_function('operator_reopen_stripe_event(bytea, timestamptz, text)', 'sheaf_app');

-- Requests that took long or failed: kept by a server, told to whoever shows the same, and deleted by a worker by their age.
call pg_temp.leave_out_function(
    'keep_request(uuid, timestamptz, text, text, smallint, int, uuid, uuid, jsonb, boolean, text)', 'sheaf_app'
);
call pg_temp.leave_out_function('operator_kept_requests(bytea, timestamptz, uuid, boolean, int, uuid)', 'sheaf_app');
call pg_temp.leave_out_function('operator_kept_request(bytea, timestamptz, uuid)', 'sheaf_app');
call pg_temp.leave_out_function(
    'keep_slow_request(uuid, timestamptz, text, text, smallint, int, uuid, uuid, jsonb)', 'sheaf_app'
);
call pg_temp.leave_out_function('operator_slow_requests(bytea, timestamptz, uuid)', 'sheaf_app');
call pg_temp.leave_out_function('operator_slow_request(bytea, timestamptz, uuid)', 'sheaf_app');
call pg_temp.leave_out_function('forget_slow_requests(timestamptz)', 'sheaf_worker');

-- What processes did in a minute: written by each, thinned out by a worker, told to whoever shows the same.
call pg_temp.leave_out_function_of_both('keep_health(uuid, timestamptz, jsonb)');
call pg_temp.leave_out_function('thin_health(timestamptz, timestamptz)', 'sheaf_worker');
call pg_temp.leave_out_function('operator_health(bytea, timestamptz, timestamptz, int)', 'sheaf_app');
call pg_temp.leave_out_function('operator_connections(bytea, timestamptz)', 'sheaf_app');
call pg_temp.leave_out_function('operator_storage(bytea, timestamptz)', 'sheaf_app');
call pg_temp.leave_out_policy('tenant_meter_owner_select', 'tenant_meter', 'sheaf_owner');

-- Incidents and switches: written for whoever shows the same.
call pg_temp.leave_out_function(
    'operator_open_incident(bytea, timestamptz, uuid, text, text, text[], uuid, text, text)', 'sheaf_app'
);
call pg_temp.leave_out_function('operator_tell_incident(bytea, timestamptz, uuid, uuid, text, text)', 'sheaf_app');
call pg_temp.leave_out_function('operator_set_switch(bytea, timestamptz, text, text, smallint)', 'sheaf_app');
call pg_temp.leave_out_function('operator_place_in_switch(bytea, timestamptz, text, text, uuid, text)', 'sheaf_app');
call pg_temp.leave_out_function('operator_switch_changes(bytea, timestamptz)', 'sheaf_app');
call pg_temp.leave_out_function('operator_tenant_names(bytea, timestamptz, uuid[])', 'sheaf_app');

-- Without these two policies the functions would see nothing. The first stays, as it is proven: by the account.
call pg_temp.must_be_for('sheaf_owner', 'membership_own', 'membership');
call pg_temp.leave_out_policy('tenant_all', 'tenant', 'sheaf_owner');

-- The view for searching has the powers of an owner who may read every page, and filters by itself. As nobody is this
-- owner but through the view, what the policy of the owner lets out is what the filter of the view lets out: it takes the
-- place of the policy, and must be proven like any other.
do $$
declare
    filter text := substring(pg_get_viewdef('searchable_page') from '\sWHERE (.*);$');
begin
    call pg_temp.must_be_for('sheaf_search', 'page_search', 'page');
    if filter is null then
        raise exception 'searchable_page does not filter';
    end if;
    execute format('alter policy page_search on page using (%s)', filter);
end $$;
