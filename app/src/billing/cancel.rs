//! Ending the plan with what is paid, and taking that back.

use chrono::{DateTime, Utc};
use domain::billing::PlanId;
use leptos::{prelude::*, server_fn::ServerFn};

use super::api::{CancelPlan, KeepPlan};
use crate::ui::{Button, ButtonKind, ConfirmDialog, PostForm, Time};

const DIALOG: &str = "cancel-plan";

/// Opens the question of [`CancelDialog`].
#[component]
pub(super) fn CancelButton() -> impl IntoView {
    view! {
        <Button opens=DIALOG>
            "Cancel the plan"
        </Button>
    }
}

/// Asks once more, and says what will be.
#[component]
pub(super) fn CancelDialog(plan: PlanId, until: DateTime<Utc>) -> impl IntoView {
    let title = format!("Cancel {}?", plan.label());
    view! {
        <ConfirmDialog
            id=DIALOG
            title
            confirm="Cancel at the end of the month"
            dismiss="Keep the plan"
            danger=true
            action=CancelPlan::url().to_owned()
        >
            <p>"It goes on until " <Time at=until absolute=true /> ", and no further month is charged."</p>
            <p>
                "Nothing is deleted. What is above the limits of the Free plan stays readable and can be exported, and you can \
                 take the cancellation back until then."
            </p>
        </ConfirmDialog>
    }
}

/// Takes back that the plan ends, or that it becomes a smaller one.
#[component]
pub(super) fn KeepForm(
    /// It was to end.
    ends: bool,
) -> impl IntoView {
    let text = if ends { "Undo the cancellation" } else { "Undo the change" };
    view! {
        <PostForm id="keep-plan" action=KeepPlan::url()>
            <Button kind=ButtonKind::Submit>{text}</Button>
        </PostForm>
    }
}
