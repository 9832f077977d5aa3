//! What a run costs, in sentences, before it begins.

use domain::billing::Quote;
use leptos::prelude::*;

use super::credits;
use crate::ui::{counted, grouped};

/// What it costs to read documents again, and what remains.
#[component]
pub(crate) fn Price(quote: Quote) -> impl IntoView {
    told(&quote).into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()
}

fn told(quote: &Quote) -> Vec<String> {
    let mut told = vec![documents(quote)];
    if quote.is_metered() {
        told.push(money(quote));
        told.push(rest(quote));
    }
    told.push(
        "What was read before is shown until the new reading has begun. What cannot be read costs nothing.".into(),
    );
    told
}

fn documents(quote: &Quote) -> String {
    let number = counted(quote.documents.unsigned_abs(), "document", "documents");
    let are = if quote.documents == 1 { "is" } else { "are" };
    if quote.is_metered() {
        format!("{number} {are} read again, for {} or more.", credits(quote.credits))
    } else {
        format!("{number} {are} read again.")
    }
}

fn money(quote: &Quote) -> String {
    if quote.overage == 0 {
        return "That costs nothing beyond the plan.".into();
    }
    let are = if quote.overage == 1 { "is" } else { "are" };
    let number = grouped(quote.overage.unsigned_abs());
    format!("{number} of them {are} beyond the included ones, and cost {}.", quote.cost)
}

fn rest(quote: &Quote) -> String {
    if quote.fits() {
        return format!("Afterwards {} remain in this month.", credits(quote.remains));
    }
    format!(
        "This month is short of {}. What does not fit waits for credits, and is read when there are some.",
        credits(quote.missing())
    )
}

#[cfg(test)]
mod tests {
    use domain::billing::{Currency, Money, UNMETERED};

    use super::*;

    fn quote(documents: i64, price: i64, overage: i64, remains: i64) -> Quote {
        Quote { documents, credits: price, overage, cost: Money::new(overage * 2, Currency::Eur), remains }
    }

    #[test]
    fn a_price_is_told_with_what_remains() {
        let fits = told(&quote(12, 1_240, 0, 3_760));
        assert_eq!(fits[0], "12 documents are read again, for 1,240 page credits or more.");
        assert_eq!(fits[1], "That costs nothing beyond the plan.");
        assert_eq!(fits[2], "Afterwards 3,760 page credits remain in this month.");
    }

    #[test]
    fn what_is_billed_and_what_waits_is_told() {
        let short = told(&quote(1, 150, 100, -50));
        assert_eq!(short[0], "1 document is read again, for 150 page credits or more.");
        assert!(short[1].starts_with("100 of them are beyond the included ones, and cost €2.00"), "{short:?}");
        assert!(short[2].starts_with("This month is short of 50 page credits."), "{short:?}");
    }

    #[test]
    fn where_nothing_is_counted_nothing_of_it_is_told() {
        assert_eq!(told(&quote(12, 1_240, 0, UNMETERED.credits - 1_240)).len(), 2);
    }
}
