//! One report: how far it is, and what it is when it is done.

use domain::{
    id::ReportId,
    reports::{Report, ReportState, Scope},
    roles::Action,
};
use leptos::{either::Either, ev, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{
    api::{DeleteReport, find_report},
    state::{ReportBadge, about},
};
use crate::{
    error::AppError,
    failure::{self, Failure},
    frame::may,
    live::{Subject, use_changes},
    routes,
    ui::{
        Button, ButtonVariant, Card, Cluster, ConfirmDialog, Crumb, Fact, Facts, Glyph, HiddenField, Loading,
        LoadingShape, NotFoundPage, Notice, PageHeader, Progress, TextLink, Time, Tone, bytes, grouped, use_toasts,
    },
};

const DIALOG: &str = "delete-report";

/// The page at [`routes::report`].
#[component]
pub fn ReportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse::<ReportId>().ok())));
    // A mail about it that does not arrive is a change of it, too.
    let changes = use_changes(Signal::derive(move || id.get().map_or(Subject::Reports, Subject::Report)));
    let report = Resource::new(
        move || (id.get(), changes.get()),
        |(id, _)| async move {
            match id {
                Some(id) => find_report(id).await,
                None => Err(AppError::from(domain::Error::not_found())),
            }
        },
    );
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the report" shape=LoadingShape::Text /> }>
            {move || Suspend::new(async move {
                match report.await {
                    Ok(report) => view! { <Shown report /> }.into_any(),
                    Err(error) if error.kind() == domain::ErrorKind::NotFound => view! { <NotFoundPage /> }.into_any(),
                    Err(error) => view! { <Failure error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(report: Report) -> impl IntoView {
    let id = report.id;
    let is_ready = report.state == ReportState::Ready;
    let state = report.state;
    let may_delete = may(Action::MakeReports);
    let delete = may_delete.then(|| {
        view! {
            <Button variant=ButtonVariant::Ghost glyph=Glyph::Trash opens=DIALOG>
                "Delete"
            </Button>
        }
    });
    view! {
        <Title text=report.title.clone() />
        <PageHeader
            title=report.title.clone()
            description=about(&report.scope)
            crumbs=vec![Crumb::new("Reports", routes::REPORTS)]
        >
            {delete}
            {is_ready
                .then(|| {
                    view! {
                        <Button
                            variant=ButtonVariant::Primary
                            glyph=Glyph::Download
                            href=routes::report_file(id)
                            external=true
                            download=true
                        >
                            "Download PDF"
                        </Button>
                    }
                })}
        </PageHeader>
        {report
            .failure
            .clone()
            .map(|text| {
                view! {
                    <Notice tone=Tone::Danger title="This report could not be made">
                        {text}
                    </Notice>
                }
            })}
        {report
            .mail_failed
            .then(|| {
                view! {
                    <Notice tone=Tone::Warning title="The mail about this report did not arrive">
                        <MailHint />
                    </Notice>
                }
            })}
        {state
            .is_busy()
            .then(|| {
                view! {
                    <Notice tone=Tone::Info title=state.label()>
                        <p>"You can leave this page; a mail tells you when the report is done."</p>
                        <Progress label="Making the report" value=Signal::stored(None) />
                    </Notice>
                }
            })}
        <Card title="Facts">
            <ReportFacts report />
        </Card>
        {may_delete.then(|| view! { <DeleteDialog id /> })}
    }
}

/// Where to see why a mail did not arrive, or who can.
#[component]
fn MailHint() -> impl IntoView {
    if may(Action::ReadMail) {
        Either::Left(view! { <TextLink href=routes::SETTINGS_MAIL>"See why, and send it again"</TextLink> })
    } else {
        Either::Right("An owner or admin can see why, and send it again.")
    }
}

#[component]
fn ReportFacts(report: Report) -> impl IntoView {
    let number = |number: Option<i32>| number.map(|number| grouped(number.unsigned_abs().into()));
    let search = match &report.scope {
        Scope::Search(query) => Some(query.clone()),
        Scope::Documents(_) => None,
    };
    view! {
        <Facts>
            <Fact label="State">
                <Cluster>
                    <ReportBadge state=report.state />
                </Cluster>
            </Fact>
            <Fact label="Asked for by">{report.made_by}</Fact>
            <Fact label="Who may see it">
                {if report.private { "Only whoever asked for it" } else { "Everybody in the workspace" }}
            </Fact>
            <Fact label="Asked for">
                <Time at=report.created_at />
            </Fact>
            {report
                .finished_at
                .map(|at| {
                    view! {
                        <Fact label="Finished">
                            <Time at />
                        </Fact>
                    }
                })}
            {search
                .map(|query| {
                    view! {
                        <Fact label="Search">
                            <TextLink href=routes::search(&query)>{query.clone()}</TextLink>
                        </Fact>
                    }
                })}
            {number(report.documents).map(|documents| view! { <Fact label="Documents">{documents}</Fact> })}
            {number(report.pages).map(|pages| view! { <Fact label="Pages">{pages}</Fact> })}
            {report.bytes.map(|size| view! { <Fact label="Size">{bytes(size.unsigned_abs())}</Fact> })}
            {report
                .sha256
                .map(|sha256| {
                    view! {
                        <Fact label="SHA-256" code=true>
                            {sha256}
                        </Fact>
                    }
                })}
        </Facts>
    }
}

#[component]
fn DeleteDialog(id: ReportId) -> impl IntoView {
    let open = RwSignal::new(false);
    let toasts = use_toasts();
    // On success the answer leads to the list.
    let delete = ServerAction::<DeleteReport>::new();
    Effect::new(move |_| {
        if let Some(Err(error)) = delete.value().get() {
            failure::tell(toasts, &error);
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        open.set(false);
        delete.dispatch(DeleteReport { report: id });
    };
    view! {
        <ConfirmDialog
            id=DIALOG
            title="Delete this report?"
            confirm="Delete"
            danger=true
            open
            action=DeleteReport::url().to_owned()
            on:submit=submit
        >
            <p>"The PDF is gone then. The documents it is about stay."</p>
            <HiddenField name="report" value=id.to_string() />
        </ConfirmDialog>
    }
}
