//! Moments, told as people tell them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::tenants::Zone;
use leptos::prelude::*;

/// When this request is answered; the server provides it, so that a page is exact and the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestTime(pub DateTime<Utc>);

/// The present, as the page knows it: the server's at first, so that both sides render the same, then the browser's.
#[derive(Debug, Clone, Copy)]
pub struct Now(pub RwSignal<DateTime<Utc>>);

/// Gives the page below a [`Now`]. Call it once, at the root of the app.
pub fn provide_now() {
    let now = RwSignal::new(SharedValue::new(present).into_inner());
    provide_context(Now(now));
    #[cfg(feature = "hydrate")]
    set_interval(move || now.set(present()), std::time::Duration::from_secs(30));
}

/// Has the moments of the page below told as clocks in this zone show them. Without it they are told in UTC.
pub fn provide_zone(zone: Zone) {
    provide_context(Arc::new(zone));
}

/// A moment that the server told, moved on each second in the browser until it tells another: so long has it been since.
pub fn use_seconds(at: Signal<DateTime<Utc>>) -> Signal<DateTime<Utc>> {
    let now = RwSignal::new(at.get_untracked());
    Effect::new(move |_| now.set(at.get()));
    #[cfg(feature = "hydrate")]
    {
        // The page may be gone when the second is over.
        let tick = move || {
            now.try_update(|now| *now += chrono::TimeDelta::seconds(1));
        };
        if let Ok(ticking) = set_interval_with_handle(tick, std::time::Duration::from_secs(1)) {
            on_cleanup(move || ticking.clear());
        }
    }
    now.into()
}

/// All of a moment: "21 November 2026, 13:00 (Europe/Berlin)".
pub fn moment(at: DateTime<Utc>) -> String {
    whole(at, use_context::<Arc<Zone>>().as_deref())
}

/// A moment. Within a week it is told from now ("5 minutes ago"), else by its date; the title has all of it.
#[component]
pub fn Time(
    at: DateTime<Utc>,
    /// Always the date.
    #[prop(optional)]
    absolute: bool,
    /// All of it, to the second and in UTC: for operators, who look for it in logs and may be anywhere.
    #[prop(optional)]
    exact: bool,
) -> impl IntoView {
    if exact {
        return view! {
            <time class="time" datetime=at.to_rfc3339()>
                {to_the_second(at)}
            </time>
        }
        .into_any();
    }
    let now = use_context::<Now>().filter(|_| !absolute);
    let zone = use_context::<Arc<Zone>>();
    let title = whole(at, zone.as_deref());
    let text = move || match now {
        Some(Now(now)) => relative(at, now.get(), zone.as_deref()),
        None => date(at, zone.as_deref()),
    };
    view! {
        <time class="time" datetime=at.to_rfc3339() title=title>
            {text}
        </time>
    }
    .into_any()
}

fn to_the_second(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// How long ago `at` was at `now`; a moment ahead by a clock that runs fast is "just now".
fn relative(at: DateTime<Utc>, now: DateTime<Utc>, zone: Option<&Zone>) -> String {
    let seconds = (now - at).num_seconds();
    let ago = |number: i64, unit: &str| format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" });
    match seconds {
        ..-60 => date(at, zone),
        -60..45 => "just now".into(),
        45..3_570 => ago(((seconds + 30) / 60).max(1), "minute"),
        3_570..84_600 => ago((seconds + 1_800) / 3_600, "hour"),
        84_600..604_800 => ago((seconds + 43_200) / 86_400, "day"),
        _ => date(at, zone),
    }
}

fn date(at: DateTime<Utc>, zone: Option<&Zone>) -> String {
    match zone {
        Some(zone) => zone.local(at).format("%-d %b %Y").to_string(),
        None => at.format("%-d %b %Y").to_string(),
    }
}

fn whole(at: DateTime<Utc>, zone: Option<&Zone>) -> String {
    match zone.filter(|zone| zone.name() != "UTC") {
        Some(zone) => format!("{} ({})", zone.local(at).format("%-d %B %Y, %H:%M"), zone.name()),
        None => at.format("%-d %B %Y, %H:%M UTC").to_string(),
    }
}

#[cfg(feature = "hydrate")]
fn present() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default()
}

#[cfg(not(feature = "hydrate"))]
#[expect(clippy::disallowed_methods, reason = "the list of routes is made outside a request, where nobody looks at it")]
fn present() -> DateTime<Utc> {
    use_context::<RequestTime>().map_or_else(|| std::time::SystemTime::now().into(), |RequestTime(now)| now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_moment_is_told_from_now_within_a_week() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).expect("a moment of 2026");
        let told = |seconds| relative(now - TimeDelta::seconds(seconds), now, None);
        let shown: Vec<_> =
            [-5, 10, 50, 299, 3_569, 3_570, 7_100, 84_599, 84_600, 500_000].into_iter().map(told).collect();
        assert_eq!(
            shown,
            [
                "just now",
                "just now",
                "1 minute ago",
                "5 minutes ago",
                "59 minutes ago",
                "1 hour ago",
                "2 hours ago",
                "23 hours ago",
                "1 day ago",
                "6 days ago"
            ]
        );
        assert_eq!(to_the_second(now), "18 Nov 2026, 11:06:40 UTC");
        assert_eq!(told(604_800), "11 Nov 2026");
        assert_eq!(told(-86_400), "19 Nov 2026");
    }
}
