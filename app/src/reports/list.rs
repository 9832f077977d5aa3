//! The reports of the workspace.

use domain::{reports::Report, roles::Action};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    api::list_reports,
    state::{ReportBadge, about},
};
use crate::{
    failure::Failure,
    frame::may,
    live::{Subject, use_changes},
    routes,
    ui::{
        ActionsHeader, Button, ButtonVariant, Cell, EmptyState, Glyph, HeaderCell, IconButton, Loading, PageHeader,
        Row, RowTitle, Table, Time, grouped,
    },
};

/// The page at [`routes::REPORTS`].
#[component]
pub fn ReportList() -> impl IntoView {
    let changes = use_changes(Subject::Reports);
    let reports = Resource::new(move || changes.get(), |_| list_reports());
    let new_report = may(Action::MakeReports).then(|| {
        view! {
            <Button variant=ButtonVariant::Primary glyph=Glyph::Plus href=routes::NEW_REPORT>
                "New report"
            </Button>
        }
    });
    view! {
        <Title text="Reports" />
        <PageHeader title="Reports" description="PDFs that Sheaf made of your documents.">
            {new_report}
        </PageHeader>
        <Transition fallback=|| view! { <Loading label="Loading reports" /> }>
            {move || Suspend::new(async move {
                match reports.await {
                    Ok(reports) if reports.is_empty() => view! { <Nothing /> }.into_any(),
                    Ok(reports) => view! { <Rows reports /> }.into_any(),
                    Err(error) => view! { <Failure error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    if !may(Action::MakeReports) {
        return view! {
            <EmptyState
                glyph=Glyph::Report
                title="No reports yet"
                text="Nobody has made a report yet. What others make stands here."
            />
        }
        .into_any();
    }
    view! {
        <EmptyState
            glyph=Glyph::Report
            title="No reports yet"
            text="Choose documents, or search for something, and make a report of it: a PDF with their facts, figures and the places that matter."
        >
            <Button href=routes::DOCUMENTS>"Choose documents"</Button>
            <Button href=routes::NEW_REPORT>"Report on a search"</Button>
        </EmptyState>
    }
    .into_any()
}

#[component]
fn Rows(reports: Vec<Report>) -> impl IntoView {
    view! {
        <Table label="Reports">
            <thead>
                <tr>
                    <HeaderCell>"Title"</HeaderCell>
                    <HeaderCell>"State"</HeaderCell>
                    <HeaderCell numeric=true hide_narrow=true>
                        "Pages"
                    </HeaderCell>
                    <HeaderCell hide_narrow=true>"Asked for by"</HeaderCell>
                    <HeaderCell hide_narrow=true>"When"</HeaderCell>
                    <ActionsHeader />
                </tr>
            </thead>
            <tbody>
                {reports.into_iter().map(|report| view! { <ReportRow report /> }).collect_view()}
            </tbody>
        </Table>
    }
}

#[component]
fn ReportRow(report: Report) -> impl IntoView {
    let is_ready = report.state == domain::reports::ReportState::Ready;
    let label = format!("Download {}", report.title);
    view! {
        <Row>
            <Cell primary=true>
                <RowTitle
                    title=report.title
                    href=routes::report(report.id)
                    note=about(&report.scope)
                    glyph=Glyph::Report
                />
            </Cell>
            <Cell>
                <ReportBadge state=report.state />
            </Cell>
            <Cell numeric=true muted=true hide_narrow=true>
                {report.pages.map(|pages| grouped(pages.unsigned_abs().into()))}
            </Cell>
            <Cell muted=true hide_narrow=true>
                {report.made_by}
            </Cell>
            <Cell muted=true hide_narrow=true>
                <Time at=report.created_at />
            </Cell>
            <Cell>
                {is_ready
                    .then(|| {
                        view! {
                            <IconButton
                                glyph=Glyph::Download
                                label
                                href=routes::report_file(report.id)
                                download=true
                                attr:rel="external"
                            />
                        }
                    })}
            </Cell>
        </Row>
    }
}
