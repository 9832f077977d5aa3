//! The domain on a real Postgres. `make test` starts one and names it in SHEAF_TEST_DATABASE_URL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod activity;
mod audit;
mod behaviour;
mod catalogue;
mod chaos;
mod deletion;
mod documents;
mod entitlements;
mod exports;
mod figures;
mod leaks;
mod ledger;
mod meant;
mod members;
mod mutation;
mod operators;
mod planning;
mod private;
mod probe;
mod queue;
mod queue_bad_input;
mod queue_lanes;
mod queue_model;
mod queue_once;
mod queues_of_operators;
mod revenue;
mod roll_up;
mod schedule;
mod search;
mod search_attacks;
mod settings;
mod setup;
mod stripe_inbox;
mod system_acts;
mod tenancy;
mod verbs;
mod workshop;
mod world;
