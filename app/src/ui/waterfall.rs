//! What happened when within something, as bars below each other.

use leptos::prelude::*;

/// The width of the drawing, which is scaled to its place.
const WIDTH: f64 = 720.0;

/// Of one bar with its name above it.
const LINE: f64 = 26.0;

/// Of the bar alone.
const THICK: f64 = 8.0;

/// For each level inside.
const STEP: f64 = 8.0;

/// Levels beyond this one are drawn as this one.
const DEEPEST: usize = 6;

/// Bars at most: a table beside it has them all.
const MOST: usize = 80;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct WaterfallBar {
    pub name: String,
    /// How long it took, as people read it.
    pub text: String,
    /// In any unit, as the length is.
    pub start: f64,
    pub length: f64,
    /// How far inside it is.
    pub depth: usize,
    pub is_failed: bool,
}

/// Bars below each other, in the order given. A table beside it has to say the same: for screen readers it is one picture.
#[component]
pub fn Waterfall(
    /// What it shows, with what there is to say of it.
    #[prop(into)]
    label: String,
    bars: Vec<WaterfallBar>,
) -> impl IntoView {
    let end = bars.iter().map(|bar| bar.start + bar.length).fold(0.0, f64::max);
    let shown = bars.len().min(MOST);
    let height = LINE * shown as f64 + 4.0;
    let drawn: Vec<_> = bars
        .into_iter()
        .take(MOST)
        .enumerate()
        .map(|(number, bar)| {
            let (x, width) = place(bar.start, bar.length, end);
            let y = LINE * number as f64;
            let class = if bar.is_failed { "waterfall-bar waterfall-bar-failed" } else { "waterfall-bar" };
            let indent = STEP * bar.depth.min(DEEPEST) as f64;
            view! {
                <text class="waterfall-name" x=rounded(indent) y=rounded(y + 11.0)>
                    {bar.name}
                </text>
                <text class="waterfall-time" x=rounded(WIDTH) y=rounded(y + 11.0)>
                    {bar.text}
                </text>
                <rect class="waterfall-room" x="0" y=rounded(y + 15.0) width=rounded(WIDTH) height=rounded(THICK)></rect>
                <rect class=class x=rounded(x) y=rounded(y + 15.0) width=rounded(width) height=rounded(THICK)></rect>
            }
        })
        .collect();
    view! {
        <div class="wide-chart" tabindex="0" role="group" aria-label="Chart">
            <svg class="waterfall" viewBox=format!("0 0 {WIDTH} {}", rounded(height)) role="img" aria-label=label>
                {drawn}
            </svg>
        </div>
    }
}

/// Where a bar begins and how long it is. Whatever took some time is seen, and nothing leaves the drawing.
fn place(start: f64, length: f64, end: f64) -> (f64, f64) {
    if end <= 0.0 {
        return (0.0, WIDTH);
    }
    let width = (WIDTH * length / end).clamp(1.5, WIDTH);
    ((WIDTH * start / end).clamp(0.0, WIDTH - width), width)
}

/// A tenth of a unit is finer than anybody sees.
fn rounded(length: f64) -> String {
    format!("{length:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_stands_where_it_happened_and_is_seen() {
        assert_eq!(place(0.0, 100.0, 100.0), (0.0, WIDTH));
        assert_eq!(place(50.0, 25.0, 100.0), (360.0, 180.0));
        assert_eq!(place(100.0, 0.0, 100.0), (WIDTH - 1.5, 1.5));
        assert_eq!(place(0.0, 0.0, 0.0), (0.0, WIDTH));
    }
}
