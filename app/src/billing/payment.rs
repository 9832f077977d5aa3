//! How the workspace pays, as the payment service has it.

use domain::{
    billing::{Card as PaymentCard, PaymentDetails},
    roles::Action,
};
use leptos::prelude::*;

use crate::{
    error::AppError,
    frame::may,
    routes,
    ui::{Button, ButtonKind, Fact, Facts, Notice, PostForm, Section, Tone},
};

/// The card, and to whom and where bills are sent.
#[component]
pub(super) fn Payment(details: Result<PaymentDetails, AppError>) -> impl IntoView {
    let body = match details {
        Ok(details) => view! { <Details details /> }.into_any(),
        Err(error) => view! { <Notice tone=Tone::Warning>{error.message().to_owned()}</Notice> }.into_any(),
    };
    let change = may(Action::ManageBilling).then(|| {
        view! {
            <PostForm id="payment-portal" action=routes::BILLING_PORTAL>
                <Button kind=ButtonKind::Submit>"Change card, address or VAT number"</Button>
            </PostForm>
        }
    });
    view! {
        <Section title="Payment" description="Cards are kept by Stripe, never by Sheaf.">
            {body}
            {change}
        </Section>
    }
}

#[component]
fn Details(details: PaymentDetails) -> impl IntoView {
    let PaymentDetails { card, email, name, address, tax_id } = details;
    let known = |value: Option<String>| value.unwrap_or_else(|| "Not given".to_owned());
    let address = if address.is_empty() { None } else { Some(address.join(", ")) };
    view! {
        <Facts>
            <Fact label="Card">{card.map_or_else(|| "None".to_owned(), told)}</Fact>
            <Fact label="Bills go to">{known(email)}</Fact>
            <Fact label="Name">{known(name)}</Fact>
            <Fact label="Address">{known(address)}</Fact>
            <Fact label="VAT number">{known(tax_id)}</Fact>
        </Facts>
    }
}

/// "Visa that ends in 4242, until 12/2030".
fn told(card: PaymentCard) -> String {
    let mut letters = card.brand.chars();
    let brand: String = letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    format!("{brand} that ends in {}, until {:02}/{}", card.last_digits, card.expires_month, card.expires_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_told_by_its_last_digits() {
        let card =
            PaymentCard { brand: "visa".into(), last_digits: "4242".into(), expires_month: 3, expires_year: 2030 };
        assert_eq!(told(card), "Visa that ends in 4242, until 03/2030");
    }
}
