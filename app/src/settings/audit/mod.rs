//! The audit log: who did what, when and from where.

mod filters;
mod row;

use domain::audit::{AuditListing, AuditQuery};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{filters::Filters, row::EntryRow};
use super::{SettingsHeader, View};
use crate::{
    audit::api::{list_audit, list_people},
    failure::Failure,
    routes,
    ui::{Button, Cluster, EmptyState, Gap, Glyph, HeaderCell, Loading, Pagination, Section, Stack, Table, counted},
};

/// The page at [`routes::SETTINGS_AUDIT`].
#[component]
pub fn AuditSettings() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(|params| AuditQuery::read(|name| params.get_str(name))));
    let people = Resource::new(|| (), |()| list_people());
    // With what was asked for: while another page is on its way, the one that is shown stays what it says that it is.
    let listing = Resource::new(
        move || query.get(),
        |query| async move {
            let listing = list_audit(query.clone()).await;
            (query, listing)
        },
    );
    view! {
        <Title text="Audit log" />
        <SettingsHeader view=View::Audit />
        <Section
            title="Audit log"
            description="What was done in this workspace, newest first. Nobody can change or delete an entry: each carries the hash of the one before. The days of the filters are those of UTC."
        >
            <Stack gap=Gap::Medium>
                <Suspense fallback=|| ()>
                    {move || Suspend::new(async move {
                        // Why there are none is said in the place of the entries.
                        people.await.ok().map(|people| view! { <Filters query people /> })
                    })}
                </Suspense>
                <Transition fallback=|| view! { <Loading label="Loading the audit log" /> }>
                    {move || Suspend::new(async move {
                        match listing.await {
                            (query, Ok(listing)) => view! { <Log listing query /> }.into_any(),
                            (_, Err(error)) => view! { <Failure error /> }.into_any(),
                        }
                    })}
                </Transition>
            </Stack>
        </Section>
    }
}

#[component]
fn Log(listing: AuditListing, query: AuditQuery) -> impl IntoView {
    let AuditListing { entries, next } = listing;
    if entries.is_empty() {
        let narrowed = query.filters() || query.before.is_some();
        return view! { <Nothing narrowed /> }.into_any();
    }
    let older = next.map(|number| address(&AuditQuery { before: Some(number), ..query.clone() }));
    let start = query.before.map(|_| address(&AuditQuery { before: None, ..query.clone() }));
    let summary = counted(entries.len() as u64, "entry", "entries");
    let rows = entries.into_iter().map(|entry| view! { <EntryRow entry query=query.clone() /> }).collect_view();
    view! {
        <Exports query />
        <Table label="Audit log">
            <thead>
                <tr>
                    <HeaderCell>"What"</HeaderCell>
                    <HeaderCell>"Who"</HeaderCell>
                    <HeaderCell>"When"</HeaderCell>
                    <HeaderCell hide_narrow=true>"From"</HeaderCell>
                    <HeaderCell numeric=true hide_narrow=true>
                        "Number"
                    </HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        <Pagination label="Audit log" newer=start older newer_label="Back to the start" summary />
    }
    .into_any()
}

/// The same entries as files, from the newest to the oldest.
#[component]
fn Exports(query: AuditQuery) -> impl IntoView {
    let asked = AuditQuery { before: None, ..query }.write();
    let href = |file: &str| if asked.is_empty() { file.to_owned() } else { format!("{file}?{asked}") };
    let (csv, json_lines) = (href(routes::AUDIT_CSV), href(routes::AUDIT_JSON_LINES));
    view! {
        <Cluster gap=Gap::Small>
            <Button href=csv external=true download=true glyph=Glyph::Download>
                "Download as CSV"
            </Button>
            <Button href=json_lines external=true download=true glyph=Glyph::Download>
                "Download as JSON lines"
            </Button>
        </Cluster>
    }
}

#[component]
fn Nothing(narrowed: bool) -> impl IntoView {
    if narrowed {
        view! {
            <EmptyState glyph=Glyph::Filter title="No entry is like that" text="Other filters may find more.">
                <Button href=routes::SETTINGS_AUDIT>"Show all entries"</Button>
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <EmptyState
                glyph=Glyph::Clock
                title="Nothing has happened yet"
                text="What people do in this workspace will stand here."
            />
        }
        .into_any()
    }
}

/// The address that asks for it.
fn address(query: &AuditQuery) -> String {
    let asked = query.write();
    if asked.is_empty() { routes::SETTINGS_AUDIT.to_owned() } else { format!("{}?{asked}", routes::SETTINGS_AUDIT) }
}
