//! A page as it was printed, with its words over it: they can be selected and copied, and hits are marked.

use domain::documents::reading::Word;
use leptos::prelude::*;

/// The element id of the hit that one is at, in a [`PageCanvas`] and in a [`MarkedText`](super::MarkedText).
pub const CURRENT_HIT: &str = "current-hit";

/// Ascent of a line's letters as a part of its height, so that the selectable letters lie on the printed ones.
const ASCENT: f32 = 0.8;

/// A box to mark, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    /// The hit that it belongs to, from 1.
    pub hit: usize,
}

/// The image of a page under its text. Its place is as large as the page before the image has come.
///
/// The signals are counted references, which live as long as the page is in view.
#[component]
pub fn PageCanvas(
    /// The address of the image.
    #[prop(into)]
    image: String,
    /// What the image is: "Page 3".
    #[prop(into)]
    label: String,
    /// In points.
    width: f32,
    /// In points.
    height: f32,
    /// The words in reading order, line by line.
    lines: Vec<Vec<Word>>,
    marks: Vec<Mark>,
    /// The number of the hit that one is at, from 1; 0 for none.
    #[prop(into)]
    current: ArcSignal<usize>,
    /// In percent of the size on paper; none to be as wide as the place allows.
    #[prop(into)]
    zoom: ArcSignal<Option<u16>>,
) -> impl IntoView {
    let is_fitted = {
        let zoom = zoom.clone();
        move || zoom.get().is_none()
    };
    let pixels = move |points: f32| {
        let zoom = zoom.clone();
        move || css_pixels(points, zoom.get().unwrap_or(100))
    };
    let marks: Vec<_> = marks.into_iter().map(|mark| mark_view(mark, current.clone())).collect();
    view! {
        <div class="page-canvas" class:page-canvas-fit=is_fitted>
            // Keyed by its address: a new page begins with white paper and not with the image of the page before.
            <For each=move || [image.clone()] key=Clone::clone let:image>
                <img
                    class="page-image"
                    src=image
                    alt=label.clone()
                    width=pixels(width)
                    height=pixels(height)
                    decoding="async"
                />
            </For>
            <svg class="page-text" viewBox=format!("0 0 {width} {height}") preserveAspectRatio="none">
                <g>{marks}</g>
                <g>{lines.into_iter().map(line_view).collect_view()}</g>
            </svg>
        </div>
    }
}

/// One text element a line, which browsers copy as a line, with a space after each word.
fn line_view(line: Vec<Word>) -> impl IntoView {
    let size = line.first().map_or(1.0, font_size);
    let words: Vec<_> = line.into_iter().map(word_view).collect();
    view! { <text font-size=number(size)>{words}</text> }
}

fn word_view(word: Word) -> impl IntoView {
    let size = font_size(&word);
    view! {
        <tspan
            x=number(word.x)
            y=number(word.y + word.height * ASCENT)
            font-size=number(size)
            textLength=number(word.width.max(0.1))
            lengthAdjust="spacingAndGlyphs"
        >
            {word.text}
        </tspan>
        " "
    }
}

/// A word that stands upright on the page is higher than wide; its letters are no larger than its width allows.
fn font_size(word: &Word) -> f32 {
    word.height.min(word.width * 2.0).max(1.0)
}

fn mark_view(mark: Mark, current: ArcSignal<usize>) -> impl IntoView {
    let is_current = move || current.get() == mark.hit;
    let id = {
        let is_current = is_current.clone();
        move || is_current().then_some(CURRENT_HIT)
    };
    view! {
        <rect
            class="page-mark"
            class:page-mark-current=is_current
            id=id
            x=number(mark.x - 1.0)
            y=number(mark.y - 1.0)
            width=number(mark.width + 2.0)
            height=number(mark.height + 2.0)
            rx="1.5"
        ></rect>
    }
}

/// A tenth of a point is finer than a pixel at 200 %, and a page has a thousand words.
fn number(points: f32) -> String {
    let text = format!("{points:.1}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A point is 1/72 inch and a pixel 1/96.
fn css_pixels(points: f32, percent: u16) -> String {
    number((points * 96.0 / 72.0 * f32::from(percent) / 100.0).round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_page_has_its_size_on_paper() {
        assert_eq!((css_pixels(612.0, 100), css_pixels(792.0, 100)), ("816".into(), "1056".into()));
        assert_eq!(css_pixels(612.0, 50), "408");
        assert_eq!([number(1.0), number(1.26), number(-0.04)], ["1", "1.3", "-0"]);
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_hostile_word_stays_text_and_nothing_needs_inline_style() {
        let word = |text: &str, x: f32| Word { text: text.into(), x, y: 10.0, width: 40.0, height: 12.0 };
        let lines = vec![vec![word("<script>alert(1)</script>", 10.0), word("\"&'", 60.0)], vec![word("end", 10.0)]];
        let marks = vec![Mark { x: 10.0, y: 10.0, width: 40.0, height: 12.0, hit: 1 }];
        let unzoomed: Option<u16> = None;
        let html = Owner::new().with(|| {
            view! { <PageCanvas image="/3.png" label="Page 3" width=612.0 height=792.0 lines marks current=1_usize zoom=unzoomed /> }
                .to_html()
        });
        assert!(!html.contains("<script") && html.contains("&lt;script&gt;alert(1)"), "{html}");
        assert!(!html.contains("style="), "{html}");
        assert_eq!(html.matches("<text ").count(), 2, "a line of the page is an element: {html}");
        assert!(html.contains("</tspan> "), "words have a space between them: {html}");
        assert!(html.contains(&format!("id=\"{CURRENT_HIT}\"")) && html.contains("textLength=\"40\""), "{html}");
        assert!(html.contains("viewBox=\"0 0 612 792\"") && html.contains("width=\"816\""), "{html}");
    }
}
