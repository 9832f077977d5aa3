//! The head of the list of documents.

use leptos::prelude::*;

use super::{counts::in_all, list::ListingResource, powers::Powers, upload::use_uploads};
use crate::{
    routes,
    ui::{Button, ButtonVariant, Checkbox, Glyph, PageHeader, WithoutScripts},
};

/// The title with all that there are, and the ways to the trash and to add more.
#[component]
pub(super) fn ListHeader(listing: ListingResource, powers: Powers) -> impl IntoView {
    let uploads = use_uploads();
    // It stays when the list could not be looked at again.
    let total = Memo::new(move |before: Option<&String>| {
        let now = listing.with(|listing| {
            let (asked, answer) = listing.as_ref()?;
            Some(in_all(asked, answer.as_ref().ok()?))
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
