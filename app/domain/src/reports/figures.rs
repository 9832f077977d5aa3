//! Sums and distributions over the documents of a report.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

use super::content::{Bar, Figures, ReportedDocument};

/// Bars of a chart by document.
const MAX_BARS: usize = 12;

/// Months in the chart by month; older ones are left out.
const MAX_MONTHS: usize = 24;

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

fn by_month(documents: &[ReportedDocument]) -> Vec<Bar> {
    let months = documents.iter().map(|document| month_of(document.added_at));
    let (Some(first), Some(last)) = (months.clone().min(), months.clone().max()) else { return Vec::new() };
    let mut bars = Vec::new();
    let mut month = first;
    while month <= last {
        let value = months.clone().filter(|other| *other == month).count() as f64;
        bars.push(Bar { label: month.format("%b %Y").to_string(), value });
        let Some(next) = month.checked_add_months(Months::new(1)) else { break };
        month = next;
    }
    bars.split_off(bars.len().saturating_sub(MAX_MONTHS))
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
