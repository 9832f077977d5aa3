//! What the checks of `catalogue.rs` find and is meant, in the very words of the finding, each with its reason.

/// Tables without a tenant, each with its reason.
pub const WITHOUT_TENANT: &[(&str, &str)] = &[
    ("_sqlx_migrations", "which migrations were applied"),
    ("account", "a person is known across tenants, and holds no tenant's data"),
    ("session", "belongs to an account; it names a tenant and holds nothing of it"),
    ("email_token", "belongs to an account"),
    ("operator", "who runs Sheaf has no tenant"),
    ("operator_session", "belongs to an operator"),
    ("operator_act", "what operators did, which outlives the tenants that it is about"),
    ("job_worker", "the processes that work, for all tenants alike"),
    ("job_tick", "schedules are Sheaf's own, and each tick of one is for all tenants together"),
    ("revenue_month", "sums over all tenants, for operators; no role but the schema's owner reaches it"),
    ("health_figure", "what processes did in a minute, for operators; no role but the schema's owner reaches it"),
    ("job_pause", "what operators hold up, a kind of all tenants among it; no role but the schema's owner reaches it"),
    ("probe_day", "what the probes found of the parts of Sheaf, for everybody to read"),
    ("probe_minute", "so is which minutes of the last days are counted in that"),
    ("probe_state", "so is how each was last"),
    ("incident", "what operators say of Sheaf itself, for everybody to read"),
    ("incident_update", "so is all that was said of one"),
    ("feature_switch", "features are Sheaf's own; it names workspaces by ids that operators chose"),
    (
        "slow_request",
        "requests that took long or failed, of all tenants and of none; no role but the schema's owner reaches it",
    ),
    ("stripe_event", "what Stripe sends is kept before it is known whom it is about, and where nobody is"),
];

/// Policies that are not "the rows of this tenant", each with its reason.
pub const MEANT_POLICIES: &[(&str, &str)] = &[
    (
        "policy job_worker_select of job for SELECT to sheaf_worker: using true",
        "a worker cannot know whose turn it is before it has looked at the jobs of all tenants",
    ),
    (
        "policy job_worker_update of job for UPDATE to sheaf_worker: using true, with check true",
        "a claim, a lease and an end are written before a tenant is known",
    ),
    (
        "policy job_worker_delete of job for DELETE to sheaf_worker: using true",
        "the sweeper of the queue deletes finished jobs of all tenants",
    ),
    (
        "policy job_lane_worker_select of job_lane for SELECT to sheaf_worker: using true",
        "whose turn it is is found among the lanes of all tenants",
    ),
    (
        "policy job_lane_worker_update of job_lane for UPDATE to sheaf_worker: using true, with check true",
        "a claim, and the end of an attempt, count in the lanes of several tenants at once",
    ),
    (
        "policy job_owner_select of job for SELECT to sheaf_owner: using true",
        "operator_kinds(), operator_lanes() and operator_dead_letters() look at the jobs of all tenants for an operator",
    ),
    (
        "policy revenue_tenant_owner_select of revenue_tenant for SELECT to sheaf_owner: using true",
        "sum_revenue() adds up the months of all tenants, and operator_revenue_of_tenants() shows them to an operator",
    ),
    (
        "policy tenant_meter_owner_select of tenant_meter for SELECT to sheaf_owner: using true",
        "operator_storage() shows an operator what the workspaces store",
    ),
    ("policy job_lane_owner_select of job_lane for SELECT to sheaf_owner: using true", "and at their lanes"),
    (
        "policy job_lane_owner_update of job_lane for UPDATE to sheaf_owner: \
         using (tenant_id = current_tenant()), with check (tenant_id = current_tenant())",
        "operator_set_lane() changes the limits of a lane of the tenant that is set",
    ),
    (
        "policy page_search of page for SELECT to sheaf_search: using true",
        "the owner of the one view, which filters by itself; nobody signs in as it",
    ),
    (
        "policy subscription_owner_select of subscription for SELECT to sheaf_owner: using true",
        "tenant_of_customer() looks for the one that has the customer of whom Stripe speaks",
    ),
    (
        "policy membership_own of membership for SELECT to sheaf_owner: \
         using (account_id = current_account())",
        "memberships_of_current_account() and workspaces_of_current_account() ask it before a tenant is known",
    ),
    (
        "policy tenant_all of tenant for SELECT to sheaf_owner: using true",
        "tenants_after() and paused_work() list tenants, and memberships_of_current_account(), \
         workspaces_of_current_account(), operator_tenants() and those that tell operators of the queues their names",
    ),
    (
        "policy audit_head_owner_select of audit_head for SELECT to sheaf_owner: using (tenant_id = current_tenant())",
        "chain_audit_entry() asks for the end of the chain",
    ),
    (
        "policy audit_head_owner_insert of audit_head for INSERT to sheaf_owner: with check (tenant_id = current_tenant())",
        "chain_audit_entry() begins a chain",
    ),
    (
        "policy audit_head_owner_update of audit_head for UPDATE to sheaf_owner: \
         using (tenant_id = current_tenant()), with check (tenant_id = current_tenant())",
        "chain_audit_entry() moves the end of the chain",
    ),
    (
        "policy tenant_delete of tenant for DELETE to sheaf_owner: using (delete_after IS NOT NULL)",
        "delete_tenant() deletes a tenant whose people have asked for it, and whatever names it",
    ),
];

/// What is written without being asked for, each with its reason.
pub const MEANT_TABLES: &[(&str, &str)] = &[
    (
        "audit_entry: trigger chain writes what nobody asked for",
        "it numbers and links the entries of the tenant that is set, so that no writer leaves the chain",
    ),
    (
        "tenant: trigger tenant_begins_billing writes what nobody asked for",
        "it begins the trial and the meter of each new tenant, with the power of whoever makes it",
    ),
];

/// Policies that ask more than the tenant, each with its reason.
pub const MEANT_NARROWER: &[(&str, &str)] = &[
    (
        "policy document_select of document for SELECT to sheaf_app, sheaf_worker: \
         using ((tenant_id = current_tenant()) AND ((visibility = 'workspace'::text) OR (uploaded_by = \
         ( SELECT current_account() AS current_account)) OR ( SELECT sees_private(document.id, \
         document.uploaded_by) AS sees_private)))",
        "a private document is seen by whoever uploaded it and by its readers",
    ),
    (
        "policy document_update of document for UPDATE to sheaf_app, sheaf_worker: \
         using ((tenant_id = current_tenant()) AND ((visibility = 'workspace'::text) OR (uploaded_by = \
         ( SELECT current_account() AS current_account)) OR ( SELECT sees_private(document.id, \
         document.uploaded_by) AS sees_private))), with check (tenant_id = \
         current_tenant())",
        "and changed by nobody else",
    ),
    (
        "policy document_delete of document for DELETE to sheaf_app, sheaf_worker: \
         using ((tenant_id = current_tenant()) AND ((visibility = 'workspace'::text) OR (uploaded_by = \
         ( SELECT current_account() AS current_account)) OR ( SELECT sees_private(document.id, \
         document.uploaded_by) AS sees_private)))",
        "nor deleted",
    ),
    (
        "policy page_select of page for SELECT to sheaf_app: \
         using ((tenant_id = current_tenant()) AND ( SELECT true FROM document d \
         WHERE ((d.tenant_id = page.tenant_id) AND (d.id = page.document_id))))",
        "a page is seen with its document",
    ),
    (
        "policy page_select_by_worker of page for SELECT to sheaf_worker: \
         using ((tenant_id = current_tenant()) AND ((COALESCE(( SELECT \
         current_setting('app.account_id'::text, true) AS current_setting), ''::text) = ''::text) OR \
         ( SELECT true FROM document d WHERE ((d.tenant_id = page.tenant_id) AND (d.id = page.document_id)))))",
        "and by a worker that acts for nobody",
    ),
    (
        "policy page_delete of page for DELETE to sheaf_app, sheaf_worker: \
         using ((tenant_id = current_tenant()) AND (((CURRENT_USER = 'sheaf_worker'::name) AND (COALESCE(( SELECT \
         current_setting('app.account_id'::text, true) AS current_setting), ''::text) = ''::text)) OR \
         sees_document(document_id)))",
        "and forgotten with it",
    ),
    (
        "policy document_reader_select of document_reader for SELECT to sheaf_app, sheaf_worker: \
         using ((tenant_id = current_tenant()) AND ((account_id = ( SELECT current_account() AS current_account)) \
         OR sees_document(document_id)))",
        "who reads a document is known to whoever sees it",
    ),
    (
        "policy document_reader_insert of document_reader for INSERT to sheaf_app, sheaf_worker: \
         with check ((tenant_id = current_tenant()) AND sees_document(document_id))",
        "nobody shares with themselves what they do not see",
    ),
    (
        "policy document_reader_delete of document_reader for DELETE to sheaf_app: \
         using ((tenant_id = current_tenant()) AND sees_document(document_id))",
        "nor takes it from others",
    ),
    (
        "policy report_select of report for SELECT to sheaf_app, sheaf_worker: \
         using ((tenant_id = current_tenant()) AND ((visibility = 'workspace'::text) OR ( SELECT \
         sees_private(NULL::uuid, report.made_by) AS sees_private)))",
        "a report that holds a private document is seen by whoever asked for it",
    ),
    (
        "policy report_update of report for UPDATE to sheaf_app, sheaf_worker: \
         using ((tenant_id = current_tenant()) AND ((visibility = 'workspace'::text) OR ( SELECT \
         sees_private(NULL::uuid, report.made_by) AS sees_private))), with check (tenant_id = current_tenant())",
        "and changed by nobody else",
    ),
    (
        "policy report_delete of report for DELETE to sheaf_app: \
         using ((tenant_id = current_tenant()) AND ((visibility = 'workspace'::text) OR ( SELECT \
         sees_private(NULL::uuid, report.made_by) AS sees_private)))",
        "nor deleted",
    ),
];

/// What may be done to tables that no policy guards, each with its reason.
pub const MEANT_GRANTS: &[(&str, &str)] = &[
    ("_sqlx_migrations: sheaf_app may SELECT, and no policy guards it", "the server tells that a database is behind"),
    ("_sqlx_migrations: sheaf_worker may SELECT, and no policy guards it", "so does a worker"),
    ("account: sheaf_app may INSERT, SELECT, UPDATE, and no policy guards it", "people sign up and in"),
    ("account: sheaf_worker may SELECT (email, id, name), and no policy guards it", "mails and reports name people"),
    ("email_token: sheaf_app may INSERT, SELECT, UPDATE, and no policy guards it", "they come before any tenant"),
    ("email_token: sheaf_worker may DELETE, SELECT, and no policy guards it", "housekeeping"),
    (
        "feature_switch: sheaf_app may SELECT (allowed, changed_at, denied, key, percent, state), and no policy guards it",
        "whether a workspace has a feature is asked again and again",
    ),
    (
        "feature_switch: sheaf_worker may SELECT (allowed, changed_at, denied, key, percent, state), and no policy guards it",
        "jobs ask too",
    ),
    ("incident: sheaf_app may SELECT, and no policy guards it", "the status page is public"),
    (
        "incident_update: sheaf_app may SELECT (id, incident_id, posted_at, state, words), and no policy guards it",
        "all of it is public but who said it",
    ),
    (
        "job_tick: sheaf_worker may DELETE, INSERT, SELECT, UPDATE (done_at), and no policy guards it",
        "whoever inserts a tick does what is due, and sweeps old ones",
    ),
    (
        "job_worker: sheaf_worker may DELETE, INSERT, SELECT, UPDATE (seen_at), and no policy guards it",
        "a process says that it works, and sweeps those that are silent",
    ),
    (
        "operator: sheaf_app may SELECT, UPDATE (totp_last_step), and no policy guards it",
        "operators sign in, which uses up a code",
    ),
    ("operator_act: sheaf_app may INSERT, and no policy guards it", "what operators do is recorded"),
    (
        "operator_session: sheaf_app may INSERT, SELECT, UPDATE (last_seen_at, revoked_at), and no policy guards it",
        "operators sign in and out",
    ),
    ("probe_day: sheaf_app may SELECT, and no policy guards it", "the status page is public"),
    (
        "probe_day: sheaf_worker may DELETE, INSERT, SELECT, UPDATE (downs, slows, ups), and no policy guards it",
        "whoever tries the parts counts, and forgets old days",
    ),
    (
        "probe_minute: sheaf_worker may DELETE, INSERT, SELECT, UPDATE (state, was), and no policy guards it",
        "whoever tries the parts counts each minute once, and forgets old ones",
    ),
    ("probe_state: sheaf_app may SELECT, and no policy guards it", "the status page is public"),
    (
        "probe_state: sheaf_worker may INSERT, SELECT, UPDATE (seen_at, since, state), and no policy guards it",
        "whoever tries the parts says how they are",
    ),
    ("session: sheaf_app may INSERT, SELECT, UPDATE, and no policy guards it", "it is found before its tenant is"),
    ("session: sheaf_worker may DELETE, SELECT, and no policy guards it", "housekeeping"),
    (
        "stripe_event: sheaf_app may INSERT, SELECT (api_version, created_at, customer, handled_at, id, note, received_at, state, \
         tenant_id, type), UPDATE (handled_at, note, state, tenant_id), and no policy guards it",
        "what Stripe sends is kept before it is known whom it is about; what it says of people is shown to operators alone",
    ),
    (
        "stripe_event: sheaf_worker may INSERT, SELECT, UPDATE (handled_at, note, state, tenant_id), and no policy guards it",
        "what was done about it is written down",
    ),
];

/// Functions that see what their caller does not, each with its reason.
pub const MEANT_FUNCTIONS: &[(&str, &str)] = &[
    (
        "function customers_after(uuid): runs as its owner for sheaf_worker",
        "whose use Stripe is told is found among all tenants; it tells ids alone",
    ),
    (
        "function delete_tenant(uuid,timestamp with time zone): runs as its owner for sheaf_worker",
        "nobody may delete a line of an audit log, but it goes with its tenant, when the grace of that is over",
    ),
    (
        "function forget_stripe_events(timestamp with time zone): runs as its owner for sheaf_worker",
        "what Stripe sent long ago, whomever it was about, is deleted by nobody but it; it tells how many those were",
    ),
    (
        "function forget_slow_requests(timestamp with time zone): runs as its owner for sheaf_worker",
        "requests that took long, whoever's, are deleted by nobody but it; it tells how many those were",
    ),
    (
        "function keep_health(uuid,timestamp with time zone,jsonb): runs as its owner for sheaf_app, sheaf_worker",
        "every process writes what it has done in a minute; it tells nothing",
    ),
    (
        "function keep_request(uuid,timestamp with time zone,text,text,smallint,integer,uuid,uuid,jsonb,boolean,text): \
         runs as its owner for sheaf_app",
        "a server keeps what took it long or failed, and reads none of it",
    ),
    (
        "function keep_slow_request(uuid,timestamp with time zone,text,text,smallint,integer,uuid,uuid,jsonb): \
         runs as its owner for sheaf_app",
        "a server keeps what took it long, and reads none of it",
    ),
    (
        "function memberships_of_current_account(): runs as its owner for sheaf_app",
        "who signs in chooses a tenant before one is set; it filters by the account",
    ),
    (
        "function operator_connections(bytea,timestamp with time zone): runs as its owner for sheaf_app",
        "operators see how many are connected; it asks for the secret of an operator's session",
    ),
    (
        "function operator_dead_letters(bytea,timestamp with time zone,text,uuid,boolean,integer): runs as its owner for sheaf_app",
        "operators see what failed for good, and not what it was to do; it asks for the secret of an operator's session",
    ),
    (
        "function operator_health(bytea,timestamp with time zone,timestamp with time zone,integer): runs as its owner for sheaf_app",
        "operators see what all processes did; it asks for the secret of an operator's session",
    ),
    (
        "function operator_kept_request(bytea,timestamp with time zone,uuid): runs as its owner for sheaf_app",
        "operators see what a request waited for and why it failed; it asks for the secret of an operator's session",
    ),
    (
        "function operator_kept_requests(bytea,timestamp with time zone,uuid,boolean,integer,uuid): \
         runs as its owner for sheaf_app",
        "operators see which requests took long or failed; it asks for the secret of an operator's session",
    ),
    (
        "function operator_kinds(bytea,timestamp with time zone): runs as its owner for sheaf_app",
        "operators see how much work there is of each kind; it asks for the secret of an operator's session",
    ),
    (
        "function operator_lanes(bytea,timestamp with time zone,text,uuid,boolean): runs as its owner for sheaf_app",
        "operators see whose work waits; it asks for the secret of an operator's session",
    ),
    (
        "function operator_open_incident(bytea,timestamp with time zone,uuid,text,text,text[],uuid,text,text): runs as its owner for sheaf_app",
        "operators tell the public what is wrong; it asks for the secret of an operator's session",
    ),
    (
        "function operator_place_in_switch(bytea,timestamp with time zone,text,text,uuid,text): runs as its owner for sheaf_app",
        "operators switch a feature for a workspace; it asks for the secret of an operator's session",
    ),
    (
        "function operator_set_switch(bytea,timestamp with time zone,text,text,smallint): runs as its owner for sheaf_app",
        "operators switch a feature; it asks for the secret of an operator's session",
    ),
    (
        "function operator_switch_changes(bytea,timestamp with time zone): runs as its owner for sheaf_app",
        "operators see who switched what; it asks for the secret of an operator's session",
    ),
    (
        "function operator_tell_incident(bytea,timestamp with time zone,uuid,uuid,text,text): runs as its owner for sheaf_app",
        "operators tell the public more; it asks for the secret of an operator's session",
    ),
    (
        "function operator_tenant_names(bytea,timestamp with time zone,uuid[]): runs as its owner for sheaf_app",
        "operators see whom a switch names; it asks for the secret of an operator's session",
    ),
    (
        "function operator_pause(bytea,timestamp with time zone,uuid,text,uuid,text): runs as its owner for sheaf_app",
        "operators hold work up; it asks for the secret of an operator's session",
    ),
    (
        "function operator_pauses(bytea,timestamp with time zone,uuid): runs as its owner for sheaf_app",
        "operators see what is held up; it asks for the secret of an operator's session",
    ),
    (
        "function operator_reopen_stripe_event(bytea,timestamp with time zone,text): runs as its owner for sheaf_app",
        "operators have something that Stripe has told looked into again, in the tenant that is set; it asks for the secret of an \
         operator's session",
    ),
    (
        "function operator_resume(bytea,timestamp with time zone,text,uuid): runs as its owner for sheaf_app",
        "operators let it go on; it asks for the secret of an operator's session",
    ),
    (
        "function operator_revenue(bytea,timestamp with time zone,date,date): runs as its owner for sheaf_app",
        "operators see what is earned, in sums; it asks for the secret of an operator's session",
    ),
    (
        "function operator_revenue_of_tenants(bytea,timestamp with time zone,date,text,bigint,uuid,integer): \
         runs as its owner for sheaf_app",
        "operators see what each workspace used and paid; it asks for the secret of an operator's session",
    ),
    (
        "function operator_set_lane(bytea,timestamp with time zone,uuid,text,real,integer,integer): runs as its owner for sheaf_app",
        "operators change the limits of a lane, in the tenant that is set; it asks for the secret of an operator's session",
    ),
    (
        "function operator_slow_request(bytea,timestamp with time zone,uuid): runs as its owner for sheaf_app",
        "operators see what a request waited for; it asks for the secret of an operator's session",
    ),
    (
        "function operator_slow_requests(bytea,timestamp with time zone,uuid): runs as its owner for sheaf_app",
        "operators see which requests took long; it asks for the secret of an operator's session",
    ),
    (
        "function operator_storage(bytea,timestamp with time zone): runs as its owner for sheaf_app",
        "operators see which workspaces store most; it asks for the secret of an operator's session",
    ),
    (
        "function operator_stripe_event(bytea,timestamp with time zone,text): runs as its owner for sheaf_app",
        "operators see what Stripe has said; it asks for the secret of an operator's session",
    ),
    (
        "function operator_stripe_events(bytea,timestamp with time zone,text,text,uuid,timestamp with time zone,text): runs as its owner for sheaf_app",
        "operators see what Stripe has told; it asks for the secret of an operator's session",
    ),
    (
        "function operator_tenants(bytea,timestamp with time zone,text,uuid,uuid): runs as its owner for sheaf_app",
        "operators see which workspaces there are; it asks for the secret of an operator's session",
    ),
    (
        "function operator_workers(bytea,timestamp with time zone): runs as its owner for sheaf_app",
        "operators see which processes work; it asks for the secret of an operator's session",
    ),
    (
        "function paused_work(): runs as its owner for sheaf_worker",
        "a worker begins none of it; it tells kinds and the ids of tenants alone",
    ),
    (
        "function served_kinds(): runs as its owner for sheaf_app, sheaf_worker",
        "people are told that nobody does their kind of work; it tells kinds alone, and nothing of the processes",
    ),
    (
        "function sum_revenue(date): runs as its owner for sheaf_worker",
        "a schedule adds up the figures of all tenants; it tells how many rows that made",
    ),
    (
        "function subscriptions_to_sync(timestamp with time zone,uuid): runs as its owner for sheaf_worker",
        "customers of whom nothing was heard for long are asked for at Stripe; it tells ids alone",
    ),
    (
        "function thin_health(timestamp with time zone,timestamp with time zone): runs as its owner for sheaf_worker",
        "a schedule makes minutes to hours and forgets old ones; it tells how many those were",
    ),
    (
        "function tenant_of_customer(text): runs as its owner for sheaf_app, sheaf_worker",
        "whoever hears from Stripe finds whom it is about before a tenant is set; it tells one id, to whoever knows the customer's",
    ),
    (
        "function tenants_after(uuid): runs as its owner for sheaf_worker",
        "housekeeping visits every tenant in turn; it tells ids alone",
    ),
    (
        "function tenants_to_tend(timestamp with time zone,uuid): runs as its owner for sheaf_worker",
        "housekeeping looks for those whose payment is missing, and whose trial ends or is over; it tells ids alone",
    ),
    (
        "function tenants_to_delete(timestamp with time zone): runs as its owner for sheaf_worker",
        "housekeeping looks for those whose grace is over; it tells ids alone",
    ),
    (
        "function work_is_paused(text): runs as its owner for sheaf_app",
        "people are told why their work waits; it answers about the tenant that is set and about kinds, and tells no reason",
    ),
    (
        "function workspaces_of_current_account(): runs as its owner for sheaf_app",
        "the frame of a page names the other tenants of who is signed in; it filters by the account",
    ),
    (
        "function chain_audit_entry(): runs as its owner for ",
        "a trigger, for nobody to call; the policies bind its owner",
    ),
];

/// Keys that do not begin with the tenant, each with its reason.
pub const MEANT_KEYS: &[(&str, &str)] = &[
    (
        "tenant: tenant_slug_key does not begin with the tenant",
        "the address of a workspace is its alone among all, and public: that one is taken tells no more than the address does",
    ),
    (
        "meter_event: meter_event_identifier_key does not begin with the tenant",
        "by it Stripe counts once what it is told twice, whoever tells it; it begins with the tenant itself",
    ),
    (
        "subscription: subscription_stripe_customer_key does not begin with the tenant",
        "what Stripe says of a customer is said of one tenant; its ids are its own, and nobody can guess them",
    ),
    (
        "subscription: subscription_stripe_subscription_key does not begin with the tenant",
        "nor does a subscription of Stripe's pay for two",
    ),
    (
        "stripe_event: FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id) ON DELETE CASCADE points into a tenant from outside",
        "what Stripe has sent about a tenant goes with it",
    ),
    (
        "slow_request: FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id) ON DELETE CASCADE points into a tenant from outside",
        "what took a member of a tenant long goes with it",
    ),
    (
        "job_pause: FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id) ON DELETE CASCADE points into a tenant from outside",
        "an operator holds a tenant up, and that ends with the tenant; whoever asks for it shows an operator's secret",
    ),
];

/// Views that see past the policies, each with its reason.
pub const MEANT_VIEWS: &[(&str, &str)] = &[(
    "view searchable_page: sees what its owner sees",
    "under a policy the planner may not use a text index; it ends in its own filter by tenant, which is checked too",
)];

/// What roles own and are members of, each with its reason.
pub const MEANT_ROLES: &[(&str, &str)] = &[
    ("sheaf_owner is a member of sheaf_search", "to hand the one view over; only the command line signs in as it"),
    ("sheaf_search owns view searchable_page", "for its owner every row is visible, which the one index needs"),
];
