//! The simulator, held against what Stripe documents. The amounts were worked out by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod simulated_doors;
mod simulated_months;
mod world;
