//! The page of the plan, of the month so far, and of the bills.

use domain::{
    billing::{BillingOverview, Invoice, PaymentDetails},
    roles::Action,
};
use leptos::prelude::*;
use leptos_meta::Title;
use serde::{Deserialize, Serialize};

use super::{
    api::{SetCap, find_billing, find_payment, list_invoices},
    cap::{Cap, CapMet},
    invoices::Invoices,
    month::Month,
    outcome::{Outcome, TestMode},
    payment::Payment,
    plan::CurrentPlan,
};
use crate::{
    error::AppError,
    failure::Failure,
    frame::Gate,
    live::{Subject, use_changes},
    settings::{SettingsHeader, View},
    ui::Loading,
};

/// The page at [`routes::BILLING`](crate::routes::BILLING).
#[component]
pub fn BillingPage() -> impl IntoView {
    view! {
        <Gate action=Action::ReadBilling>
            <Billing />
        </Gate>
    }
}

#[component]
fn Billing() -> impl IntoView {
    let set = ServerAction::<SetCap>::new();
    let changes = use_changes(Subject::Billing);
    let loaded = Resource::new(move || changes.get(), |_| load());
    view! {
        <Title text="Plan and billing" />
        <SettingsHeader view=View::Billing />
        <Outcome />
        <Transition fallback=|| view! { <Loading label="Loading the plan" /> }>
            <Page loaded set />
        </Transition>
    }
}

/// Made anew only where something is different: a change elsewhere does not close the question that somebody is asked here.
#[component]
fn Page(loaded: Resource<Result<Loaded, AppError>>, set: ServerAction<SetCap>) -> impl IntoView {
    let same = Memo::new(move |_| loaded.get());
    move || same.get().map(|loaded| view! { <Answer loaded set /> })
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Loaded {
    overview: BillingOverview,
    /// None where the payment service does not know the workspace.
    payment: Option<Result<PaymentDetails, AppError>>,
    invoices: Option<Result<Vec<Invoice>, AppError>>,
}

/// One after the other: only where the workspace is a customer, the payment service has something to say.
async fn load() -> Result<Loaded, AppError> {
    let overview = find_billing().await?;
    if !overview.is_sold || !overview.subscription.is_customer {
        return Ok(Loaded { overview, payment: None, invoices: None });
    }
    Ok(Loaded { overview, payment: Some(find_payment().await), invoices: Some(list_invoices().await) })
}

#[component]
fn Answer(loaded: Result<Loaded, AppError>, set: ServerAction<SetCap>) -> impl IntoView {
    let Loaded { overview, payment, invoices } = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return view! { <Failure error /> }.into_any(),
    };
    let meter = overview.meter.clone();
    let (kept, status) = (overview.subscription.cap, overview.subscription.status);
    view! {
        {overview.is_test_mode.then(|| view! { <TestMode /> })}
        <CapMet meter=meter.clone() />
        <CurrentPlan overview />
        <Month meter=meter.clone() />
        <Cap meter kept status set />
        {payment.map(|details| view! { <Payment details /> })}
        {invoices.map(|invoices| view! { <Invoices invoices /> })}
    }
    .into_any()
}
