//! Figures over time, as bars. It is drawn by the server: no scripts, and no style that a content policy would refuse.

use leptos::prelude::*;

use super::grouped;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it is of: "3 Nov".
    pub label: String,
    /// What is below zero is drawn as nothing.
    pub value: i64,
}

/// The height of the drawing, and what one bar takes of its width, in units of its own.
const HEIGHT: i64 = 100;
const STEP: usize = 10;
const GAP: usize = 2;

/// Bars beside each other, under one sentence that says what they show. The drawing itself says nothing more to screen readers:
/// the figures stand in a table beside it.
#[component]
pub fn BarChart(
    /// What it shows, in one sentence.
    #[prop(into)]
    label: String,
    bars: Vec<Bar>,
) -> impl IntoView {
    let highest = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    let width = (bars.len() * STEP).max(STEP);
    let (first, last) = (name_of(bars.first()), name_of(bars.last()));
    let drawn = bars.into_iter().enumerate().map(|(index, bar)| draw(index, &bar, highest)).collect_view();
    view! {
        <figure class="bar-chart">
            <figcaption>{label}</figcaption>
            <p class="bar-chart-scale" aria-hidden="true">
                {grouped(highest.unsigned_abs())}
            </p>
            <svg
                class="bar-chart-drawing"
                viewBox=format!("0 0 {width} {HEIGHT}")
                preserveAspectRatio="none"
                aria-hidden="true"
                focusable="false"
            >
                {drawn}
            </svg>
            <p class="bar-chart-ends" aria-hidden="true">
                <span>{first}</span>
                <span>{last}</span>
            </p>
        </figure>
    }
}

fn name_of(bar: Option<&Bar>) -> String {
    bar.map(|bar| bar.label.clone()).unwrap_or_default()
}

/// A bar as high as its share of the highest; one that is not nothing is seen.
fn draw(index: usize, bar: &Bar, highest: i64) -> impl IntoView + use<> {
    let height = height_of(bar.value, highest);
    let (x, y) = (index * STEP + GAP / 2, HEIGHT - height);
    let (x, y, width, height) = (x.to_string(), y.to_string(), (STEP - GAP).to_string(), height.to_string());
    let told = format!("{}: {}", bar.label, grouped(bar.value.max(0).unsigned_abs()));
    view! {
        <rect class="bar-chart-bar" x=x y=y width=width height=height>
            <title>{told}</title>
        </rect>
    }
}

fn height_of(value: i64, highest: i64) -> i64 {
    if value <= 0 {
        return 0;
    }
    // Credits are far from the largest number that there is, but nobody promises it.
    value.saturating_mul(HEIGHT).checked_div(highest).unwrap_or(HEIGHT).clamp(1, HEIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_high_as_its_share_and_never_unseen() {
        assert_eq!([0, 1, 500, 1_000].map(|value| height_of(value, 1_000)), [0, 1, 50, 100]);
        assert_eq!((height_of(-5, 1), height_of(i64::MAX, i64::MAX)), (0, 1));
    }
}
