//! A transaction without a tenant is for a few acts. Whoever adds one adds it here, with the reason.

use crate::probe::sources;

/// The files that open one, and why each may.
const ALLOWED: &[(&str, &str)] = &[
    ("accounts/home.rs", "which tenant an account was in first is asked before one is set"),
    ("accounts/recovery.rs", "a forgotten password comes before any tenant"),
    ("accounts/sessions.rs", "a session is found before its tenant is"),
    ("accounts/sign_in.rs", "an address is looked up before any tenant is known"),
    ("accounts/sign_up.rs", "an address is looked up before its tenant is made"),
    ("accounts/workspaces.rs", "a person goes from one of their tenants to another"),
    ("billing/dunning.rs", "housekeeping lists the tenants that time alone may have changed, to visit each on its own"),
    ("billing/roll_up.rs", "whose use Stripe is told is found among all tenants, to visit each on its own"),
    ("billing/stripe/forget.rs", "what Stripe sent long ago is forgotten, whomever it was about"),
    ("billing/stripe/inbox.rs", "an event of Stripe is kept before anybody knows whom it is about"),
    ("billing/stripe/jobs.rs", "customers of whom nothing was heard are found across tenants"),
    ("db/checks.rs", "the doctor asks about the database, and about no tenant"),
    ("db/setup.rs", "the list of the migrations is no tenant's"),
    ("exports/found.rs", "an owner is looked up by address before the workspace for an import is made"),
    ("features/enabled.rs", "the switches of the product are no tenant's"),
    ("health/door.rs", "operators see how Sheaf does, against the secret of their session"),
    ("health/keep.rs", "what a process has done in a minute is no tenant's"),
    ("mail/mod.rs", "the mailbox page of a developer looks for an address across tenants"),
    ("operators/door.rs", "operators see which workspaces there are, against the secret of their session"),
    ("operators/incidents.rs", "incidents are Sheaf's own, and public"),
    ("operators/people.rs", "operators have no tenant"),
    ("operators/queue_acts.rs", "a kind of work is held up in all tenants, and dead letters are found across them"),
    ("operators/queues.rs", "operators see the queues of all tenants, against the secret of their session"),
    ("operators/reseal.rs", "the secrets of operators have no tenant"),
    ("operators/sessions.rs", "operators have no tenant"),
    ("operators/slow.rs", "operators see requests of all tenants and of none, against the secret of their session"),
    ("operators/stripe.rs", "operators see what Stripe has told of all tenants, against the secret of their session"),
    ("operators/switches.rs", "the switches of the product are no tenant's"),
    ("public_pages.rs", "what every visitor sees is announced to be rendered anew, in no tenant's name"),
    ("revenue/count.rs", "the months of all tenants are added up"),
    ("revenue/door.rs", "operators see what is earned, against the secret of their session"),
    ("status/known.rs", "how Sheaf is concerns no tenant"),
    ("status/probes.rs", "the parts are tried for all tenants together"),
    ("status/watch.rs", "so they are while the database is away, which is written down later"),
    ("tenants/deletion.rs", "a workspace that was to be deleted is no tenant any more when its rows go"),
    ("tenants/mod.rs", "housekeeping lists the tenants, to visit each on its own"),
];

#[test]
fn only_these_files_open_a_transaction_without_a_tenant() {
    let opens = |text: &str| {
        ["db.system()", "db.account(", "db.patient()", "db.read_system("].iter().any(|door| text.contains(door))
    };
    let mut found: Vec<_> = files().into_iter().filter(|(_, text)| opens(text)).map(|(path, _)| path).collect();
    found.sort();
    let allowed: Vec<_> = ALLOWED.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(found, allowed);
}

#[test]
fn only_the_queue_knows_apalis_and_only_the_cache_knows_redis() {
    for (path, text) in files() {
        assert!(path.starts_with("queue/") || !text.contains("apalis::"), "{path} knows apalis");
        assert!(path.starts_with("cache/") || !text.contains("redis::"), "{path} knows redis");
        let is_store = path.contains("store") || path.starts_with("db/") || path.starts_with("queue/");
        let has_own_sql = path == "live.rs";
        assert!(is_store || has_own_sql || !text.contains("sqlx::query"), "{path} has SQL outside of a store");
    }
}

#[test]
fn whatever_is_kept_has_a_line_that_says_what_invalidates_it() {
    let outside = ["app/src", "server/src", "frontend/src"].into_iter().flat_map(sources);
    for (path, text) in outside.chain(sources("app/domain/src")) {
        assert!(path.starts_with("app/domain/src/cache/") || !text.contains("redis::"), "{path} goes around the cache");
        for (before, _) in text.match_indices(": Kept<").map(|(at, _)| text.split_at(at)) {
            let comment: Vec<_> =
                before.lines().rev().skip(1).take_while(|line| line.trim().starts_with("///")).collect();
            let says = comment.iter().any(|line| line.contains("Invalidated by: "));
            assert!(
                says || path.starts_with("app/domain/src/cache/"),
                "{path} keeps something, and says not until when"
            );
        }
    }
}

/// The source files of the domain, by their paths in it, with their text.
fn files() -> Vec<(String, String)> {
    let inside = |path: String| path.strip_prefix("app/domain/src/").unwrap_or(&path).to_owned();
    sources("app/domain/src").into_iter().map(|(path, text)| (inside(path), text)).collect()
}
