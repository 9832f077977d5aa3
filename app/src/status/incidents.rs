//! What operators say of incidents.

use domain::status::Incident;
use leptos::prelude::*;

use super::Moment;
use crate::ui::{Badge, Section, TextBlock, Tone};

/// Those that are open, and those that are over.
#[component]
pub(super) fn Incidents(incidents: Vec<Incident>) -> impl IntoView {
    let (open, past): (Vec<_>, Vec<_>) = incidents.into_iter().partition(|incident| incident.resolved_at.is_none());
    let open = (!open.is_empty()).then(|| view! { <Section title="Open incidents">{list(open)}</Section> });
    let past =
        if past.is_empty() { view! { <p>"None in the last 90 days."</p> }.into_any() } else { list(past).into_any() };
    view! {
        {open}
        <Section title="Past incidents">{past}</Section>
    }
}

fn list(incidents: Vec<Incident>) -> impl IntoView {
    let incidents = incidents.into_iter().map(|incident| view! { <OneIncident incident /> }).collect_view();
    view! { <div class="status-incidents">{incidents}</div> }
}

#[component]
fn OneIncident(incident: Incident) -> impl IntoView {
    let parts: Vec<_> = incident.components.iter().map(|component| component.label()).collect();
    let tone = if incident.resolved_at.is_some() { Tone::Neutral } else { Tone::Warning };
    let updates = incident.updates.into_iter().map(|update| {
        view! {
            <li class="status-update">
                <p class="status-update-head">
                    <strong>{update.state.label()}</strong>
                    " · "
                    <Moment at=update.posted_at />
                </p>
                <TextBlock text=update.text />
            </li>
        }
    });
    view! {
        <article class="status-incident" id=format!("incident-{}", incident.id)>
            <h3 class="status-part-name">{incident.title}</h3>
            <p class="status-update-head">
                <Badge tone=tone>{incident.severity.label()}</Badge>
                " "
                {parts.join(", ")}
            </p>
            <ol class="status-updates">{updates.collect_view()}</ol>
        </article>
    }
}
