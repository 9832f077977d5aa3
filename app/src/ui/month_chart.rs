//! An amount for each of some months, as bars.

use leptos::prelude::*;

/// The size of the drawing; it is scaled to its place.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 180.0;

/// Below the bars, for their names; above them, for the highest.
const FOOT: f64 = 22.0;
const HEAD: f64 = 20.0;

/// Of the place of a bar, so much is bar.
const FILLED: f64 = 0.7;

/// Names under the bars, at most: more would touch each other.
const NAMES: usize = 12;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthBar {
    /// Under it.
    pub name: String,
    /// What is below nothing is drawn as nothing.
    pub value: i64,
    /// The value as people read it.
    pub text: String,
    /// The one that the page is about.
    pub is_current: bool,
}

/// Bars side by side. A table beside it has to say the same: for screen readers the chart is one picture with a name.
#[component]
pub fn MonthChart(
    /// What it shows, with what there is to say of it.
    #[prop(into)]
    label: String,
    bars: Vec<MonthBar>,
) -> impl IntoView {
    let highest = bars.iter().max_by_key(|bar| bar.value).filter(|bar| bar.value > 0);
    let most = highest.map_or(1, |bar| bar.value);
    let top = highest.map(|bar| bar.text.clone()).unwrap_or_default();
    let place = WIDTH / bars.len().max(1) as f64;
    let every = bars.len().div_ceil(NAMES).max(1);
    let last = bars.len().saturating_sub(1);
    let drawn: Vec<_> = bars
        .into_iter()
        .enumerate()
        .map(|(number, bar)| {
            let (x, height) = (place * number as f64, height_of(bar.value, most));
            let class = if bar.is_current { "month-chart-bar month-chart-bar-current" } else { "month-chart-bar" };
            // Counted from the newest, which always has its name.
            let name = (last - number).is_multiple_of(every).then_some(bar.name);
            view! {
                <rect
                    class=class
                    x=rounded(x + place * (1.0 - FILLED) / 2.0)
                    y=rounded(HEIGHT - FOOT - height)
                    width=rounded(place * FILLED)
                    height=rounded(height)
                ></rect>
                <text class="month-chart-name" x=rounded(x + place / 2.0) y=rounded(HEIGHT - 6.0)>
                    {name}
                </text>
            }
        })
        .collect();
    view! {
        <svg class="month-chart" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>
            <text class="month-chart-top" x="0" y=rounded(HEAD - 8.0)>
                {top}
            </text>
            <line
                class="month-chart-line"
                x1="0"
                x2=rounded(WIDTH)
                y1=rounded(HEIGHT - FOOT)
                y2=rounded(HEIGHT - FOOT)
            ></line>
            {drawn}
        </svg>
    }
}

/// Whatever is more than nothing is seen.
fn height_of(value: i64, most: i64) -> f64 {
    if value <= 0 {
        return 0.0;
    }
    let room = HEIGHT - FOOT - HEAD;
    (room * value as f64 / most as f64).clamp(1.0, room)
}

/// A tenth of a unit is finer than anybody sees.
fn rounded(length: f64) -> String {
    format!("{length:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_fills_the_room_and_the_least_is_seen() {
        assert_eq!([0, -5, 1, 100].map(|value| height_of(value, 100)), [0.0, 0.0, 1.38, 138.0]);
        assert_eq!(height_of(1, 1_000_000), 1.0);
        assert_eq!(rounded(12.345), "12.3");
    }
}
