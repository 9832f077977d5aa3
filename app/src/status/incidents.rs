//! What operators say of incidents.

use domain::status::Incident;
use leptos::prelude::*;

use super::Moment;
use crate::ui::{Badge, Section, TextBlock, Tone};

/// Those that are open, and those that are over; while the database is away, those that were known before.
#[component]
pub(super) fn Incidents(incidents: Vec<Incident>, is_away: bool) -> impl IntoView {
    let (open, past): (Vec<_>, Vec<_>) = incidents.into_iter().partition(|incident| incident.resolved_at.is_none());
    let open = (!open.is_empty()).then(|| view! { <Section title="Open incidents">{list(open)}</Section> });
    let unknown = "Which incidents there are is not known now: the database that knows them does not answer.";
    let perhaps_more = "Whether there are more is not known now: the database that knows them does not answer.";
    let past = match (past.is_empty(), is_away) {
        (true, false) => view! { <p>"None in the last 90 days."</p> }.into_any(),
        (true, true) => view! { <p>{unknown}</p> }.into_any(),
        (false, _) => view! { {is_away.then(|| view! { <p>{perhaps_more}</p> })} {list(past)} }.into_any(),
    };
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
