//! The cell that begins a row about a workspace.

use domain::id::TenantId;
use leptos::prelude::*;

use crate::{
    routes,
    ui::{Cell, TextLink},
};

/// The name of the workspace, which leads to its page.
#[component]
pub(super) fn TenantCell(tenant: TenantId, name: String) -> impl IntoView {
    view! {
        <Cell primary=true>
            <TextLink href=routes::operator_tenant(tenant) quiet=true>
                {name}
            </TextLink>
        </Cell>
    }
}
