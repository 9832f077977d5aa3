//! What a list says of how many documents there are.

use domain::documents::{ListQuery, Listing, MOST_COUNTED};

use crate::ui::{counted, counted_to, grouped};

/// "96 documents", or "17 of 96 documents" where filters leave some out, as far as it is known how many.
pub(super) fn in_all(query: &ListQuery, listing: &Listing) -> String {
    let total = counted(listing.total.unsigned_abs(), "document", "documents");
    let found = if is_whole(query, listing) { Some(grouped(here(listing))) } else { listing.matching.map(matching) };
    match (query.is_filtered(), found) {
        (false, _) => total,
        (true, Some(found)) => format!("{found} of {total}"),
        (true, None) => format!("{total} in all"),
    }
}

/// What is in view: "17 documents", "1–50 of 96", or "50 documents on this page" on the pages after the first, and where nobody
/// has counted what there is.
pub(super) fn in_view(query: &ListQuery, listing: &Listing) -> String {
    let documents = counted(here(listing), "document", "documents");
    if is_whole(query, listing) {
        return documents;
    }
    let of =
        if query.is_filtered() { listing.matching.map(matching) } else { Some(grouped(listing.total.unsigned_abs())) };
    match of.filter(|_| query.after.is_none()) {
        Some(of) => format!("1–{} of {of}", grouped(here(listing))),
        None => format!("{documents} on this page"),
    }
}

/// Whether there is nothing before this page and nothing after it.
pub(super) fn is_whole(query: &ListQuery, listing: &Listing) -> bool {
    query.after.is_none() && listing.next.is_none()
}

/// How many there are on all pages, where there are several, and no more than may be chosen at once.
pub(super) fn on_all_pages(query: &ListQuery, listing: &Listing) -> Option<u64> {
    let all = if query.is_filtered() { listing.matching? } else { listing.total };
    (!is_whole(query, listing) && all <= MOST_COUNTED).then_some(all.unsigned_abs())
}

fn here(listing: &Listing) -> u64 {
    listing.documents.len() as u64
}

fn matching(found: i64) -> String {
    counted_to(MOST_COUNTED, found)
}

#[cfg(test)]
mod tests {
    use domain::documents::{Cursor, Format};

    use super::*;

    #[test]
    fn it_is_said_how_many_a_filter_finds_as_far_as_that_is_known() {
        let id = "018f0000-0000-7000-8000-000000000001".parse().expect("a UUID");
        let place = Some(Cursor { value: "a".into(), id });
        let of = |matching, next: &Option<Cursor>| Listing {
            documents: Vec::new(),
            next: next.clone(),
            total: 1_204,
            matching,
        };
        let all = ListQuery::default();
        let filtered = ListQuery { format: Some(Format::Pdf), ..ListQuery::default() };
        let later = ListQuery { after: place.clone(), ..filtered };
        for (query, listing, head, foot) in [
            (&all, of(None, &place), "1,204 documents", "1–0 of 1,204"),
            (&filtered, of(None, &None), "0 of 1,204 documents", "0 documents"),
            (&filtered, of(Some(213), &place), "213 of 1,204 documents", "1–0 of 213"),
            (&filtered, of(Some(1_000), &place), "1,000 of 1,204 documents", "1–0 of 1,000"),
            (&filtered, of(Some(1_001), &place), "1,000+ of 1,204 documents", "1–0 of 1,000+"),
            (&filtered, of(None, &place), "1,204 documents in all", "0 documents on this page"),
            (&later, of(Some(213), &None), "213 of 1,204 documents", "0 documents on this page"),
        ] {
            assert_eq!((in_all(query, &listing).as_str(), in_view(query, &listing).as_str()), (head, foot));
        }
        assert_eq!(on_all_pages(&later, &of(Some(213), &None)), Some(213));
        assert_eq!(on_all_pages(&all, &of(None, &place)), None, "1,204 are too many");
        assert_eq!(on_all_pages(&filtered, &of(None, &None)), None, "they are all in view");
    }
}
