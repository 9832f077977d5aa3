//! Eve attacks the view that sees every row, `searchable_page`, past the product and through it.
//!
//! `@@` is not leakproof, so under a policy an index of text cannot be used; the view reads under the policy of another
//! role, which is always true, and filters by the tenant itself. What keeps the filter before everything that Eve may
//! put into a WHERE clause is that a policy applies at all: then Postgres runs what is leakproof, the comparison of the
//! tenant, first, and shows the statistics to no operator that is not leakproof. A security barrier would do the same
//! and keep the text out of the index, which is what the view is for.
//!
//! Two things stay, and only for whoever may send any statement, who may as well set another tenant: EXPLAIN counts the
//! rows that a filter left out, and estimates how frequent a word is among all tenants. And one stays through the
//! product: the index is one for all tenants, so a search for a beginning (`a*`) takes longer the more words of anybody
//! begin so: 6 ms for 60 000 of them, nothing that could be measured for one. It tells no row and no document.
//! `a_whole_word_costs_the_same_whoever_has_it` bounds what a whole word takes.
//!
//! The view knows nothing of private documents: it is asked in one statement alone, which goes on with the documents that
//! whoever searches may see, and counts and ranks no others (`private.rs`). What another member may learn is how long it
//! takes to find and leave out their pages, some tens of microseconds each.

use domain::{
    ErrorKind,
    db::setup::APP,
    documents,
    search::{self, SearchResults},
};
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    leaks::TEMPORARY,
    probe::{EVES, Probe, SECRET, sources, two_documents},
    world::World,
};

/// Conditions that Eve's own page meets, and that would fail, sleep, leave a trace or count on Ada's. Each sees the
/// text by something that is not leakproof.
const CONDITIONS: [&str; 18] = [
    "text !~ 'unmistakable' or 1 / (number - number) > 0",
    "1 / (case when text like '%unmistakable%' then 0 else 1 end) > 0",
    "text::int > 0",
    "(text || '.5')::numeric > 0",
    "to_number(text, '9') > 0 and text::money is not null",
    "('{' || text || '}')::int[] is not null",
    "('[' || text || ']')::json is not null",
    "text::bit(1) is not null",
    "set_config('eve.saw', text, true) is not null",
    "set_config('eve.saw', coalesce(current_setting('eve.saw', true), '') || text, true) is not null",
    "query_to_xml('select ' || quote_literal(text) || '::int', true, true, '') is not null",
    "(select text::int) > 0",
    "exists (select where text::int > 0)",
    "text ~ '^1' or set_config('eve.saw', text, true) is null",
    "ts_headline('sheaf_english', text, 'unmistakable'::tsquery) is not null",
    "(ts_rank(tsv, 'unmistak'::tsquery) = 0 or text::int > 0)",
    "(not tsv @@ 'unmistak'::tsquery or text::int > 0)",
    // Asleep for longer than the statement may take.
    "(text !~ 'unmistakable' or pg_sleep(60) is null)",
];

/// Statements that show the text in other ways than a condition.
const STATEMENTS: [&str; 21] = [
    "select * from searchable_page",
    "select text from searchable_page order by text desc",
    "select text from searchable_page where tenant_id = '{acme}'",
    "select text from searchable_page where tenant_id <> '{globex}' or text::int > 0",
    "select min(text) || max(text), string_agg(text, ',') from searchable_page",
    "select array_agg(tsv order by text) from searchable_page",
    "select word from ts_stat('select tsv from searchable_page')",
    "select query_to_xml('select text from searchable_page', true, true, '')",
    "select table_to_xml('searchable_page', true, true, '')",
    "select schema_to_xml('public', true, true, '')",
    "select to_jsonb(p) from searchable_page p",
    "select p::text from searchable_page p",
    "declare all_pages cursor for select text from searchable_page; fetch all from all_pages",
    "select p.text from document d left join searchable_page p on set_config('eve.saw', p.text, true) is not null",
    "select p.text from document d cross join lateral (select * from searchable_page where text <> d.name) p",
    "select p.text from searchable_page p left join searchable_page q on q.text::int > 0 and q.text <> p.text",
    "select p.text from (select * from searchable_page offset 0) p where p.text::int > 0",
    "with p as materialized (select * from searchable_page) select text from p where text::int > 0",
    "select sum(text::int) over (order by text) from searchable_page",
    "do $$ begin perform text::int from searchable_page; end $$",
    "explain (analyze, verbose) select text from searchable_page where text::int > 0",
];

/// How the planner may be made to go: as it likes, over the whole table, by the indexes, and in parallel.
const WAYS: [&str; 4] = [
    "reset enable_seqscan",
    "set local enable_indexscan = off; set local enable_bitmapscan = off; set local enable_indexonlyscan = off",
    "set local enable_seqscan = off",
    "set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0; set local min_parallel_table_scan_size = 0",
];

/// What takes away what keeps the filter first, and what takes the filter away.
const BROKEN: [&str; 3] = [
    "alter role sheaf_search bypassrls",
    "alter table page disable row level security",
    "create or replace view searchable_page as select tenant_id, document_id, number, text, config, tsv from page",
];

#[tokio::test]
async fn no_statement_of_eves_shows_raises_or_counts_what_is_adas() {
    let world = World::new().await;
    two_documents(&world).await;
    for way in WAYS {
        let mut eve = Probe::signed_in(&world, world.globex).await;
        eve.rows(way).await;
        assert_eq!(leaking(&world, &mut eve).await, Vec::<String>::new(), "{way}");
    }

    // Without the filter, every one of them leaks: none is harmless by a mistake in it.
    let mut eve = Probe::after(&world, BROKEN[2], APP, world.globex).await;
    let leaked = leaking(&world, &mut eve).await;
    let silent: Vec<_> =
        attacks(&world, &mut eve).await.into_iter().filter(|attack| !leaked.contains(attack)).collect();
    assert!(silent.is_empty(), "{silent:#?}");
    drop(eve);
    // With the filter, but without a policy for the view's owner, the order is the planner's, by cost.
    for broken in &BROKEN[..2] {
        let mut eve = Probe::after(&world, broken, APP, world.globex).await;
        eve.rows(WAYS[1]).await;
        assert!(!leaking(&world, &mut eve).await.is_empty(), "{broken}");
    }
}

#[tokio::test]
async fn a_function_of_eves_own_would_see_no_row_of_adas() {
    let world = World::new().await;
    two_documents(&world).await;
    world.superuser().await.execute("analyze page").await.unwrap();
    // It pretends to cost nothing, so that a planner which may choose runs it first; and as an operator, it is shown
    // the values of the statistics while the statement is being planned.
    let own = "create function pg_temp.saw(text, text) returns boolean language plpgsql cost 0.0000001 as $$
               begin perform set_config('eve.saw', current_setting('eve.saw', true) || $1, true); return true; end $$;
               create operator pg_temp.===
               (procedure = pg_temp.saw, leftarg = text, rightarg = text, restrict = scalarltsel);
               select set_config('eve.saw', '', true)";
    let attacks = [
        "select from searchable_page where pg_temp.saw(text, '')",
        "explain select from searchable_page where text operator(pg_temp.===) ''",
    ];
    let saw = "select current_setting('eve.saw', true)";
    // A migration takes away that she may make one: `the_role_makes_nothing_of_its_own`. Here she may.
    for attack in attacks {
        let mut eve = Probe::after(&world, TEMPORARY, APP, world.globex).await;
        eve.rows(&format!("{}; {own}; {attack}", WAYS[1])).await;
        assert!(!eve.one(saw).await.contains(SECRET), "{attack}");
    }

    for (attack, broken) in [(attacks[0], BROKEN[0]), (attacks[0], BROKEN[1]), (attacks[1], BROKEN[1])] {
        let mut eve = Probe::after(&world, &format!("{TEMPORARY}; {broken}"), APP, world.globex).await;
        eve.rows(&format!("{}; {own}; {attack}", WAYS[1])).await;
        assert!(eve.one(saw).await.contains(SECRET), "{attack} after {broken}");
    }
}

#[tokio::test]
async fn the_view_is_read_and_nothing_else() {
    let world = World::new().await;
    two_documents(&world).await;
    let mut eve = Probe::signed_in(&world, world.globex).await;
    for statement in [
        "update searchable_page set text = ''",
        "delete from searchable_page",
        "insert into searchable_page select * from searchable_page",
        "select text from searchable_page for update",
        "create or replace view searchable_page as select * from page",
        "alter view searchable_page set (security_barrier = false)",
        "alter view searchable_page owner to sheaf_app",
        "drop view searchable_page",
        "create rule seen as on select to searchable_page do instead select 1",
        "comment on view searchable_page is ''",
    ] {
        assert_eq!(eve.refusal(statement).await, "42501", "{statement}");
    }
    assert_eq!(eve.refusal("truncate searchable_page").await, "42809", "it is not a table");
    // A sample would be taken before the filter.
    let sampled = eve.refusal("select text from searchable_page tablesample system (100)").await;
    assert_eq!(sampled, "0A000", "it is not a table");
}

/// What stays for whoever may send any statement. It is no more than setting another tenant would give, and neither can
/// be taken away; so what is tested is that it is no more than a number, and that the product does not send it.
#[tokio::test]
async fn a_plan_counts_what_is_left_out_and_so_the_product_asks_for_none() {
    let world = World::new().await;
    two_documents(&world).await;
    let mut eve = Probe::signed_in(&world, world.globex).await;
    eve.rows(WAYS[1]).await;
    let plan = eve.rows("explain (analyze, verbose, buffers) select text from searchable_page").await.join("\n");
    assert!(plan.contains("Rows Removed by Filter: 1"), "{plan}");
    assert!(SECRET.split(' ').all(|word| !plan.contains(word)), "{plan}");
    for (path, text) in sources("app/domain/src") {
        assert!(!text.to_lowercase().contains("\"explain "), "{path}");
    }
}

#[tokio::test]
async fn a_whole_word_costs_the_same_whoever_has_it() {
    let world = World::new().await;
    let (adas, eves) = two_documents(&world).await;
    let pages = |tenant, document, says, count| {
        format!(
            "insert into page (tenant_id, document_id, number, text, word_count, tsv)
             select '{tenant}', '{document}', n, '{says}', 1, to_tsvector('simple', '{says} {says}' || n)
             from generate_series(2, {count}) as n"
        )
    };
    let (adas, eves) = (pages(world.acme, adas, "common", 10_000), pages(world.globex, eves, "plain", 500));
    // Each on its own: a vacuum stands in no transaction.
    for statement in [adas, eves, "vacuum analyze page".to_owned()] {
        world.superuser().await.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let mut eve = Probe::signed_in(&world, world.globex).await;
    // The first statement of a session also reads the catalogue.
    eve.rows("select number from searchable_page where tsv @@ 'plain2'::tsquery").await;
    for word in ["common", "common77", "absent"] {
        let condition = format!("tenant_id = '{}' and tsv @@ '{word}'::tsquery", world.globex);
        let blocks = blocks(&mut eve, &condition).await;
        assert!(blocks < 40, "{word}: {blocks} blocks of 8 KiB, of which Ada's pages alone are more than a hundred");
    }
    drop(eve);

    let mut eve = Probe::after(&world, BROKEN[2], APP, world.globex).await;
    assert!(blocks(&mut eve, "text = 'absent'").await > 100);
}

#[test]
fn one_statement_alone_asks_the_view() {
    let asking = |text: &str| text.split("from searchable_page").count() - 1;
    let found: Vec<_> = sources("app/domain/src")
        .into_iter()
        .filter_map(|(path, text)| Some((path, asking(&text))).filter(|(_, times)| *times > 0))
        .collect();
    assert_eq!(
        found,
        [("app/domain/src/search/store.rs".to_owned(), 1)],
        "a second one would have to join document too"
    );
}

/// What Eve is answered does not depend on what Ada has: neither the results nor the failures.
#[tokio::test]
async fn the_search_answers_eve_as_if_there_were_no_ada() {
    let world = World::new().await;
    let before = answers(&world).await;
    let (adas, eves) = two_documents(&world).await;
    let hers = search::search(&world.services, &world.eve, EVES).await.unwrap();
    assert_eq!(hers.documents.iter().map(|found| found.id).collect::<Vec<_>>(), [eves]);
    world.superuser().await.execute(AssertSqlSafe(format!("delete from document where id = '{eves}'"))).await.unwrap();
    assert_eq!(answers(&world).await, before);
    for (query, answer) in &before {
        match answer {
            Ok(found) => assert_eq!((found.documents.len(), found.pages, found.capped), (0, 0, false), "{query:?}"),
            // It could not be understood. Postgres, which would say more, was not asked or did not object.
            Err(error) => {
                assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("q")), "{query:?}");
            }
        }
        let pages = documents::pages_with(&world.services, &world.eve, adas, query).await;
        assert!(pages.as_ref().map_or_else(|error| error.kind != ErrorKind::Internal, Vec::is_empty), "{query:?}");
        let page = documents::page(&world.services, &world.eve, adas, 1, Some(query.as_str())).await;
        assert!(page.is_err_and(|error| error.kind != ErrorKind::Internal), "{query:?}");
    }

    // The same words find Ada's document for Ada.
    let found = search::search(&world.services, &world.ada, "unmistakable").await.unwrap();
    assert_eq!(found.documents.iter().map(|found| found.id).collect::<Vec<_>>(), [adas]);
}

/// The attacks that show, raise with, or leave a trace of what is Ada's, or are answered with another number of rows.
async fn leaking(world: &World, eve: &mut Probe) -> Vec<String> {
    let mut leaking = Vec::new();
    // Every statement here takes a few milliseconds, and one that sleeps a minute.
    eve.rows("set local statement_timeout = '3s'").await;
    for attack in attacks(world, eve).await {
        eve.rows("select set_config('eve.saw', '', true)").await;
        let answer = eve.ask(&attack).await;
        let saw = eve.one("select current_setting('eve.saw', true)").await;
        let is_condition = attack.starts_with("select number ");
        let holds = match &answer {
            Ok(rows) => !is_secret(&rows.join("\n")) && (!is_condition || rows.len() == 1),
            Err(_) => false,
        };
        if !holds || is_secret(&saw) {
            leaking.push(attack);
        }
    }
    leaking
}

async fn attacks(world: &World, eve: &mut Probe) -> Vec<String> {
    // Postgres can be built without XML, as the one that `make setup` installs is.
    let has_xml = eve.ask("select query_to_xml('select 1', true, true, '')").await.is_ok();
    let conditions = CONDITIONS.iter().map(|condition| format!("select number from searchable_page where {condition}"));
    let statements = STATEMENTS.iter().map(|statement| {
        statement.replace("{acme}", &world.acme.to_string()).replace("{globex}", &world.globex.to_string())
    });
    conditions.chain(statements).filter(|attack| has_xml || !attack.contains("_to_xml")).collect()
}

fn is_secret(told: &str) -> bool {
    // As the text has them, and as an index does.
    ["unmistak", "4242424242"].iter().any(|word| told.contains(word))
}

/// What Eve is answered to the queries of somebody who looks for a way out of the language.
async fn answers(world: &World) -> Vec<(String, domain::error::Result<SearchResults>)> {
    let mut answers = Vec::new();
    for query in queries() {
        let answer = search::search(&world.services, &world.eve, &query).await;
        answers.push((query, answer));
    }
    answers
}

fn queries() -> Vec<String> {
    let fixed = [
        "unmistakable",
        "unmistakable 4242424242",
        "unmist*",
        "u*",
        "*",
        "**",
        "unmistakable:*",
        "unmistakable:ABCD",
        "':*'",
        "unmistakable'",
        "'unmistakable'",
        "unmistakable') | ('a",
        "') or true --",
        "'; select text from page; --",
        "\\",
        "\\'",
        "unmistakable\\",
        "\\' | 'unmistakable",
        "$$unmistakable$$",
        "$1",
        "$2",
        "{unmistakable}",
        "%unmistakable%",
        "unmistakable & !x",
        "unmistakable | x",
        "a <-> unmistakable",
        "a <99999> unmistakable",
        "!x",
        "!!unmistakable",
        "-x OR unmistakable",
        "x OR (NOT y) OR unmistakable",
        "NOT NOT unmistakable",
        "\"unmistakable 4242424242\"",
        "\"\"",
        "\"",
        "“unmistakable”",
        "(unmistakable",
        "unmistakable)",
        "()",
        "(((unmistakable)))",
        "OR",
        "AND",
        "NOT",
        "OR OR OR",
        "unmis\0takable",
        "\0",
        "unmistakable\0",
        "unm\u{200B}istakable",
        "ＵＮＭＩＳＴＡＫＡＢＬＥ",
        "ünmïstäkäble",
        "unm\u{131}stakable",
        "\u{FEFF}unmistakable",
        "\u{202E}elbakatsimnu",
        "\u{10FFFF}",
        "\u{1D49C}",
        "e\u{301}",
        "sheaf_english",
        "'sheaf_english'",
        "type:text",
        "type:text unmistakable",
        "type:' unmistakable",
        "before:9999 unmistakable",
        "after:0001 unmistakable",
        "after:-1 unmistakable",
        "before:99999-01-01 u",
        "tenant_id:1",
        "weight:A",
        "\n\t\r",
        "1 / 0",
        "4242424242::int",
        "null",
        "<script>unmistakable</script>",
        "unmistakable@4242424242.example",
        "http://unmistakable/4242424242?a='",
        "-4242424242",
        "4242e2",
    ];
    let huge = [
        "u".repeat(1_000),
        "unmistakable ".repeat(76),
        "u* ".repeat(333),
        format!("{}unmistakable{}", "(".repeat(400), ")".repeat(400)),
        format!("unmistakable {}", "-".repeat(900)),
        format!("unmistakable {}x", "-".repeat(900)),
        "'".repeat(1_000),
        "\u{1F4A9}".repeat(1_000),
        "u".repeat(1_000_000),
    ];
    fixed.into_iter().map(str::to_owned).chain(huge).collect()
}

/// The blocks of the database that a search touches.
async fn blocks(eve: &mut Probe, condition: &str) -> i64 {
    let plan =
        eve.rows(&format!("explain (analyze, buffers) select number from searchable_page where {condition}")).await;
    // The first line is of the whole: "Buffers: shared hit=7 read=2".
    let touched = plan.iter().find_map(|line| line.trim().strip_prefix("Buffers: shared ")).unwrap();
    touched.split(' ').filter_map(|part| part.split_once('=')).map(|(_, blocks)| blocks.parse::<i64>().unwrap()).sum()
}
