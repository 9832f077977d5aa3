//! How Sheaf is, for everybody. The server finds it, provides it as context, and renders the page; without it there is no such
//! page.

mod bar;
mod incidents;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::status::{ComponentStatus, DAYS, Health, Status};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};

use self::{bar::DaysBar, incidents::Incidents};
use crate::{
    public_site::NoSuchPage,
    routes,
    ui::{Badge, Gap, Notice, PageHeader, PublicLayout, Section, Stack, TextLink, Tone},
};

/// What the server found.
#[derive(Clone)]
pub struct StatusShown {
    pub status: Arc<Status>,
    /// Whether the database does not answer, and this is what was known before.
    pub is_away: bool,
}

/// The page at [`routes::STATUS`], of a [`StatusShown`] in context.
#[component]
pub fn StatusPage() -> impl IntoView {
    let Some(StatusShown { status, is_away }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let components = status.components.iter().cloned().map(|part| view! { <Part part /> }).collect_view();
    let incidents = status.incidents.clone();
    view! {
        <Title text="Status" />
        <Meta name="description" content="Whether Sheaf works, now and in the last 90 days." />
        <PublicLayout>
            <Stack gap=Gap::Large>
                <PageHeader title="Status" />
                <Summary status=status.clone() is_away />
                <Section
                    title="Parts"
                    description=format!(
                        "Each is tried once a minute. The bars are the last {DAYS} days in UTC; a low bar is a bad day, and a \
                         line one of which nothing is known.",
                    )
                >
                    <ul class="status-parts">{components}</ul>
                </Section>
                <Incidents incidents is_away />
                <p class="status-links">
                    <TextLink href=routes::STATUS_ATOM>"Incidents as a feed"</TextLink>
                    " · "
                    <TextLink href=routes::STATUS_JSON>"All of it for programs"</TextLink>
                </p>
            </Stack>
        </PublicLayout>
    }
    .into_any()
}

#[component]
fn Summary(status: Arc<Status>, is_away: bool) -> impl IntoView {
    let (health, sentence) = status.summary();
    let as_of = status.as_of;
    if is_away {
        return view! {
            <Notice tone=Tone::Danger title="The database does not answer at the moment">
                <p>"This is what was known before, from " <Moment at=as_of /> "."</p>
            </Notice>
        }
        .into_any();
    }
    view! {
        <Notice tone=tone_of(health) title=sentence>
            <p>"As of " <Moment at=as_of /> "."</p>
        </Notice>
    }
    .into_any()
}

/// A part: how it is, how it was, and each day in words for whoever sees no bars.
#[component]
fn Part(part: ComponentStatus) -> impl IntoView {
    let label = part.component.label();
    let uptime = match part.uptime {
        Some(uptime) => format!("{} of the time that is known", percent(uptime)),
        None => "Nothing is known yet".into(),
    };
    let days = part.days.iter().rev().filter(|day| day.known() > 0);
    let days: Vec<_> = days.map(|day| format!("{}: {}", day.day.format("%-d %b %Y"), day.words())).collect();
    let days = if days.is_empty() { vec!["No day is known.".to_owned()] } else { days };
    let days = days.into_iter().map(|day| view! { <li>{day}</li> }).collect_view();
    view! {
        <li class="status-part">
            <div class="status-part-head">
                <h3 class="status-part-name">{label}</h3>
                <Badge tone=tone_of(part.health)>{part.health.label()}</Badge>
                <span class="status-uptime">{uptime}</span>
            </div>
            {part.since.map(|since| view! { <p class="status-since">"Since " <Moment at=since /></p> })}
            <DaysBar label days=part.days />
            <details class="status-days">
                <summary>{format!("{label}, day by day")}</summary>
                <ul>{days}</ul>
            </details>
        </li>
    }
}

/// All of a moment, in UTC: whoever reads this may be anywhere.
#[component]
fn Moment(at: DateTime<Utc>) -> impl IntoView {
    view! { <time datetime=at.to_rfc3339()>{at.format("%-d %b %Y, %H:%M UTC").to_string()}</time> }
}

fn tone_of(health: Health) -> Tone {
    match health {
        Health::Up => Tone::Success,
        Health::Slow => Tone::Warning,
        Health::Down => Tone::Danger,
        Health::Unknown => Tone::Neutral,
    }
}

/// With two places, and never rounded up to 100.
fn percent(share: f64) -> String {
    format!("{:.2} %", (share * 100.0).floor() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn what_was_down_for_a_minute_is_not_called_always_up() {
        assert_eq!([percent(100.0), percent(99.999), percent(0.0)], ["100.00 %", "99.99 %", "0.00 %"]);
    }
}
