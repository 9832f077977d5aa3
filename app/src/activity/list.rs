//! The page of what is under way and what is over.

use domain::{
    activity::{Activity, ActivityListing, ActivityQuery, Shown},
    roles::Action,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    acts::{Acts, use_acts},
    api::{CancelJob, RetryAllFailed, list_activity},
    row::JobRow,
};
use crate::{
    error::AppError,
    failure::Failure,
    features::ReadAgainNotice,
    frame::may,
    live::{Subject, use_changes},
    routes,
    ui::{
        ActionsHeader, Button, ButtonKind, ConfirmDialog, EmptyState, Gap, Glyph, HeaderCell, Loading, Notice,
        PageHeader, Pagination, PostForm, Stack, Tab, Table, Tabs, Tone, use_seconds,
    },
};

/// The form of the buttons in rows.
pub(super) const ROW_FORM: &str = "activity-row";

const DIALOG: &str = "stop-work";

/// The page at [`routes::ACTIVITY`].
#[component]
pub fn ActivityPage() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(|params| ActivityQuery::read(|name| params.get_str(name))));
    let changes = use_changes(Subject::Activity);
    let listing = Resource::new(
        move || (query.get(), changes.get()),
        |(query, _)| async move { (query, list_activity(query).await) },
    );
    let acts = use_acts();
    let description = if may(Action::SeeAllActivity) {
        "What Sheaf is doing for this workspace, what waits, and what became of it."
    } else {
        "What Sheaf is doing for you, what waits, and what became of it."
    };
    let tabs = Shown::ALL
        .into_iter()
        .map(|shown| {
            let href = address(ActivityQuery { shown, before: None });
            view! {
                <Tab href current=Signal::derive(move || query.with(|query| query.shown == shown))>
                    {shown.label()}
                </Tab>
            }
        })
        .collect_view();
    view! {
        <Title text="Activity" />
        <PageHeader title="Activity" description />
        <Tabs label="Which work">{tabs}</Tabs>
        <Transition fallback=|| view! { <Loading label="Loading the activity" /> }>
            <Answer listing query acts />
        </Transition>
        {may(Action::SteerActivity)
            .then(|| {
                view! {
                    <PostForm id=ROW_FORM action=CancelJob::url() />
                    <StopDialog acts />
                }
            })}
    }
}

/// The rows stay while they are looked at again. What is told of them is of what they were asked for: while another question is
/// under way, that is still the one before.
#[component]
fn Answer(
    listing: Resource<(ActivityQuery, Result<ActivityListing, AppError>)>,
    query: Memo<ActivityQuery>,
    acts: Acts,
) -> impl IntoView {
    // Rows, nothing, or a failure.
    let shape = Memo::new(move |_| listing.get().map(|(_, answer)| answer.map(|listing| listing.is_empty())));
    let found = Memo::new(move |before: Option<&Option<ActivityListing>>| {
        let answered = listing.get().and_then(|(_, answer)| answer.ok());
        answered.or_else(|| before.cloned().flatten())
    });
    let asked = Memo::new(move |before: Option<&ActivityQuery>| {
        listing.with(|listing| match listing {
            Some((asked, Ok(_))) => *asked,
            _ => before.copied().unwrap_or_else(|| query.get_untracked()),
        })
    });
    move || {
        shape.get().map(|shape| match shape {
            Ok(true) => view! { <Nothing query=asked /> }.into_any(),
            Ok(false) => view! { <Rows found query=asked acts /> }.into_any(),
            Err(error) => view! { <Failure error /> }.into_any(),
        })
    }
}

#[component]
fn Nothing(query: Memo<ActivityQuery>) -> impl IntoView {
    move || {
        let (title, text, glyph) = match query.get() {
            ActivityQuery { shown: Shown::All | Shown::UnderWay, before: None } => (
                "Nothing is under way",
                "What is uploaded, asked for or sent stands here while Sheaf works on it, and for a week afterwards.",
                Glyph::Activity,
            ),
            ActivityQuery { shown: Shown::Failed, .. } => {
                ("Nothing has failed", "What could not be done stands here for 30 days.", Glyph::Check)
            }
            _ => ("Nothing more", "What is over is kept for a week.", Glyph::Clock),
        };
        let is_narrowed = query.get() != ActivityQuery::default();
        view! {
            <EmptyState glyph title text>
                {is_narrowed.then(|| view! { <Button href=routes::ACTIVITY>"Show all activity"</Button> })}
            </EmptyState>
        }
    }
}

#[component]
fn Rows(found: Memo<Option<ActivityListing>>, query: Memo<ActivityQuery>, acts: Acts) -> impl IntoView {
    let jobs = move || -> Vec<Activity> {
        let all = |listing: ActivityListing| listing.under_way.into_iter().chain(listing.finished).collect();
        found.get().map(all).unwrap_or_default()
    };
    // The time of the server, so that a clock that is wrong here does no harm.
    let at = Signal::derive(move || found.with(|found| found.as_ref().map(|listing| listing.at)).unwrap_or_default());
    let now = use_seconds(at);
    let may_retry_all = may(Action::ManageActivity);
    let shows_retry_all = Memo::new(move |_| may_retry_all && query.with(|query| query.shown == Shown::Failed));
    let retry_all = move || shows_retry_all.get().then(|| view! { <RetryAll acts /> });
    let has_more = Memo::new(move |_| found.with(|found| found.as_ref().is_some_and(|listing| listing.more_under_way)));
    let more = move || has_more.get().then(|| view! { <MoreUnderWay /> });
    let pages = move || {
        let query = query.get();
        let next = found.with(|found| found.as_ref().and_then(|listing| listing.next));
        let older = next.map(|next| address(ActivityQuery { before: Some(next), ..query }));
        let start = query.before.map(|_| address(ActivityQuery { before: None, ..query }));
        view! { <Pagination label="Activity" newer=start older newer_label="Back to the start" /> }
    };
    view! {
        <Stack gap=Gap::Medium>
            <ReadAgainNotice />
            {retry_all}
            <Table label="Activity">
                <thead>
                    <tr>
                        <HeaderCell>"What"</HeaderCell>
                        <HeaderCell>"State"</HeaderCell>
                        <HeaderCell numeric=true hide_narrow=true>
                            "Took"
                        </HeaderCell>
                        <HeaderCell numeric=true hide_narrow=true>
                            "Page credits"
                        </HeaderCell>
                        <HeaderCell hide_narrow=true>"Asked for by"</HeaderCell>
                        <HeaderCell hide_narrow=true>"When"</HeaderCell>
                        <ActionsHeader />
                    </tr>
                </thead>
                <tbody>
                    <For each=jobs key=|job| job.id let:job>
                        <JobRow job found now acts />
                    </For>
                </tbody>
            </Table>
            {more}
            {pages}
        </Stack>
    }
}

#[component]
fn MoreUnderWay() -> impl IntoView {
    view! {
        <Notice tone=Tone::Info title="More is under way">
            "Only the first hundred stand here. What is over stands under “Done” and “Failed”."
        </Notice>
    }
}

#[component]
fn RetryAll(acts: Acts) -> impl IntoView {
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        acts.retry_all();
    };
    view! {
        <PostForm id="retry-all" action=RetryAllFailed::url() on:submit=send>
            <Button kind=ButtonKind::Submit glyph=Glyph::Retry>
                "Try all again"
            </Button>
        </PostForm>
    }
}

/// Asks once more before what runs is stopped. Without scripts there is the way back alone: to try it again.
#[component]
fn StopDialog(acts: Acts) -> impl IntoView {
    let title = Signal::derive(move || match acts.asked_title() {
        Some(title) => format!("Stop “{title}”?"),
        None => "Stop this work?".to_owned(),
    });
    view! {
        <ConfirmDialog
            id=DIALOG
            title
            confirm="Stop it"
            dismiss="Let it go on"
            danger=true
            open=acts.asking
            on_confirm=move |()| acts.stop_asked()
        >
            <p>"It stops within two seconds. What is done by then is kept where it can be, and you may try it again."</p>
        </ConfirmDialog>
    }
}

/// The address that asks for it.
fn address(query: ActivityQuery) -> String {
    let asked = query.write();
    if asked.is_empty() { routes::ACTIVITY.to_owned() } else { format!("{}?{asked}", routes::ACTIVITY) }
}
