//! What Sheaf does, without knowing how it is shown or reached: no Leptos, no axum, no HTTP request.
//!
//! Without features this crate is types and rules and compiles to WASM, so that a page and the server share them. The
//! feature `server` adds the stores, the verbs and the jobs.
//!
//! From the ground up: `id`, `error`, `roles`, `actor`, `clock`, `progress`, `begun`, `metrics`, `trace` know nobody;
//! `db`, `cache`, `files`, `queue`, `live` know those; `audit`, `mail`, `insights` may be told something by every feature and
//! ask nobody back; then `accounts`, `tenants`, `api_keys` and `members`, `documents`, `search`, then `reports`, then `exports`,
//! and on top `activity`, which shows the work of all of them.
//! `features` are switched for any of them; `status` tells the public how all of it is, and `health` sums it up for operators.
//! `operators` look after tenants from outside, and `revenue` tells them what Sheaf earns.

pub mod accounts;
pub mod activity;
pub mod actor;
pub mod api_keys;
pub mod audit;
pub mod begun;
pub mod billing;
pub mod documents;
pub mod error;
pub mod exports;
pub mod features;
pub mod health;
pub mod id;
pub mod mail;
pub mod members;
pub mod operators;
pub mod progress;
pub mod reports;
pub mod revenue;
pub mod roles;
pub mod search;
pub mod status;
pub mod tenants;

#[cfg(feature = "server")]
pub mod cache;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod db;
#[cfg(feature = "server")]
pub mod files;
#[cfg(feature = "server")]
pub mod insights;
#[cfg(feature = "server")]
pub mod live;
#[cfg(feature = "server")]
pub mod metrics;
#[cfg(feature = "server")]
pub mod public_pages;
#[cfg(feature = "server")]
pub mod queue;
#[cfg(feature = "server")]
pub mod services;
#[cfg(feature = "server")]
pub mod trace;

pub use error::{Error, ErrorKind, LimitReached, Result};
#[cfg(feature = "server")]
pub use services::Services;
