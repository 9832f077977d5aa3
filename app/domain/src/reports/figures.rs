//! Sums and distributions over the documents of a report.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

use super::content::{Bar, Figures, ReportedDocument};

/// Bars of a chart by document.
const MAX_BARS: usize = 12;

pub(super) fn of(documents: &[ReportedDocument]) -> Figures {
    Figures {
        documents: documents.len() as u64,
        pages: documents.iter().map(|document| u64::from(document.pages)).sum(),
        words: documents.iter().map(|document| document.words).sum(),
        bytes: documents.iter().map(|document| document.bytes).sum(),
        by_format: by_format(documents),
        by_month: by_month(documents),
        pages_by_document: largest(documents, |document| f64::from(document.pages)),
        words_by_document: largest(documents, |document| document.words as f64),
    }
}

fn by_format(documents: &[ReportedDocument]) -> Vec<Bar> {
    let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
    for document in documents {
        *counts.entry(&document.format).or_default() += 1.0;
    }
    let mut bars: Vec<_> = counts.into_iter().map(|(label, value)| Bar { label: label.into(), value }).collect();
    bars.sort_by(|a, b| b.value.total_cmp(&a.value));
    bars
}

/// All of them: of a long time, the chart shows its end and says so.
fn by_month(documents: &[ReportedDocument]) -> Vec<Bar> {
    let mut counts: BTreeMap<NaiveDate, f64> = BTreeMap::new();
    for document in documents {
        *counts.entry(month_of(document.added_at)).or_default() += 1.0;
    }
    let first = counts.keys().next().copied();
    let months = std::iter::successors(first, |month| month.checked_add_months(Months::new(1)));
    let last = counts.keys().next_back().copied();
    let bar = |month: NaiveDate| Bar {
        label: month.format("%b %Y").to_string(),
        value: counts.get(&month).copied().unwrap_or_default(),
    };
    months.take_while(|month| Some(*month) <= last).map(bar).collect()
}

fn month_of(time: DateTime<Utc>) -> NaiveDate {
    let day = time.date_naive();
    day.with_day(1).unwrap_or(day)
}

fn largest(documents: &[ReportedDocument], value: fn(&ReportedDocument) -> f64) -> Vec<Bar> {
    let mut bars: Vec<_> =
        documents.iter().map(|document| Bar { label: document.title.clone(), value: value(document) }).collect();
    bars.retain(|bar| bar.value > 0.0);
    bars.sort_by(|a, b| b.value.total_cmp(&a.value));
    bars.truncate(MAX_BARS);
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_month_counts_however_long_ago() {
        let at = |text: &str| ReportedDocument {
            title: String::new(),
            file_name: String::new(),
            format: String::new(),
            author: None,
            language: None,
            created_at: None,
            added_at: text.parse().unwrap(),
            pages: 0,
            words: 0,
            bytes: 0,
            sha256: String::new(),
            excerpts: Vec::new(),
        };
        let documents = ["2023-12-31T23:00:00Z", "2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z"].map(at);
        let bars = by_month(&documents);
        assert_eq!((bars.len(), bars.iter().map(|bar| bar.value).sum::<f64>()), (36, 3.0));
        assert_eq!((bars[0].label.as_str(), bars[1].value, bars[35].value), ("Dec 2023", 0.0, 2.0));
        assert!(by_month(&[]).is_empty());
    }
}
