//! The head of the list of documents, and how many there are.

use domain::documents::{ListQuery, Listing};
use leptos::prelude::*;

use super::{address, list::ListingResource, powers::Powers, upload::use_uploads};
use crate::{
    routes,
    ui::{Button, ButtonVariant, Checkbox, Glyph, PageHeader, WithoutScripts, counted, grouped},
};

/// The title with all that there are, and the ways to the trash and to add more.
#[component]
pub(super) fn ListHeader(listing: ListingResource, query: Memo<ListQuery>, powers: Powers) -> impl IntoView {
    let uploads = use_uploads();
    // It stays when the list could not be looked at again.
    let total = Memo::new(move |before: Option<&String>| {
        let now = listing.with(|listing| {
            let listing = listing.as_ref()?.as_ref().ok()?;
            Some(query.with_untracked(|query| in_all(query, listing)))
        });
        now.or_else(|| before.cloned()).unwrap_or_default()
    });
    view! {
        <PageHeader title="Documents" description=total>
            <Button variant=ButtonVariant::Ghost glyph=Glyph::Trash href=routes::TRASH>
                "Trash"
            </Button>
            {powers
                .upload
                .then(|| {
                    view! {
                        <Checkbox
                            name="upload-privately"
                            label="Only I see what I upload"
                            checked=uploads.private()
                            on_change=move |on| uploads.keep_private(on)
                            class:needs-scripts=true
                        />
                        <WithoutScripts>
                            <Button variant=ButtonVariant::Primary glyph=Glyph::Upload href="#upload">
                                "Upload"
                            </Button>
                        </WithoutScripts>
                        <Button
                            variant=ButtonVariant::Primary
                            glyph=Glyph::Upload
                            class:needs-scripts=true
                            on:click=move |_| uploads.pick()
                        >
                            "Upload"
                        </Button>
                    }
                })}
        </PageHeader>
    }
}

/// What is in view: "17 documents", "1–50 of 96", or "50 documents on this page" where nobody has counted what there is.
pub(super) fn in_view(query: &ListQuery, listing: &Listing) -> String {
    let here = listing.documents.len() as u64;
    let documents = counted(here, "document", "documents");
    if is_whole(query, listing) {
        documents
    } else if query.after.is_none() && !address::filters(query) {
        format!("1–{} of {}", grouped(here), grouped(listing.total.unsigned_abs()))
    } else {
        format!("{documents} on this page")
    }
}

/// Whether there is nothing before this page and nothing after it.
pub(super) fn is_whole(query: &ListQuery, listing: &Listing) -> bool {
    query.after.is_none() && listing.next.is_none()
}

/// "96 documents", or "17 of 96 documents" where filters leave so few that all of them are in view.
fn in_all(query: &ListQuery, listing: &Listing) -> String {
    let total = counted(listing.total.unsigned_abs(), "document", "documents");
    match (address::filters(query), is_whole(query, listing)) {
        (false, _) => total,
        (true, true) => format!("{} of {total}", grouped(listing.documents.len() as u64)),
        (true, false) => format!("{total} in all"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::documents::{Cursor, DocumentState, Format, ListedDocument};

    use super::*;

    fn document() -> ListedDocument {
        ListedDocument {
            id: "018f0000-0000-7000-8000-000000000001".parse().expect("a UUID"),
            name: "lease.pdf".into(),
            format: Format::Pdf,
            bytes: 1,
            state: DocumentState::Read,
            failure: None,
            title: None,
            pages: Some(1),
            pages_read: 1,
            words: 1,
            has_images: true,
            private: false,
            created_at: DateTime::UNIX_EPOCH,
            trashed_at: None,
        }
    }

    fn cursor() -> Option<Cursor> {
        Some(Cursor { value: String::new(), id: document().id })
    }

    #[test]
    fn what_is_counted_is_told_and_nothing_else() {
        let whole = Listing { documents: vec![document(); 17], next: None, total: 96 };
        let begun = Listing { documents: vec![document(); 50], next: cursor(), total: 96 };
        let all = ListQuery::default();
        let some = ListQuery { format: Some(Format::Pdf), ..ListQuery::default() };
        let last = ListQuery { after: cursor(), ..ListQuery::default() };
        assert_eq!([in_all(&all, &begun), in_view(&all, &begun)], ["96 documents", "1–50 of 96"]);
        assert_eq!([in_all(&some, &whole), in_view(&some, &whole)], ["17 of 96 documents", "17 documents"]);
        assert_eq!(
            [in_all(&some, &begun), in_view(&some, &begun)],
            ["96 documents in all", "50 documents on this page"]
        );
        assert_eq!([in_all(&last, &whole), in_view(&last, &whole)], ["96 documents", "17 documents on this page"]);
    }
}
