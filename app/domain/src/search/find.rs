//! Searching the workspace, and inside one document.

use std::{collections::HashMap, time::Duration};

use super::{
    FoundDocument, FoundPage, Query, SearchResults,
    language::CONFIGS,
    marks::Marks,
    store::{self, Condition},
    tsquery,
};
use crate::{
    Services,
    actor::{Action, Member},
    cache::Kept,
    db::TenantTx,
    documents::PageText,
    error::{Error, Result},
    id::DocumentId,
};

/// Documents in one answer.
const MAX_DOCUMENTS: usize = 20;

/// What a query finds, as one who asks sees it: looked at again when somebody comes back from a document or turns a page.
///
/// Invalidated by: what is announced of documents, and of members, who take what is private along; and by 30 seconds.
const FOUND: Kept<SearchResults> =
    Kept::new("search.found", 1, &["document", "member"]).shared_for(Duration::from_secs(30));

/// The best documents for a query. An empty query finds nothing.
pub async fn search(services: &Services, member: &Member, text: &str) -> Result<SearchResults> {
    member.require(Action::Search)?;
    let query = &Query::parse(text)?;
    let found = services.db.read(member, |mut tx| async move {
        let found = (find(&mut tx, query).await?, tx.source());
        tx.commit().await?;
        Ok(found)
    });
    let (epochs, key) = (services.db.epochs(), format!("{}:{text}", member.sees_as()));
    Ok(SearchResults::clone(&*services.cache.cached_from(epochs, &FOUND, member.tenant, key, found).await?))
}

/// The best documents for a parsed query, in the caller's transaction.
pub(crate) async fn find(tx: &mut TenantTx, query: &Query) -> Result<SearchResults> {
    let Some(node) = &query.node else { return Ok(SearchResults::default()) };
    let condition = condition(tx, &tsquery::to_text(node)).await?;
    let hits = store::best_pages(tx, &condition, query).await?;
    let pages = hits.first().map_or(0, |hit| hit.total);
    let mut documents = group(hits);
    let wanted: Vec<(DocumentId, i32)> =
        documents.iter().flat_map(|found| found.hits.iter().map(|page| (found.id, page.number))).collect();
    let (whole, beginnings) = tsquery::marked(node);
    let mut texts = store::marked_pages(tx, &wanted, &whole.join(" "), &beginnings).await?;
    for found in &mut documents {
        for page in &mut found.hits {
            if let Some((text, positions)) = texts.remove(&(found.id, page.number)) {
                page.snippet = Marks::new(&text, &positions).snippet();
            }
        }
    }
    Ok(SearchResults { documents, pages, capped: pages >= store::MAX_RANKED })
}

/// Which words of a page a query hits; and the page's text is cut at the hits.
pub(crate) async fn hits_on_page(
    tx: &mut TenantTx,
    document: DocumentId,
    page: &mut PageText,
    text: &str,
) -> Result<()> {
    let Some(node) = Query::parse(text)?.node else { return Ok(()) };
    let (whole, beginnings) = tsquery::marked(&node);
    let wanted = [(document, page.number)];
    let mut texts = store::marked_pages(tx, &wanted, &whole.join(" "), &beginnings).await?;
    if let Some((text, positions)) = texts.remove(&(document, page.number)) {
        let marks = Marks::new(&text, &positions);
        page.hits = marks.words(&page.words);
        page.segments = marks.segments();
    }
    Ok(())
}

/// The pages of a document that a query matches, in order.
pub(crate) async fn pages_with(tx: &mut TenantTx, document: DocumentId, text: &str) -> Result<Vec<i32>> {
    let Some(node) = Query::parse(text)?.node else { return Ok(Vec::new()) };
    let condition = condition(tx, &tsquery::to_text(&node)).await?;
    store::pages_of(tx, document, &condition.matches).await
}

/// One tsquery for all languages: in each, the query as that language's dictionary has it. Fails with "invalid" on field `q` where
/// nothing but stop words is left in any language.
async fn condition(tx: &mut TenantTx, query: &str) -> Result<Condition> {
    let translated = store::translate(tx, query, &CONFIGS).await?;
    if translated.is_empty() {
        return Err(Error::invalid("q", "These words are too common to search for. Add a rarer one."));
    }
    let (mut matches, mut ranks) = (Vec::new(), Vec::new());
    for (query, configs) in &translated {
        let names: Vec<_> = configs.iter().map(|config| format!("'{config}'")).collect();
        matches.push(format!("(({query}) & ({}))", names.join(" | ")));
        ranks.push(format!("({query})"));
    }
    Ok(Condition { matches: matches.join(" | "), ranks: ranks.join(" | ") })
}

fn group(hits: Vec<store::BestPage>) -> Vec<FoundDocument> {
    let mut order: Vec<FoundDocument> = Vec::new();
    let mut place: HashMap<DocumentId, usize> = HashMap::new();
    for hit in hits {
        let index = match place.get(&hit.document.id) {
            Some(index) => *index,
            None if order.len() == MAX_DOCUMENTS => continue,
            None => {
                place.insert(hit.document.id, order.len());
                order.push(hit.document);
                order.len() - 1
            }
        };
        order[index].hits.push(FoundPage { number: hit.number, snippet: Vec::new() });
    }
    order
}
