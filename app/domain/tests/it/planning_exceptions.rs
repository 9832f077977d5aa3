//! The queries of which `planning` asks less, each with its reason.

/// Queries that are not explained, by a part that only they have, and why.
pub const ACROSS_TENANTS: &[(&str, &str)] = &[
    ("with recursive wanted as", "a worker claims the next jobs of all tenants, whose turn it is"),
    ("with told as materialized", "a worker writes down what became of attempts, of whatever tenants, by their keys"),
    ("with expired as", "a worker frees the jobs that nobody does any more, of whatever tenants"),
    ("delete from job", "finished jobs are swept by their age, of whatever tenants"),
    (
        "(select coalesce(sum(bytes), 0)::int8 from document",
        "a command holds the meter against all that a workspace has",
    ),
    ("insert into operator (", "operators have no tenant, and the owner of the schema alone adds one"),
    (
        "as \"stuck!\"",
        "a probe asks once a minute whether the work of a kind goes on, of all tenants; it looks at a part of it",
    ),
    (
        "with recursive found as",
        "what nobody does is counted by kind, of all tenants; it leaps from kind to kind and looks at a part of each",
    ),
    ("as \"unfairness!\"", "how evenly tenants are served is asked of the lanes of all; it looks at 1,000 of them"),
    ("keep_request(", "a function that keeps one row, of whatever tenant, and finds the oldest by its index"),
    ("update operator set", "operators have no tenant, and most of their columns are for the owner of the schema"),
];

/// Queries whose estimates are not looked at, by a part that only they have, and why.
pub const GUESSED: &[(&str, &str)] = &[
    ("as wanted (document_id, number)", "nothing is known of pairs in arrays; each is one probe of the primary key"),
    ("with recursive person", "nobody knows beforehand how often it goes on; each time is one probe of an index"),
    ("with recursive month", "nobody knows beforehand how often it goes on; each time is one probe of an index"),
    ("role = 'owner'", "owners are few in every workspace, and the index holds them alone"),
    (
        "with left_behind as materialized",
        "what was picked by its key is looked at by its key once more, each time one row",
    ),
    ("as p (archived, email)", "nothing is known of the addresses in an archive"),
    ("state = 'held' and trashed_at is null ) as", "whether there is one is asked of an index that holds those alone"),
    (
        "from ledger_entry where tenant_id = $1 and at >= $2",
        "nothing is known of a tenant and a time together; it is one range",
    ),
];
