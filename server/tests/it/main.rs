//! The whole program, as a client meets it: processes of `sheaf` on a database of their own, spoken to by HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod activity;
mod api_keys;
mod audited;
mod billing;
mod caches;
mod client;
mod configuration;
mod corpus;
mod crash_matrix;
mod cross_site;
#[expect(dead_code, reason = "it is the domain's, whose tests leave more to chance")]
#[path = "../../../app/domain/tests/it/chaos/dice.rs"]
mod dice;
mod exports;
mod eyes;
mod failed_requests;
mod faults;
mod faulty_store;
#[path = "../../../app/domain/tests/it/figures.rs"]
mod figures;
mod file_links;
mod health;
mod hostile;
mod http_sink;
mod keys;
mod limits;
mod log_scanner;
mod logs;
mod mail;
mod members;
mod metrics;
mod navigation;
mod nginx;
mod observability;
mod operators;
mod parts;
mod private;
mod public_pages;
mod ranges;
mod read_again;
mod replay;
mod replicas;
mod reports;
mod roles;
mod rolling;
mod routes;
mod runbook;
mod scan_logs;
mod sessions;
mod shared_pages;
mod site_files;
mod smtp_sink;
mod status;
mod store;
mod story;
mod stripe_webhook;
mod switched_off;
mod test_app;
mod typed_again;
mod uploads;
mod varnish;
#[expect(dead_code, reason = "it is the domain's, whose tests lead a way elsewhere")]
#[path = "../../../app/domain/tests/it/way.rs"]
mod way;
mod workspace;
