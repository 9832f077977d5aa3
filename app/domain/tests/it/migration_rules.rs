//! Forms of SQL that hold a lock on a large table for as long as it takes to read or write all of it, or that break servers of
//! the version before, which still run while the schema is changed.

/// What may only be done a version after the one that has stopped using it. A migration that says since when, does it.
const USED: &str = "servers of the version before use it";
const CONTRACTS: &str = "-- contracts:";

/// A migration is one transaction, and keeps the lock that adding the constraint took.
const CHECKED: &str = "a constraint is checked under the lock of whoever adds it";

/// The name of a rule, a statement that it refuses, and one that does the same gently.
pub const FORBIDDEN: &[(&str, &str, &str)] = &[
    (
        "an index without CONCURRENTLY",
        "create unique index document_name on document (name)",
        "-- no-transaction: built beside the others\ncreate unique index concurrently document_name on document (name)",
    ),
    (
        "an index is dropped without CONCURRENTLY",
        "drop index document_name",
        "-- no-transaction: dropped beside the others\ndrop index concurrently document_name",
    ),
    (
        "CONCURRENTLY in a transaction",
        "create index concurrently document_name on document (name); select 1",
        "-- no-transaction: built beside the others\ncreate index concurrently document_name on document (name)",
    ),
    (
        "SET NOT NULL reads the whole table",
        "alter table document alter column name set not null",
        "alter table document add constraint document_has_name check (name is not null) not valid",
    ),
    (
        "a column without a value for the rows that are there",
        "alter table document add column kind text not null",
        "alter table document add column kind text not null default 'file'",
    ),
    (
        "a default that is another one for each row writes the whole table",
        "alter table document add column seen_at timestamptz default clock_timestamp()",
        "alter table document add column seen_at timestamptz default now()",
    ),
    (
        "another type writes the whole table",
        "alter table document alter column name type varchar(200)",
        "alter table document add column short_name varchar(200)",
    ),
    (
        "a constraint without NOT VALID",
        "alter table document add constraint document_kind check (kind <> '')",
        "alter table document add constraint document_kind check (kind <> '') not valid",
    ),
    (
        CHECKED,
        "alter table document add constraint document_kind check (kind <> '') not valid; \
         alter table document validate constraint document_kind",
        "alter table document validate constraint document_kind",
    ),
    (
        "a constraint without NOT VALID",
        "alter table document add column folder_id uuid references folder (id)",
        "alter table document add column folder_id uuid",
    ),
    (
        USED,
        "alter table document drop column name",
        "comment on column document.name is 'goes with the version after the next'",
    ),
    (USED, "alter table document rename column name to title", "alter table document add column title text"),
    (USED, "drop table document", "-- contracts: nobody uses it since 20261124000100\ndrop table document"),
    (
        "every row in one transaction",
        "update document set kind = 'file'",
        "update document set kind = 'file' where id in (select id from document where kind is null limit 1000)",
    ),
    ("it locks the whole table", "lock table document", "select 1 from document limit 1"),
    ("it locks the whole table", "vacuum full document", "analyze document"),
];

/// What is wrong with the text of a migration, each with the statement that it is about.
pub fn findings(text: &str) -> Vec<String> {
    let is_outside = text.trim_start().starts_with("-- no-transaction");
    let contracts = text.contains(CONTRACTS);
    let text = without_bodies(&without_comments(&text.to_lowercase()));
    let statements: Vec<String> =
        text.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let made: Vec<&str> =
        statements.iter().filter_map(|one| after(one, &["create table if not exists ", "create table "])).collect();
    let adds_unchecked = statements.iter().any(|one| one.contains(" not valid"));
    let mut found = Vec::new();
    for statement in statements.iter().filter(|statement| !statement.is_empty()) {
        let is_alone = is_outside && statements.iter().filter(|one| !one.is_empty()).count() == 1;
        if let Some(rule) = broken_by(statement, &made, is_alone).filter(|rule| !(contracts && *rule == USED)) {
            found.push(format!("{rule}: {statement}"));
        }
        if adds_unchecked && statement.contains(" validate constraint ") {
            found.push(format!("{CHECKED}: {statement}"));
        }
    }
    found
}

fn broken_by(statement: &str, made: &[&str], is_alone: bool) -> Option<&'static str> {
    let has = |words: &str| statement.contains(words);
    let is_new = |table: Option<&str>| table.is_some_and(|table| made.contains(&table));
    if has(" concurrently ") {
        return (!is_alone).then_some("CONCURRENTLY in a transaction");
    }
    if statement.starts_with("create index ") || statement.starts_with("create unique index ") {
        let table = statement.split_once(" on ").and_then(|(_, rest)| after(rest, &["only ", ""]));
        return (!is_new(table)).then_some("an index without CONCURRENTLY");
    }
    if statement.starts_with("drop index ") {
        return Some("an index is dropped without CONCURRENTLY");
    }
    if statement.starts_with("drop table ") {
        return Some(USED);
    }
    if statement.starts_with("lock table ")
        || statement.starts_with("vacuum full ")
        || statement.starts_with("cluster ")
    {
        return Some("it locks the whole table");
    }
    if statement.starts_with("update ") && !has(" limit ") {
        return (!is_new(after(statement, &["update "]))).then_some("every row in one transaction");
    }
    let table = after(statement, &["alter table if exists ", "alter table only ", "alter table "])?;
    if made.contains(&table) { None } else { broken_by_alter(statement) }
}

fn broken_by_alter(statement: &str) -> Option<&'static str> {
    let has = |words: &str| statement.contains(words);
    if has(" rename ") || has(" drop column ") {
        return Some(USED);
    }
    if has(" set not null") {
        return Some("SET NOT NULL reads the whole table");
    }
    if has(" alter ") && has(" type ") {
        return Some("another type writes the whole table");
    }
    let adds_constraint =
        has(" add constraint ") || has(" add check ") || has(" add foreign key ") || has(" references ");
    if adds_constraint && !has(" not valid") && !has(" using index ") {
        return Some("a constraint without NOT VALID");
    }
    if has(" add column ") && has(" not null") && !has(" default") {
        return Some("a column without a value for the rows that are there");
    }
    let volatile = ["clock_timestamp()", "random()", "gen_random_uuid()", "nextval("];
    let is_volatile = has(" add column ") && volatile.iter().any(|call| has(&format!("default {call}")));
    is_volatile.then_some("a default that is another one for each row writes the whole table")
}

/// The name that stands behind the first of these beginnings that fits.
fn after<'a>(statement: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    let rest = beginnings.iter().find_map(|beginning| statement.strip_prefix(beginning))?;
    rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().filter(|name| !name.is_empty())
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    while let Some((before, rest)) = text.split_once("/*") {
        text = format!("{before} {}", rest.split_once("*/").map_or("", |(_, after)| after));
    }
    text
}

/// Without what stands in functions and texts: it is run when they are called, or never.
fn without_bodies(text: &str) -> String {
    let outside = text.split("$$").step_by(2).collect::<Vec<_>>().join(" ");
    outside.split('\'').step_by(2).collect::<Vec<_>>().join(" ")
}
