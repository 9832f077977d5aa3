//! All SQL of searching. Pages are matched through the view `searchable_page`; see its migration for the reason.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::{FoundDocument, Query};
use crate::{
    db::TenantTx,
    documents::Format,
    error::{Error, Result},
    id::DocumentId,
};

/// Matching pages that are ranked. A word that is on more of them is ranked among the first found.
pub(super) const MAX_RANKED: i64 = 2_000;

/// Ranked pages that are looked at for documents.
const MAX_HITS: i64 = 200;

/// Pages of one document in an answer. No more of it are ranked with those of others, which a long one would leave no room.
const MAX_PAGES_EACH: i64 = 3;

/// What pages are asked.
pub(super) struct Condition {
    /// What they say, in the words of each dictionary, and the name of that dictionary, which every page carries as a lexeme.
    pub matches: String,
    /// The same without the names: these stand nowhere in the text, and beside what stands nowhere Postgres ranks all pages alike.
    pub ranks: String,
}

pub(super) struct BestPage {
    pub document: FoundDocument,
    pub number: i32,
    /// All matching pages, at most [`MAX_RANKED`].
    pub total: i64,
}

/// A query in each dictionary's words, with the dictionaries that agree on them. Those in which nothing is left are out.
pub(super) async fn translate(
    tx: &mut TenantTx,
    query: &str,
    configs: &[&str],
) -> Result<BTreeMap<String, Vec<String>>> {
    let configs: Vec<String> = configs.iter().map(|config| (*config).to_owned()).collect();
    let rows = sqlx::query!(
        r#"select config as "config!", to_tsquery(config::regconfig, $1)::text as "query!"
           from unnest($2::text[]) as config"#,
        query,
        &configs,
    );
    let mut translated: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.fetch_all(tx.conn()).await? {
        if !row.query.is_empty() {
            translated.entry(row.query).or_default().push(row.config);
        }
    }
    Ok(translated)
}

pub(super) async fn best_pages(tx: &mut TenantTx, condition: &Condition, query: &Query) -> Result<Vec<BestPage>> {
    let tenant = tx.id();
    let formats: Vec<String> = query.formats.iter().map(|format| format.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        // The pages are found before anything else is asked: beside a table with a policy, such as document, "@@" could not
        // use the index any more, and with a limit the planner would hope to come across enough pages by reading them all.
        r#"with found as materialized (
               select document_id, number, tsv
               from searchable_page
               where tenant_id = $1 and tsv @@ $2::text::tsquery
           ),
           matching as materialized (
               select p.document_id, p.number, p.tsv
               from found p
               join document d on d.tenant_id = $1 and d.id = p.document_id
               where d.trashed_at is null
                 and (cardinality($3::text[]) = 0 or d.format = any ($3))
                 and ($4::date is null or d.created_at < $4::date::timestamptz)
                 and ($5::date is null or d.created_at >= $5::date::timestamptz)
               limit $6
           ),
           ranked as (
               select b.document_id, b.number, b.total, b.rank
               from (
                   select m.document_id, m.number, m.rank, count(*) over () as total,
                          row_number() over (partition by m.document_id order by m.rank desc, m.number) as place
                   from (
                       select document_id, number, ts_rank_cd(tsv, $8::text::tsquery, 1) as rank from matching
                   ) as m
               ) as b
               where b.place <= $9
               order by b.rank desc, b.document_id desc, b.number
               limit $7
           )
           select d.id as "id!: DocumentId", coalesce(d.title, d.name) as "title!", d.name, d.format, d.created_at, d.pages,
                  d.has_images, r.number as "number!", r.total as "total!"
           from ranked r
           join document d on d.tenant_id = $1 and d.id = r.document_id
           order by r.rank desc, r.document_id desc, r.number"#,
        tenant.0,
        condition.matches,
        &formats,
        query.before as Option<NaiveDate>,
        query.after as Option<NaiveDate>,
        MAX_RANKED,
        MAX_HITS,
        condition.ranks,
        MAX_PAGES_EACH,
    );
    rows.fetch_all(tx.conn())
        .await?
        .into_iter()
        .map(|row| {
            let document = FoundDocument {
                id: row.id,
                title: row.title,
                name: row.name,
                format: Format::parse(&row.format).ok_or_else(|| Error::internal("an unknown format"))?,
                created_at: row.created_at,
                pages: row.pages,
                has_images: row.has_images,
                hits: Vec::new(),
            };
            Ok(BestPage { document, number: row.number, total: row.total })
        })
        .collect()
}

/// The text of pages and the positions of the terms that are to be marked, in each page's own language.
pub(super) async fn marked_pages(
    tx: &mut TenantTx,
    pages: &[(DocumentId, i32)],
    whole: &str,
    beginnings: &[String],
) -> Result<HashMap<(DocumentId, i32), (String, Vec<i32>)>> {
    let tenant = tx.id();
    let (documents, numbers): (Vec<_>, Vec<_>) = pages.iter().map(|(document, number)| (document.0, *number)).unzip();
    let rows = sqlx::query!(
        // In selects of their own, the words are stemmed once a page; without, once for each of the page's terms. Beginnings are
        // stemmed too, since a query is asked like that.
        r#"select p.document_id as "document_id!: DocumentId", p.number as "number!", p.text as "text!",
                  array(
                      select position::int
                      from unnest(p.tsv) as term (lexeme, positions, weights),
                           unnest(term.positions) as position
                      where term.lexeme = any ((select tsvector_to_array(to_tsvector(p.config::regconfig, $4)))::text[])
                         or term.lexeme ^@ any ((
                             select array(
                                 select coalesce(
                                     (tsvector_to_array(to_tsvector(p.config::regconfig, typed)))[1], unaccent(typed)
                                 )
                                 from unnest($5::text[]) as typed
                             )
                         )::text[])
                  ) as "positions!"
           from unnest($2::uuid[], $3::int[]) as wanted (document_id, number)
           join page p on p.tenant_id = $1 and p.document_id = wanted.document_id and p.number = wanted.number"#,
        tenant.0,
        &documents,
        &numbers,
        whole,
        beginnings,
    );
    let found = rows.fetch_all(tx.conn()).await?;
    Ok(found.into_iter().map(|row| ((row.document_id, row.number), (row.text, row.positions))).collect())
}

pub(super) async fn pages_of(tx: &mut TenantTx, document: DocumentId, condition: &str) -> Result<Vec<i32>> {
    let tenant = tx.id();
    let pages = sqlx::query_scalar!(
        // Whether the document is seen is asked once and not for each of its pages, as the policy of those would.
        r#"select p.number as "number!"
           from document d join searchable_page p on p.tenant_id = $1 and p.document_id = d.id
           where d.tenant_id = $1 and d.id = $2 and p.tsv @@ $3::text::tsquery order by p.number"#,
        tenant.0,
        document.0,
        condition,
    );
    Ok(pages.fetch_all(tx.conn()).await?)
}
