//! How much a month may cost beyond the plan: the one setting that ends every surprise.

use domain::{
    billing::{Entitlements, MeterReading, Plan, SubscriptionStatus},
    roles::Action,
};
use leptos::{context::Provider, prelude::*, server_fn::ServerFn};

use super::{api::SetCap, credits};
use crate::{
    frame::may,
    returned::state_of,
    ui::{Button, ButtonKind, Field, Form, FormActions, Notice, Section, Tone},
};

/// The cap, and for owners its form. Nothing where the plan sells no credits.
#[component]
pub(super) fn Cap(
    meter: MeterReading,
    /// As it was saved. It counts once the plan is paid.
    kept: i64,
    status: SubscriptionStatus,
    set: ServerAction<SetCap>,
) -> impl IntoView {
    let Entitlements { plan, plan_version, cap, .. } = meter.entitlements;
    let price = Plan::of(plan, plan_version).thousand_credits(meter.currency).filter(|_| status.is_subscribed());
    price.map(|price| {
        let description = format!(
            "A thousand page credits beyond the included ones cost {price}. What the month may use of them ends here, and \
             then documents wait instead of costing more."
        );
        let told = match cap {
            0 if kept > 0 => format!(
                "The cap of {} is saved. It counts from the first month that is paid; until then nothing costs more than the \
                 plan.",
                credits(kept)
            ),
            0 => "The cap is 0: the month never costs more than the plan.".to_owned(),
            _ => format!("The cap is {}: at most {} on top of the plan.", credits(cap), meter.cap_cost()),
        };
        view! {
            <Section title="Spending cap" description>
                <p>{told}</p>
                {may(Action::ManageBilling).then(|| view! { <CapForm cap=kept set /> })}
            </Section>
        }
    })
}

#[component]
fn CapForm(cap: i64, set: ServerAction<SetCap>) -> impl IntoView {
    view! {
        <Provider value=state_of(set)>
            <Form action=SetCap::url()>
                <Field
                    name="cap"
                    label="Page credits a month beyond the plan"
                    hint="What waits is read as soon as there is room for it."
                    value=cap.to_string()
                    required=true
                />
                <FormActions>
                    <Button kind=ButtonKind::Submit>"Save the cap"</Button>
                </FormActions>
            </Form>
        </Provider>
    }
}

/// That the cap is met, with the way up: for the page of the plan.
#[component]
pub(super) fn CapMet(meter: MeterReading) -> impl IntoView {
    let is_met = meter.entitlements.is_metered && meter.remaining() == 0;
    is_met.then(|| {
        view! {
            <Notice tone=Tone::Warning title="Nothing remains of this month's page credits">
                "New documents wait until the next month, or until an owner raises the cap or takes a larger plan."
            </Notice>
        }
    })
}
