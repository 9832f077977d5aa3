//! What stands in the place of every page while a workspace is closed because a payment is missing.

use domain::roles::Action;
use leptos::prelude::*;

use crate::{
    frame::may,
    routes,
    ui::{Button, ButtonVariant, UnpaidPage},
};

/// Says why, and leads whoever may look to where it can be paid, and owners to where they take everything out. The ways there
/// load a page, because this one was decided when it was made.
#[component]
pub fn PaymentWall() -> impl IntoView {
    let (may_look, may_export) = (may(Action::ReadBilling), may(Action::ExportWorkspace));
    view! {
        <UnpaidPage>
            {may_look
                .then(|| {
                    view! {
                        <Button variant=ButtonVariant::Primary href=routes::BILLING external=true>
                            "See what is to be paid"
                        </Button>
                    }
                })}
            {may_export
                .then(|| {
                    view! {
                        <Button href=routes::SETTINGS_EXPORT external=true>
                            "Export everything"
                        </Button>
                    }
                })} <Button href=routes::SETTINGS_ACCOUNT external=true>"Your account"</Button>
        </UnpaidPage>
    }
}

/// Whether a page is open all the same: where one pays, where one looks for what, what is the person's own, and where an owner
/// takes everything out.
pub fn is_open_unpaid(path: &str) -> bool {
    let money = [routes::BILLING, routes::USAGE];
    let own = [routes::SETTINGS_ACCOUNT, routes::SETTINGS_SESSIONS, routes::SETTINGS_EXPORT];
    money.contains(&path) || own.contains(&path) || path.starts_with("/settings/billing/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_shut_out_can_pay_and_take_everything_out() {
        for path in
            [routes::BILLING, routes::BILLING_PLAN, routes::USAGE, routes::SETTINGS_ACCOUNT, routes::SETTINGS_EXPORT]
        {
            assert!(is_open_unpaid(path), "{path}");
        }
        for path in [routes::DOCUMENTS, routes::SETTINGS_MEMBERS, routes::SETTINGS, "/settings/billings"] {
            assert!(!is_open_unpaid(path), "{path}");
        }
    }
}
