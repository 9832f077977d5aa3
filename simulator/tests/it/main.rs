//! The simulator, held against what Stripe documents. The amounts were worked out by hand.

mod simulated_doors;
mod simulated_months;
mod world;
