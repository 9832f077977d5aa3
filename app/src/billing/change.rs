//! The yes to a plan: a first one is bought at the payment service, another one is confirmed here.

use domain::billing::{ChangePreview, Currency, Plan, PlanId};
use leptos::{context::Provider, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

use super::{api::ChangePlan, plans::currencies};
use crate::{
    returned::returned_from,
    routes::{self, PayFault},
    ui::{
        Button, ButtonKind, ButtonVariant, Card, Cell, Field, FieldError, Form, FormActions, FormState, HeaderCell,
        HiddenField, Row, Select, Stack, SumRow, Table, Time,
    },
};

/// Leads to the payment service. A plain form, because the answer leads out of the app.
#[component]
pub(super) fn Checkout(plan: PlanId, currency: Currency) -> impl IntoView {
    let price = Plan::newest(plan).month(currency);
    let told = format!(
        "{} costs {price} a month, before tax. The next page asks for a card, the billing address and, for companies, the VAT \
         number. The plan begins when you have paid there.",
        plan.label()
    );
    view! {
        <Card title=format!("Buy {}", plan.label())>
            <Provider value=Signal::stored(checkout_state())>
                <Form action=routes::BILLING_CHECKOUT>
                    <p>{told}</p>
                    <HiddenField name="plan" value=plan.as_str().to_owned() />
                    <Select
                        name="currency"
                        id="checkout-currency"
                        label="Pay in"
                        options=currencies()
                        value=currency.as_str().to_owned()
                    />
                    <Field
                        name="coupon"
                        label="Coupon, if you have one"
                        autocomplete="off"
                        max_length=50u32
                    />
                    <FormActions>
                        <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit>
                            "Go to payment"
                        </Button>
                    </FormActions>
                </Form>
            </Provider>
        </Card>
    }
}

/// What was typed, for whoever was not led on to pay; what is wrong with the coupon stands beside it.
fn checkout_state() -> FormState {
    let values = returned_from(routes::BILLING_CHECKOUT).map(|returned| returned.values).unwrap_or_default();
    let fault = use_query_map().with_untracked(|query| query.get_str("fault").and_then(PayFault::parse));
    let wrong = fault.filter(|fault| *fault == PayFault::Coupon);
    let errors = wrong.map(|fault| FieldError { field: "coupon".to_owned(), message: fault.message().to_owned() });
    FormState { values, errors: errors.into_iter().collect(), message: None }
}

/// What the change costs, line by line as it will be billed. What is confirmed is what was shown: the second for which it was
/// counted goes with it.
#[component]
pub(super) fn Confirm(preview: ChangePreview) -> impl IntoView {
    let ChangePreview { plan, begins_at, due_now, lines, month, at } = preview;
    let begins = match begins_at {
        Some(at) => view! {
            <p>"It begins on " <Time at absolute=true /> ". Until then the plan stays as it is, and nothing is paid now."</p>
        }
        .into_any(),
        None if due_now.cents < 0 => {
            view! { <p>"It begins at once. What is below zero is taken off the next bill."</p> }.into_any()
        }
        None => view! { <p>{format!("It begins at once, and the card is charged {due_now} now.")}</p> }.into_any(),
    };
    let confirm = if begins_at.is_none() && due_now.cents > 0 {
        format!("Pay {due_now} and change to {}", plan.label())
    } else {
        format!("Change to {}", plan.label())
    };
    let due = begins_at.is_none().then_some(due_now);
    let lines = (!lines.is_empty()).then(|| {
        let rows = lines
            .into_iter()
            .map(|line| {
                view! {
                    <Row>
                        <Cell wraps=true>{line.text}</Cell>
                        <Cell numeric=true>{line.amount.to_string()}</Cell>
                    </Row>
                }
            })
            .collect_view();
        view! {
            <Table label="What is billed for the change">
                <thead>
                    <tr>
                        <HeaderCell>"What"</HeaderCell>
                        <HeaderCell numeric=true>"Amount"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                {due.map(|due| view! { <SumRow label="Due now" values=vec![due.to_string()] /> })}
            </Table>
        }
    });
    view! {
        <Card title=format!("Change to {}", plan.label())>
            <Stack>
                {begins} {lines} <p>{format!("From then on {month} a month, before tax.")}</p>
                <Form action=ChangePlan::url()>
                    <HiddenField name="plan" value=plan.as_str().to_owned() />
                    <HiddenField name="at" value=at.to_string() />
                    <FormActions>
                        <Button href=routes::BILLING_PLAN>"Not now"</Button>
                        <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit>
                            {confirm}
                        </Button>
                    </FormActions>
                </Form>
            </Stack>
        </Card>
    }
}
