//! The month so far: what was used, of how much.

use domain::billing::MeterReading;
use leptos::prelude::*;

use super::{credits, signed};
use crate::{
    routes,
    ui::{Button, Progress, Section, Stack, Stat, StatGroup, Time, Tone, bytes, counted, grouped},
};

/// The meter. Where nothing is metered, it says what was used and of no limit.
#[component]
pub(super) fn Month(meter: MeterReading) -> impl IntoView {
    let (from, to) = (meter.period_start, meter.period_end);
    let body = if meter.entitlements.is_metered {
        view! { <Metered meter /> }.into_any()
    } else {
        view! { <Unmetered meter /> }.into_any()
    };
    view! {
        <Section title="This month">
            <p>"From " <Time at=from absolute=true /> " until " <Time at=to absolute=true /> "."</p>
            {body}
            <p>
                <Button href=routes::USAGE>"See what used them"</Button>
            </p>
        </Section>
    }
}

#[component]
fn Metered(meter: MeterReading) -> impl IntoView {
    let limits = meter.entitlements.limits;
    let allowed = meter.granted + meter.entitlements.cap;
    let used = format!("{} of {} used", signed(meter.used), credits(meter.granted));
    let of_bytes = format!("of {}", bytes(limits.storage_bytes.unsigned_abs()));
    let of_members = format!("of {}, invited ones included", grouped(limits.members.unsigned_abs()));
    let (remaining, held, members) = (signed(meter.remaining()), signed(meter.held), meter.members.unsigned_abs());
    let (of_credits, beyond) = (format!("of {}", credits(allowed)), signed(meter.overage()));
    let cost = format!("{} so far, before tax", meter.overage_cost());
    let (of_month, of_storage) = ((meter.used, meter.granted), (meter.stored_bytes, limits.storage_bytes));
    let storage = format!("{} {of_bytes} stored", bytes(meter.stored_bytes.unsigned_abs()));
    view! {
        <Stack>
            <Bar label=used of=of_month />
            <Bar label=storage of=of_storage />
            <StatGroup>
                <Stat label="Remaining" value=remaining note=of_credits />
                <Stat label="Held" value=held note="for documents that wait or are being read" />
                <Stat label="Beyond the plan" value=beyond note=cost />
                <Stat label="Members" value=grouped(members) note=of_members />
            </StatGroup>
        </Stack>
    }
}

#[component]
fn Unmetered(meter: MeterReading) -> impl IntoView {
    view! {
        <StatGroup>
            <Stat label="Page credits used" value=signed(meter.used) note="without a limit" />
            <Stat label="Stored" value=bytes(meter.stored_bytes.unsigned_abs()) />
            <Stat label="Members" value=counted(meter.members.unsigned_abs(), "person", "people") />
        </StatGroup>
    }
}

/// How much of it is used. From four fifths on it warns, and it says so when all is.
#[component]
fn Bar(label: String, of: (i64, i64)) -> impl IntoView {
    let (used, allowed) = of;
    let share = if allowed > 0 { used as f64 / allowed as f64 } else { 1.0 };
    let tone = if share >= 1.0 {
        Tone::Danger
    } else if share >= 0.8 {
        Tone::Warning
    } else {
        Tone::Neutral
    };
    view! { <Progress label value=Some(share) labelled=true tone /> }
}
