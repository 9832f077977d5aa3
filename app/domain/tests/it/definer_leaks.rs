//! The functions that run as the owner of the tables and so see all rows: which those are, and that nobody learns more by one
//! than what is meant. One more way in which a database of many tenants leaks, tested as those of `leaks.rs` are.

use domain::db::setup::APP;

use crate::{leaks::DENIED, probe::Probe, world::World};

/// A function that runs as its owner sees what its owner sees.
#[tokio::test]
async fn the_functions_of_the_owner_answer_about_oneself() {
    let world = World::new().await;
    let definers = "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace order by 1";
    let mut probe = Probe::signed_in(&world, world.globex).await;
    let named = [
        "chain_audit_entry",
        "customers_after",
        "delete_tenant",
        "forget_slow_requests",
        "forget_stripe_events",
        "keep_health",
        "keep_request",
        "keep_slow_request",
        "memberships_of_current_account",
        "operator_connections",
        "operator_dead_letters",
        "operator_health",
        "operator_kept_request",
        "operator_kept_requests",
        "operator_kinds",
        "operator_lanes",
        "operator_open_incident",
        "operator_pause",
        "operator_pauses",
        "operator_place_in_switch",
        "operator_reopen_stripe_event",
        "operator_resume",
        "operator_revenue",
        "operator_revenue_of_tenants",
        "operator_set_lane",
        "operator_set_switch",
        "operator_slow_request",
        "operator_slow_requests",
        "operator_storage",
        "operator_stripe_event",
        "operator_stripe_events",
        "operator_switch_changes",
        "operator_tell_incident",
        "operator_tenant_names",
        "operator_tenants",
        "operator_workers",
        "paused_work",
        "served_kinds",
        "subscriptions_to_sync",
        "sum_revenue",
        "tenant_of_customer",
        "tenants_after",
        "tenants_to_delete",
        "tenants_to_tend",
        "thin_health",
        "work_is_paused",
        "workspaces_of_current_account",
    ];
    assert_eq!(probe.rows(definers).await, named);
    let for_workers = [
        "customers_after(gen_random_uuid())",
        "forget_slow_requests(now())",
        "forget_stripe_events(now())",
        "tenants_after(gen_random_uuid())",
        "paused_work()",
        "subscriptions_to_sync(now(), gen_random_uuid())",
        "tenants_to_delete(now())",
        "tenants_to_tend(now(), gen_random_uuid())",
        "sum_revenue(current_date)",
        "thin_health(now(), now())",
        "delete_tenant(gen_random_uuid(), now())",
    ];
    for function in for_workers {
        assert_eq!(probe.refusal(&format!("select {function}")).await, DENIED, "{function}");
    }
    let all = "select name from operator_session, operator_tenants(secret_hash, now(), null, null, null)";
    assert_eq!(probe.rows(all).await, [""; 0], "what is kept of an operator's secret opens nothing");
    let told =
        "select e.id from operator_session, operator_stripe_events(secret_hash, now(), null, null, null, null, null) e";
    assert_eq!(probe.rows(told).await, [""; 0]);
    for function in
        ["operator_health(secret_hash, now(), now() - interval '1 day', 60)", "operator_storage(secret_hash, now())"]
    {
        let told = format!("select name from operator_session, {function}");
        assert_eq!(probe.rows(&told).await, [""; 0], "{function}");
    }
    assert_eq!(probe.refusal("select name from health_figure").await, DENIED, "it is for operators");
    let slow = "select s.route from operator_session, operator_slow_requests(secret_hash, now(), null) s";
    assert_eq!(probe.rows(slow).await, [""; 0]);
    let kept =
        "select k.route from operator_session, operator_kept_requests(secret_hash, now(), null, false, 0, null) k";
    assert_eq!(probe.rows(kept).await, [""; 0]);
    assert_eq!(probe.refusal("select route from slow_request").await, DENIED);
    assert_eq!(probe.refusal("select body from stripe_event").await, DENIED, "it names people of all tenants");
    for helper in ["operator_of('', now())", "sees_queues('', now())"] {
        assert_eq!(probe.refusal(&format!("select {helper}")).await, DENIED, "{helper}");
    }
    let own = "select tenant_name from memberships_of_current_account()";
    assert_eq!(probe.rows(own).await, [""; 0], "nobody is signed in");
    let names = "select jsonb_path_query_array(workspaces_of_current_account(), '$[*].name')";
    assert_eq!(probe.one(names).await, "[]", "nobody is signed in");
    probe.rows(&format!("select set_config('app.account_id', '{}', true)", world.eve.account)).await;
    assert_eq!(probe.rows(own).await, ["Globex"]);
    assert_eq!(probe.one(names).await, r#"["Globex"]"#);
    drop(probe);

    let granted = "grant execute on function tenants_after(uuid) to sheaf_app";
    let all = "select tenants_after('00000000-0000-0000-0000-000000000000')";
    assert_eq!(Probe::after(&world, granted, APP, world.globex).await.rows(all).await.len(), 2);
}
