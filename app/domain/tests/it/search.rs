//! Finding pages: the language of queries, several languages of documents, and the one index that serves it under row-level
//! security.

use domain::{
    documents,
    id::DocumentId,
    search::{self, FoundDocument, SearchResults, tokens},
};
use sqlx::{Connection, Executor, Row};

use crate::world::World;

#[tokio::test]
async fn postgres_counts_the_same_terms_whatever_the_character() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    // Letters younger than Unicode 14, which the C library of a server may not know yet.
    let young = |c: &char| {
        matches!(
            c,
            '\u{88F}' | '\u{897}' | '\u{C5C}' | '\u{CDC}' | '\u{CF3}' | '\u{1C89}' | '\u{1C8A}' | '\u{A7CC}'
                ..='\u{A7F1}'
        )
    };
    let characters: Vec<char> = ('\0'..='\u{FFFF}').filter(|c| !young(c)).collect();
    let mut wrong = Vec::new();
    for some in characters.chunks(4_096) {
        let (texts, counts): (Vec<_>, Vec<_>) = some
            .iter()
            .map(|c| format!("{c} a{c}b 1{c}"))
            .map(|text| (tokens::index_text(&text), tokens::terms(&text).len()))
            .map(|(index, count)| (index, i32::try_from(count).unwrap()))
            .unzip();
        let differing: Vec<(i64, String)> = sqlx::query_as(
            "select t.n, t.text || ': ' || to_tsvector('sheaf_simple', t.text)::text
             from unnest($1::text[], $2::int[]) with ordinality as t (text, terms, n)
             where t.terms <> (select coalesce(sum(cardinality(positions)), 0) from unnest(to_tsvector('sheaf_simple', t.text)))",
        )
        .bind(texts)
        .bind(counts)
        .fetch_all(&mut superuser)
        .await
        .unwrap();
        wrong.extend(differing.into_iter().map(|(n, text)| (some[usize::try_from(n - 1).unwrap()], text)));
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn words_phrases_and_operators_find_what_they_say() {
    let world = World::new().await;
    let fox = document(&world, "fox.txt", "sheaf_english", &["The quick brown foxes jumped over the lazy dog."]).await;
    let invoice =
        document(&world, "invoice.txt", "sheaf_english", &["Invoice 2026-117", "Payment of the invoices is due."])
            .await;
    for (query, expected) in [
        ("fox", vec![fox]),
        ("jumping", vec![fox]),
        ("\"brown fox\"", vec![fox]),
        ("\"fox brown\"", vec![]),
        ("invoice", vec![invoice]),
        ("invo*", vec![invoice]),
        ("fox OR invoice", vec![fox, invoice]),
        ("dog -fox", vec![]),
        ("payment -fox", vec![invoice]),
        ("invoice 117", vec![invoice]),
        ("(fox OR payment) due", vec![invoice]),
        ("elephant", vec![]),
    ] {
        let mut found = ids(&find(&world, query).await);
        found.sort();
        let mut expected = expected.clone();
        expected.sort();
        assert_eq!(found, expected, "{query}");
    }
    let refused = search::search(&world.services, &world.ada, "-fox").await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("q"));
}

#[tokio::test]
async fn each_page_is_searched_in_its_own_language() {
    let world = World::new().await;
    let german = document(&world, "haus.txt", "sheaf_german", &["Die Häuser der Verträge"]).await;
    let french = document(&world, "ete.txt", "sheaf_french", &["Les contrats de l’été sont signés"]).await;
    let japanese = document(&world, "nihon.txt", "sheaf_simple", &["これは日本語の文書です。"]).await;
    assert_eq!(ids(&find(&world, "Vertrag").await), [german]);
    assert_eq!(ids(&find(&world, "Verträgen").await), [german]);
    assert_eq!(ids(&find(&world, "hauser").await), [german], "accents are folded");
    assert_eq!(ids(&find(&world, "ete contrat").await), [french]);
    assert_eq!(ids(&find(&world, "日本語").await), [japanese]);
    assert_eq!(ids(&find(&world, "本日").await), []);
}

#[tokio::test]
async fn filters_narrow_and_snippets_mark() {
    let world = World::new().await;
    let long =
        format!("{} The retention period is ten years. {}", "Lorem ipsum. ".repeat(80), "Dolor sit. ".repeat(80));
    let id = document(&world, "policy.txt", "sheaf_english", &["Cover", &long]).await;
    let found = find(&world, "retention type:text after:2026").await;
    assert_eq!((found.pages, ids(&found)), (1, vec![id]));
    let hit = &found.documents[0].hits[0];
    assert_eq!(hit.number, 2);
    let marked: Vec<_> =
        hit.snippet.iter().filter(|segment| segment.hit).map(|segment| segment.text.as_str()).collect();
    assert_eq!(marked, ["retention"]);
    let whole: String = hit.snippet.iter().map(|segment| segment.text.as_str()).collect();
    assert!(whole.len() < 500 && whole.starts_with('…') && whole.ends_with('…'), "{whole}");
    assert_eq!(ids(&find(&world, "retention type:pdf").await), []);
    assert_eq!(ids(&find(&world, "retention before:2020").await), []);
}

#[tokio::test]
async fn the_page_that_says_most_of_it_comes_first() {
    let world = World::new().await;
    let rent = document(&world, "rent.txt", "sheaf_english", &["Rent is due. Late rent, and no rent at all."]).await;
    let long = format!("{} the rent.", "Lorem ipsum dolor. ".repeat(100));
    let aside = document(&world, "aside.txt", "sheaf_english", &[&long]).await;
    assert_eq!(ids(&find(&world, "rent").await), [rent, aside], "and not the newest");
    let far = format!("Late fees. {long}");
    let apart = document(&world, "apart.txt", "sheaf_english", &[&far]).await;
    assert_eq!(ids(&find(&world, "late rent").await), [rent, apart]);
}

#[tokio::test]
async fn a_long_document_leaves_room_for_others() {
    let world = World::new().await;
    let short = document(&world, "short.txt", "sheaf_english", &["The deposit is a month of what was agreed."]).await;
    let long = document(&world, "long.txt", "sheaf_english", &["Deposit, deposit, deposit"; 210]).await;
    let found = find(&world, "deposit").await;
    assert_eq!((ids(&found), found.pages), (vec![long, short], 211));
    let pages = |found: &FoundDocument| found.hits.iter().map(|page| page.number).collect::<Vec<_>>();
    assert_eq!(found.documents.iter().map(pages).collect::<Vec<_>>(), [vec![1, 2, 3], vec![1]]);
}

#[tokio::test]
async fn a_page_shows_which_words_are_hit() {
    let world = World::new().await;
    let id = document(&world, "a.txt", "sheaf_english", &["one two", "two three two"]).await;
    assert_eq!(documents::pages_with(&world.services, &world.ada, id, "two").await.unwrap(), [1, 2]);
    let page = documents::page(&world.services, &world.ada, id, 2, Some("two")).await.unwrap();
    assert_eq!(page.hits, [0, 2]);
    let page = documents::page(&world.services, &world.ada, id, 2, None).await.unwrap();
    assert_eq!((page.hits.len(), page.segments.len()), (0, 1));
}

#[tokio::test]
async fn a_beginning_is_marked_where_it_is_found() {
    let world = World::new().await;
    let id = document(&world, "a.txt", "sheaf_english", &["Invoiced and paid: two invoices."]).await;
    for query in ["invo*", "invoices*"] {
        assert_eq!(documents::pages_with(&world.services, &world.ada, id, query).await.unwrap(), [1], "{query}");
        let page = documents::page(&world.services, &world.ada, id, 1, Some(query)).await.unwrap();
        assert_eq!(page.hits, [0, 4], "{query}");
    }
}

#[tokio::test]
async fn what_is_in_the_trash_is_not_found() {
    let world = World::new().await;
    let id = document(&world, "a.txt", "sheaf_english", &["unmistakable"]).await;
    assert_eq!(ids(&find(&world, "unmistakable").await), [id]);
    documents::trash(&world.services, &world.ada, &[id]).await.unwrap();
    assert_eq!(ids(&find(&world, "unmistakable").await), []);
}

#[tokio::test]
async fn eve_finds_nothing_however_she_asks() {
    let world = World::new().await;
    document(&world, "secret.txt", "sheaf_english", &["unmistakable secret"]).await;
    for query in ["unmistakable", "secret", "unmist*", "secret OR nothing", "type:text secret"] {
        let found = search::search(&world.services, &world.eve, query).await.unwrap();
        assert_eq!((found.documents.len(), found.pages), (0, 0), "{query}");
    }
    // Past the product, as the role it signs in as: the view filters by itself.
    let as_eve = format!("begin; select set_config('app.tenant_id', '{}', true);", world.globex);
    let mut connection = world.services.db.sessions().acquire().await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(as_eve)).await.unwrap();
    for attack in [
        "select count(*) from searchable_page",
        "select count(*) from searchable_page where text like '%secret%'",
        "select count(*) from searchable_page where 1 / (case when text like '%secret%' then 0 else 1 end) >= 0",
        "select count(*) from searchable_page where tsv @@ 'secret'::tsquery",
        "select count(*) from page where tsv @@ 'secret'::tsquery",
    ] {
        let seen: i64 = sqlx::query_scalar(attack).fetch_one(&mut *connection).await.unwrap();
        assert_eq!(seen, 0, "{attack}");
    }
    connection.execute("rollback").await.unwrap();
    for schema in ["public", "pg_temp"] {
        let create = format!("create function {schema}.leak() returns int language sql as 'select 1'");
        let error = connection.execute(sqlx::AssertSqlSafe(create)).await.unwrap_err().to_string();
        assert!(error.contains("permission denied"), "whoever can create functions can look past the filter: {error}");
    }
}

#[tokio::test]
async fn one_index_serves_the_tenant_and_the_text_under_row_level_security() {
    let world = World::new().await;
    document(&world, "a.txt", "sheaf_english", &["common"]).await;
    let mut superuser = world.superuser().await;
    superuser
        .execute(sqlx::AssertSqlSafe(format!(
            "insert into page (tenant_id, document_id, number, text, word_count, tsv)
             select '{}', id, n, 'common', 1, to_tsvector('sheaf_simple', 'common word' || n)
             from document, generate_series(2, 5000) as n;
             analyze page",
            world.acme
        )))
        .await
        .unwrap();
    superuser.close().await.unwrap();
    let mut connection = world.services.db.sessions().acquire().await.unwrap();
    // A table of this size is as well read from end to end; without that way, only an index that may use both is left.
    let begin =
        format!("begin; set local enable_seqscan = off; select set_config('app.tenant_id', '{}', true);", world.acme);
    connection.execute(sqlx::AssertSqlSafe(begin)).await.unwrap();
    let explain = format!(
        "explain select number from searchable_page where tenant_id = '{}' and tsv @@ 'word77'::tsquery",
        world.acme
    );
    let rows = connection.fetch_all(sqlx::AssertSqlSafe(explain)).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let plan = plan.join("\n");
    let condition = plan.lines().find(|line| line.contains("Index Cond") && line.contains("@@")).unwrap_or_default();
    assert!(plan.contains("page_search") && condition.contains("tenant_id"), "{plan}");
}

async fn find(world: &World, query: &str) -> SearchResults {
    search::search(&world.services, &world.ada, query).await.unwrap()
}

fn ids(results: &SearchResults) -> Vec<DocumentId> {
    results.documents.iter().map(|document| document.id).collect()
}

/// A document of Acme that was read, with a box for each word.
async fn document(world: &World, name: &str, config: &str, pages: &[&str]) -> DocumentId {
    let id = world.services.clock.id::<DocumentId>();
    let mut superuser = world.superuser().await;
    sqlx::query(
        "insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, uploaded_by, created_at)
         values ($1, $2, $3, 'text', 1, sha256($3::bytea), '', 'read', $4, $5)",
    )
    .bind(world.acme.0)
    .bind(id.0)
    .bind(name)
    .bind(world.ada.account.0)
    .bind(world.services.clock.now())
    .execute(&mut superuser)
    .await
    .unwrap();
    for (number, text) in (1..).zip(pages) {
        let words: Vec<_> = text.split_whitespace().map(|word| (word, 0, 0, 1, 1)).collect();
        sqlx::query(
            "insert into page (tenant_id, document_id, number, text, words, word_count, config, tsv)
             values ($1, $2, $3, $4, $5, 1, $6, to_tsvector($6::regconfig, $7) || array_to_tsvector(array[$6]))",
        )
        .bind(world.acme.0)
        .bind(id.0)
        .bind(number)
        .bind(text)
        .bind(serde_json::to_value(&words).unwrap())
        .bind(config)
        .bind(tokens::index_text(text))
        .execute(&mut superuser)
        .await
        .unwrap();
    }
    superuser.close().await.unwrap();
    id
}
