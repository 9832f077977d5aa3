//! The days of a part, drawn by the server. How high a bar is says how the day was; its colour says it again.

use domain::status::{Day, DayState};
use leptos::prelude::*;

/// The height of the drawing, and what one day takes of its width, in units of its own.
const HEIGHT: i32 = 40;
const STEP: usize = 10;
const GAP: usize = 2;

/// A bar for each day.
#[component]
pub(super) fn DaysBar(label: &'static str, days: Vec<Day>) -> impl IntoView {
    let count = |state| days.iter().filter(|day| day.state() == state).count();
    let told = format!(
        "{label} in {} days: {} good, {} slow, {} with a time in which it was down, {} not known",
        days.len(),
        count(DayState::Up),
        count(DayState::Slow),
        count(DayState::Down),
        count(DayState::Unknown),
    );
    let width = days.len() * STEP;
    let drawn = days.into_iter().enumerate().map(|(index, day)| draw(index, &day)).collect_view();
    view! {
        <svg
            class="status-bar"
            viewBox=format!("0 0 {width} {HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            aria-label=told
        >
            {drawn}
        </svg>
    }
}

fn draw(index: usize, day: &Day) -> impl IntoView + use<> {
    let (class, height) = match day.state() {
        DayState::Up => ("status-day status-day-up", HEIGHT),
        DayState::Slow => ("status-day status-day-slow", HEIGHT * 2 / 3),
        DayState::Down => ("status-day status-day-down", HEIGHT / 3),
        DayState::Unknown => ("status-day status-day-unknown", 2),
    };
    let (x, y) = ((index * STEP + GAP / 2).to_string(), (HEIGHT - height).to_string());
    let told = format!("{}: {}", day.day.format("%-d %b %Y"), day.words());
    view! {
        <rect class=class x=x y=y width=(STEP - GAP).to_string() height=height.to_string()>
            <title>{told}</title>
        </rect>
    }
}
