//! The list of documents as an address: what is shown stands in the query, so that it can be linked, kept and gone back
//! to.

use domain::{
    documents::{Cursor, Format, ListQuery, Sort, StateFilter},
    id::DocumentId,
};
use leptos_router::params::ParamsMap;

use crate::routes;

/// Documents that were chosen, as `documents=id,id` or as a list's own fields.
pub(crate) fn chosen(params: &ParamsMap) -> Vec<DocumentId> {
    let fields = params.get_all("documents[]").unwrap_or_default();
    let listed = params.get_str("documents").unwrap_or_default();
    fields.iter().map(String::as_str).chain(listed.split(',')).filter_map(|id| id.parse().ok()).collect()
}

/// What an address asks for. A value that means nothing is passed over.
pub(super) fn read(params: &ParamsMap, trash: bool) -> ListQuery {
    let text = |name: &str| params.get_str(name).filter(|value| !value.is_empty());
    ListQuery {
        sort: text("sort").and_then(Sort::parse).unwrap_or_default(),
        format: text("type").and_then(Format::parse),
        state: text("state").and_then(StateFilter::parse),
        added_from: text("from").and_then(|day| day.parse().ok()),
        added_to: text("to").and_then(|day| day.parse().ok()),
        trash,
        after: text("after").and_then(Cursor::parse),
    }
}

/// The address that asks for it, as short as it can be.
pub(super) fn write(query: &ListQuery) -> String {
    let values = [
        ("sort", (query.sort != Sort::default()).then(|| query.sort.as_str().to_owned())),
        ("type", query.format.map(|format| format.as_str().to_owned())),
        ("state", query.state.map(|state| state.as_str().to_owned())),
        ("from", query.added_from.map(|day| day.to_string())),
        ("to", query.added_to.map(|day| day.to_string())),
        ("after", query.after.as_ref().map(|cursor| routes::encode(&cursor.to_text()))),
    ];
    let pairs: Vec<_> =
        values.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}={value}"))).collect();
    let page = if query.trash { routes::TRASH } else { routes::DOCUMENTS };
    if pairs.is_empty() { page.to_owned() } else { format!("{page}?{}", pairs.join("&")) }
}

/// The same list from its beginning, in another order.
pub(super) fn sorted(query: &ListQuery, sort: Sort) -> String {
    write(&ListQuery { sort, after: None, ..query.clone() })
}

/// The same list from another place, or from its beginning.
pub(super) fn placed(query: &ListQuery, after: Option<Cursor>) -> String {
    write(&ListQuery { after, ..query.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> ParamsMap {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_address_reads_back() {
        let query = read(
            &params(&[("sort", "name"), ("type", "pdf"), ("state", "failed"), ("from", "2026-11-01"), ("to", "")]),
            false,
        );
        assert_eq!(write(&query), "/documents?sort=name&type=pdf&state=failed&from=2026-11-01");
        assert!(query.is_filtered());
    }

    #[test]
    fn nonsense_is_passed_over() {
        let query = read(&params(&[("sort", "x"), ("type", "exe"), ("from", "yesterday"), ("after", "1")]), true);
        assert_eq!(query, ListQuery { trash: true, ..ListQuery::default() });
        assert_eq!(write(&query), "/documents/trash");
    }

    #[test]
    fn a_place_cannot_leave_its_parameter() {
        let id = "018f0000-0000-7000-8000-000000000001".parse().expect("a UUID");
        let after = Some(Cursor { value: "a&b=c".into(), id });
        let address = placed(&ListQuery::default(), after);
        assert_eq!(address, format!("/documents?after=a%26b%3Dc~{id}"));
    }
}
