//! All workspaces, as operators see them.

use domain::operators::{self, MOST_DOCUMENTS_COUNTED, TenantLine};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    tabs::{DoorTab, DoorTabs},
    tenant_cell::TenantCell,
};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Badge, Button, ButtonKind, Cell, Cluster, EmptyState, ErrorState, Glyph, HeaderCell, OperatorLayout,
        PageHeader, Pagination, QueryForm, Row, SearchField, Stack, Table, Time, Tone, bytes, counted_to, grouped,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct TenantsShown {
    /// The operator's name.
    pub operator: String,
    pub search: String,
    /// Whether another page comes before this one.
    pub is_later: bool,
    pub page: Result<operators::TenantPage, AppError>,
}

/// The page at [`routes::OPERATOR`], of a [`TenantsShown`] in context.
#[component]
pub fn TenantsPage() -> impl IntoView {
    let Some(TenantsShown { operator, search, is_later, page }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let is_search = !search.is_empty();
    let found = match page {
        Ok(page) if page.tenants.is_empty() => view! { <Nothing is_search /> }.into_any(),
        Ok(page) => view! { <Tenants page search=search.clone() is_later /> }.into_any(),
        Err(error) => view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR /> }.into_any(),
    };
    view! {
        <Title text="Workspaces" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Workspaces />
                <PageHeader title="Workspaces" description="The newest first. What is in them is not shown here." />
                <QueryForm action=routes::OPERATOR>
                    <Cluster>
                        <SearchField label="Search workspaces by name or id" value=search />
                        <Button kind=ButtonKind::Submit>"Search"</Button>
                    </Cluster>
                </QueryForm>
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

#[component]
fn Nothing(is_search: bool) -> impl IntoView {
    let (title, text) = if is_search {
        ("No workspace found", "Search by a part of its name, or by its whole id.")
    } else {
        ("No workspaces yet", "A workspace is made when somebody signs up.")
    };
    view! { <EmptyState glyph=Glyph::Documents title text /> }
}

#[component]
fn Tenants(page: operators::TenantPage, search: String, is_later: bool) -> impl IntoView {
    let newest = is_later.then(|| routes::operator_tenants(&search, None::<&str>));
    let older = page.older.map(|last| routes::operator_tenants(&search, Some(last)));
    let rows = page.tenants.into_iter().map(|tenant| view! { <Tenant tenant /> }).collect_view();
    view! {
        <Table label="Workspaces">
            <thead>
                <tr>
                    <HeaderCell>"Name"</HeaderCell>
                    <HeaderCell>"State"</HeaderCell>
                    <HeaderCell numeric=true>"Members"</HeaderCell>
                    <HeaderCell numeric=true>"Shared documents"</HeaderCell>
                    <HeaderCell numeric=true>"Size"</HeaderCell>
                    <HeaderCell hide_narrow=true>"Last use"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        <Pagination label="Workspaces" newer=newest older newer_label="Newest" />
    }
}

#[component]
fn Tenant(tenant: TenantLine) -> impl IntoView {
    let state = match tenant.suspended_at {
        Some(_) => view! { <Badge tone=Tone::Danger>"Suspended"</Badge> }.into_any(),
        None => view! { <Badge tone=Tone::Success>"Open"</Badge> }.into_any(),
    };
    let last_use = match tenant.last_used_at {
        Some(at) => view! { <Time at /> }.into_any(),
        None => "Never".into_any(),
    };
    view! {
        <Row>
            <TenantCell tenant=tenant.id name=tenant.name />
            <Cell>{state}</Cell>
            <Cell numeric=true>{grouped(tenant.members.unsigned_abs())}</Cell>
            <Cell numeric=true>{counted_to(MOST_DOCUMENTS_COUNTED, tenant.documents)}</Cell>
            <Cell numeric=true>{bytes(tenant.bytes.unsigned_abs())}</Cell>
            <Cell hide_narrow=true>{last_use}</Cell>
        </Row>
    }
}
