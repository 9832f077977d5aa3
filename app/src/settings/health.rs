//! How the workspace does.

use domain::{
    roles::Action,
    tenants::{MOST_MAILS, MOST_READ, MOST_WAITING, READING_DAYS, TenantHealth},
};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{SettingsHeader, View};
use crate::{
    error::AppError,
    failure::Failure,
    frame::Gate,
    live::{Subject, use_changes},
    routes,
    tenants::api::find_health,
    ui::{Cluster, Loading, Notice, Section, Stat, StatGroup, TextLink, Time, Tone, bytes, counted, grouped},
};

/// The page at [`routes::SETTINGS_HEALTH`].
#[component]
pub fn HealthSettings() -> impl IntoView {
    view! {
        <Gate action=Action::ReadHealth>
            <Health />
        </Gate>
    }
}

#[component]
fn Health() -> impl IntoView {
    // Reports that wait and mails that failed are told here too.
    let changes = use_changes(Subject::Activity);
    let health = Resource::new(move || changes.get(), |_| find_health());
    view! {
        <Title text="Health" />
        <SettingsHeader view=View::Health />
        <Transition fallback=|| view! { <Loading label="Loading the health of the workspace" /> }>
            {move || health.get().map(|health| view! { <Answer health /> })}
        </Transition>
    }
}

#[component]
fn Answer(health: Result<TenantHealth, AppError>) -> impl IntoView {
    match health {
        Ok(health) => view! {
            <Reading health=health.clone() />
            <Waiting health=health.clone() />
            <Mails undelivered=health.undelivered />
            <Section title="Storage">
                <StatGroup>
                    <Stat label="Stored" value=bytes(health.stored_bytes.max(0).unsigned_abs()) />
                </StatGroup>
            </Section>
        }
        .into_any(),
        Err(error) => view! { <Failure error /> }.into_any(),
    }
}

#[component]
fn Reading(health: TenantHealth) -> impl IntoView {
    let per_cent = health.read_per_cent().map_or_else(|| "–".to_owned(), |share| format!("{share} %"));
    let of = if health.is_more {
        format!("the newest {} documents of the last {READING_DAYS} days", grouped(MOST_READ.unsigned_abs()))
    } else {
        format!("the documents of the last {READING_DAYS} days")
    };
    let number = |number: i64| grouped(number.unsigned_abs());
    view! {
        <Section title="Reading" description=format!("Of {of} that you may see.")>
            <StatGroup>
                <Stat label="Could be read" value=per_cent />
                <Stat label="Read" value=number(health.read) />
                <Stat label="Read in part" value=number(health.partly_read) />
                <Stat label="Could not be read" value=number(health.unreadable) />
            </StatGroup>
        </Section>
    }
}

#[component]
fn Waiting(health: TenantHealth) -> impl IntoView {
    let since =
        health.waiting_since.map(|at| view! { <p>"The oldest document that waits was uploaded "<Time at />"."</p> });
    let held = (health.held_documents > 0).then(|| {
        view! {
            <Stat
                label="Waiting for page credits"
                value=up_to(health.held_documents, MOST_WAITING)
                note="Documents that are read once there are some"
            />
        }
    });
    view! {
        <Section title="Work" description="What waits or is worked on at this moment.">
            <StatGroup>
                <Stat label="Documents" value=up_to(health.waiting_documents, MOST_WAITING) />
                <Stat label="Reports" value=up_to(health.waiting_reports, MOST_WAITING) />
                {held}
            </StatGroup>
            {since}
            <Cluster>
                <TextLink href=routes::ACTIVITY>"All activity"</TextLink>
            </Cluster>
        </Section>
    }
}

#[component]
fn Mails(undelivered: i64) -> impl IntoView {
    let told = if undelivered == 0 {
        view! { <p>"No mail has failed."</p> }.into_any()
    } else {
        let text = if undelivered > MOST_MAILS {
            format!("More than {MOST_MAILS} mails have not arrived so far.")
        } else {
            format!("{} not arrived so far.", counted(undelivered.unsigned_abs(), "mail has", "mails have"))
        };
        view! {
            <Notice tone=Tone::Warning>
                {text} " " <TextLink href=routes::SETTINGS_MAIL>"See why"</TextLink>
            </Notice>
        }
        .into_any()
    };
    view! { <Section title="Mail">{told}</Section> }
}

/// `1,000 or more` from there on.
fn up_to(number: i64, most: i64) -> String {
    let shown = grouped(number.clamp(0, most).unsigned_abs());
    if number > most { format!("{shown} or more") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_says_where_it_ends() {
        assert_eq!([0, 1_000, 1_001].map(|number| up_to(number, 1_000)), ["0", "1,000", "1,000 or more"]);
    }
}
