//! What the queries for what a filter finds are asked in `planning`: everything, filters that keep half and a hundredth, and the
//! last 30 days.

/// A part of a query, and parameters by number.
pub const COUNTS: &[(&str, &[(usize, &str)])] = &[
    (FOUND, &[EVER, AND_ON, LOOKED_AT]),
    (FOUND, &[EVER, AND_ON, LOOKED_AT, (2, "'pdf'")]),
    (FOUND, &[EVER, AND_ON, LOOKED_AT, (3, "'{waiting,reading}'")]),
    (FOUND, &[(4, "current_date - 30"), AND_ON, LOOKED_AT]),
    (THEIR_IDS, &[EVER, AND_ON, LOOKED_AT, AND_ONE]),
    (THEIR_IDS, &[EVER, AND_ON, LOOKED_AT, AND_ONE, (3, "'{waiting,reading}'")]),
];

/// What only the statement of the count has.
const FOUND: &str = "as \"looked_at!\"";

/// And the one that says which they are.
const THEIR_IDS: &str = "n.state = any ($3)) limit $7";

const EVER: (usize, &str) = (4, "'epoch'");
const AND_ON: (usize, &str) = (5, "'9999-12-31'");
const LOOKED_AT: (usize, &str) = (6, "10000");
const AND_ONE: (usize, &str) = (7, "1001");
