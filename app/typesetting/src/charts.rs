//! Charts: from figures to bars with a length, a label and the same in words.

use domain::reports::content::{Bar, Figures, ReportedDocument};
use serde::Serialize;

use crate::say;
use crate::text::short;

/// The most bars of a chart that lie; more would not fit beside each other on the page of the summary.
const MAX_BARS: usize = 12;

/// The most columns of a chart over time, twenty years of months.
const MAX_COLUMNS: usize = 240;

/// About how many characters of a label fit over its bar.
const LABEL_CHARACTERS: usize = 42;

type Measure = fn(&ReportedDocument) -> u64;

#[derive(Debug, Serialize)]
pub(crate) struct Chart {
    kind: Kind,
    title: String,
    #[serde(flatten)]
    plot: Plot,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Bars,
    Columns,
}

/// What is drawn, and the same in words for those who do not see it.
#[derive(Debug, Serialize)]
pub(crate) struct Plot {
    pub(crate) alt: String,
    pub(crate) rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) value: String,
    /// The length, 0 to 1 of the longest.
    pub(crate) share: f64,
    /// Whether a column carries its label.
    tick: bool,
}

/// The charts of the summary. One that would show nothing is left out.
pub(crate) fn of_report(figures: &Figures) -> Vec<Chart> {
    let charts = [
        lying("Documents by format", &figures.by_format),
        standing("Documents by month added", &figures.by_month),
        lying("Pages by document", &figures.pages_by_document),
        lying("Words by document", &figures.words_by_document),
    ];
    charts.into_iter().flatten().collect()
}

/// How much of the report one document is: its share of all pages, words and bytes. `None` for the only document.
pub(crate) fn share_of(document: &ReportedDocument, all: &[ReportedDocument]) -> Option<Plot> {
    if all.len() < 2 {
        return None;
    }
    let measures: [(&str, Measure); 3] =
        [("Pages", |one| one.pages.into()), ("Words", |one| one.words), ("Size", |one| one.bytes)];
    let rows: Vec<Row> = measures
        .into_iter()
        .filter_map(|(label, measure)| {
            let whole = all.iter().map(measure).fold(0, u64::saturating_add);
            (whole > 0).then(|| share_row(label, measure(document) as f64 / whole as f64))
        })
        .collect();
    (!rows.is_empty()).then(|| Plot { alt: in_words("Share of this report", &rows, 0), rows })
}

fn share_row(label: &str, share: f64) -> Row {
    let percent = share * 100.0;
    let value = if percent > 0.0 && percent < 1.0 { "under 1%".to_owned() } else { format!("{percent:.0}%") };
    Row { label: label.to_owned(), value, share: share.clamp(0.0, 1.0), tick: false }
}

fn lying(title: &str, bars: &[Bar]) -> Option<Chart> {
    let shown = &bars[..bars.len().min(MAX_BARS)];
    let rows = rows(shown, |bar| short(&bar.label, LABEL_CHARACTERS));
    chart(Kind::Bars, title.to_owned(), rows, bars.len() - shown.len())
}

fn standing(title: &str, bars: &[Bar]) -> Option<Chart> {
    let shown = &bars[bars.len().saturating_sub(MAX_COLUMNS)..];
    let mut rows = rows(shown, |bar| short(&bar.label, 10));
    let (step, count) = (rows.len().div_ceil(6).max(1), rows.len());
    for (index, row) in rows.iter_mut().enumerate() {
        // The last label needs an eighth of the width to its right, or it would hang over the edge.
        row.tick = index % step == 0 && (count - index) * 8 >= count;
    }
    let hidden = bars.len() - shown.len();
    let title = if hidden > 0 { format!("{title}, the last {MAX_COLUMNS}") } else { title.to_owned() };
    chart(Kind::Columns, title, rows, hidden)
}

fn rows(bars: &[Bar], label: impl Fn(&Bar) -> String) -> Vec<Row> {
    let value = |bar: &Bar| if bar.value.is_finite() { bar.value.max(0.0) } else { 0.0 };
    let longest = bars.iter().map(value).fold(0.0, f64::max);
    let share = |bar: &Bar| if longest > 0.0 { value(bar) / longest } else { 0.0 };
    bars.iter()
        .map(|bar| Row { label: label(bar), value: say::decimal(bar.value), share: share(bar), tick: false })
        .collect()
}

fn chart(kind: Kind, title: String, rows: Vec<Row>, hidden: usize) -> Option<Chart> {
    let shows_something = rows.iter().any(|row| row.share > 0.0);
    let alt = in_words(&title, &rows, hidden);
    shows_something.then_some(Chart { kind, title, plot: Plot { alt, rows } })
}

/// The chart as a sentence: the rows that are not zero, at most 40 of them.
fn in_words(title: &str, rows: &[Row], hidden: usize) -> String {
    let said: Vec<&Row> = rows.iter().filter(|row| row.share > 0.0).collect();
    let list: Vec<String> = said.iter().take(40).map(|row| format!("{} {}", row.label, row.value)).collect();
    let more = said.len() - list.len() + hidden;
    let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("Chart. {title}: {}{rest}.", list.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(values: &[f64]) -> Vec<Bar> {
        values.iter().enumerate().map(|(index, value)| Bar { label: format!("No. {index}"), value: *value }).collect()
    }

    #[test]
    fn bars_are_measured_against_the_longest_and_said_in_words() {
        let chart = lying("Pages", &bars(&[40.0, 10.0, 0.0])).expect("a chart");
        assert_eq!(chart.plot.rows.iter().map(|row| row.share).collect::<Vec<_>>(), [1.0, 0.25, 0.0]);
        assert_eq!(chart.plot.alt, "Chart. Pages: No. 0 40, No. 1 10.");
    }

    #[test]
    fn nothing_to_show_is_no_chart_and_no_number_is_zero() {
        assert!(lying("Pages", &[]).is_none());
        assert!(standing("Months", &bars(&[0.0, f64::NAN, -3.0])).is_none());
        let chart = lying("Pages", &bars(&[f64::INFINITY, 2.0])).expect("a chart");
        assert_eq!(chart.plot.rows[0].share, 0.0);
    }

    #[test]
    fn a_long_time_keeps_the_end_and_names_few_columns() {
        let chart = standing("Months", &bars(&[1.0; 300])).expect("a chart");
        assert_eq!(chart.plot.rows.len(), MAX_COLUMNS);
        assert_eq!(chart.plot.rows[0].label, "No. 60");
        assert!((1..=6).contains(&chart.plot.rows.iter().filter(|row| row.tick).count()));
    }
}
