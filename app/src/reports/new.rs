//! Asking for a report.

use domain::{
    Error,
    id::DocumentId,
    reports::{NewReport, Scope},
    roles::Action,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use super::api::{AskReport, ChosenDocument, NAMED, chosen_documents};
use crate::{
    failure::Failure,
    frame::Gate,
    routes,
    ui::{
        Button, ButtonKind, ButtonVariant, Card, Crumb, ErrorSummary, Field, FormActions, FormState, Gap, Glyph,
        HiddenField, Item, ItemList, Loading, Notice, PageHeader, Stack, Tone, counted,
    },
};

/// What the address asks for: `documents=id,id` (or a list's own fields), else `q`; `check=1` after a failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    title: String,
    documents: Vec<DocumentId>,
    q: String,
    check: bool,
}

impl Asked {
    fn read(params: &ParamsMap) -> Self {
        let text = |name: &str| params.get_str(name).unwrap_or_default().to_owned();
        let fields = params.get_all("documents[]").unwrap_or_default();
        let listed = text("documents");
        Self {
            title: text("title"),
            documents: fields
                .iter()
                .map(String::as_str)
                .chain(listed.split(','))
                .filter_map(|id| id.parse().ok())
                .collect(),
            q: text("q"),
            check: params.get_str("check").is_some(),
        }
    }

    /// What is wrong with it, once somebody has tried.
    fn form_state(&self) -> FormState {
        let values = [("title".to_owned(), self.title.clone()), ("q".to_owned(), self.q.clone())];
        let state = FormState::with_values(values);
        match parse(&self.title, &self.documents, &self.q) {
            Err(error) if self.check => state.with_error(&error),
            _ => state,
        }
    }
}

/// The checked form. Documents go before a search.
pub(super) fn parse(title: &str, documents: &[DocumentId], q: &str) -> Result<NewReport, Error> {
    let scope = if documents.is_empty() { Scope::Search(q.to_owned()) } else { Scope::Documents(documents.to_vec()) };
    NewReport::parse(title, scope)
}

/// The form again with what was typed, which then says what is wrong.
#[cfg(feature = "ssr")]
pub(super) fn again(title: &str, documents: &[DocumentId], q: &str) -> String {
    let kept = routes::new_report(documents);
    format!("{kept}&title={}&q={}&check=1", routes::encode(title), routes::encode(q))
}

/// The page at [`routes::NEW_REPORT`].
#[component]
pub fn NewReportPage() -> impl IntoView {
    view! {
        <Gate action=Action::MakeReports>
            <Question />
        </Gate>
    }
}

#[component]
fn Question() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(Asked::read));
    let action = ServerAction::<AskReport>::new();
    let failed = move || match action.value().get() {
        // A field that is wrong leads back here by the address.
        Some(Err(error)) if error.field().is_none() => Some(error.message().to_owned()),
        _ => None,
    };
    provide_context(Signal::derive(move || {
        let state = asked.with(Asked::form_state);
        FormState { message: failed().or(state.message), ..state }
    }));
    let ids = Memo::new(move |_| asked.with(|asked| asked.documents.clone()));
    let scope = move || {
        if ids.with(Vec::is_empty) {
            view! { <SearchScope q=asked.with_untracked(|asked| asked.q.clone()) /> }.into_any()
        } else {
            view! { <DocumentScope ids /> }.into_any()
        }
    };
    view! {
        <Title text="New report" />
        <PageHeader
            title="New report"
            description="A PDF with a cover, the facts and figures of the documents, excerpts, and the list of sources. You get a mail when it is done."
            crumbs=vec![Crumb::new("Reports", routes::REPORTS)]
        />
        <Card>
            <ActionForm action attr:class="form" attr:novalidate=true>
                <ErrorSummary />
                <Field
                    name="title"
                    label="Title"
                    hint="It stands on the cover."
                    value=asked.with_untracked(|asked| asked.title.clone())
                    required=true
                    max_length=150u32
                />
                {scope}
                <FormActions>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit busy=action.pending()>
                        "Make the report"
                    </Button>
                </FormActions>
            </ActionForm>
        </Card>
    }
}

#[component]
fn SearchScope(q: String) -> impl IntoView {
    view! {
        <Field
            name="q"
            label="Report on a search"
            hint="All documents that this finds when the report is made. The rules are those of the search page. For certain documents, choose them in the list instead."
            value=q
            required=true
        />
    }
}

#[component]
fn DocumentScope(ids: Memo<Vec<DocumentId>>) -> impl IntoView {
    let chosen = Resource::new(move || ids.get(), chosen_documents);
    view! {
        <Transition fallback=|| view! { <Loading label="Loading the chosen documents" /> }>
            {move || {
                let ids = ids.get();
                Suspend::new(async move {
                    match chosen.await {
                        Ok(chosen) => view! { <Chosen ids chosen /> }.into_any(),
                        Err(error) => view! { <Failure error /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn Chosen(ids: Vec<DocumentId>, chosen: Vec<ChosenDocument>) -> impl IntoView {
    let missing = ids.len().min(NAMED) - chosen.len().min(NAMED);
    let unnamed = ids.len().saturating_sub(NAMED);
    let sum = counted(ids.len() as u64, "document", "documents");
    view! {
        <Stack gap=Gap::Small>
            <p class="field-label">{format!("About {sum}")}</p>
            {(missing > 0)
                .then(|| {
                    view! {
                        <Notice tone=Tone::Warning>
                            {format!("{} not there any more and left out.", are(missing))}
                        </Notice>
                    }
                })}
            <ItemList label="Chosen documents">
                {chosen
                    .into_iter()
                    .map(|document| {
                        view! {
                            <Item glyph=Glyph::Document title=document.title href=routes::document(document.id) />
                        }
                    })
                    .collect_view()}
            </ItemList>
            {(unnamed > 0).then(|| view! { <p class="field-hint">{format!("and {unnamed} more")}</p> })}
            {ids
                .into_iter()
                .enumerate()
                .map(|(index, id)| view! { <HiddenField name=format!("documents[{index}]") value=id.to_string() /> })
                .collect_view()}
        </Stack>
    }
}

fn are(missing: usize) -> String {
    let documents = counted(missing as u64, "document", "documents");
    format!("{documents} {}", if missing == 1 { "is" } else { "are" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        let params: ParamsMap = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::read(&params)
    }

    #[test]
    fn documents_come_as_one_value_or_as_fields() {
        let (a, b) = ("018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002");
        assert_eq!(asked(&[("documents", &format!("{a},{b}"))]).documents.len(), 2);
        assert_eq!(asked(&[("documents[]", a), ("documents[]", b), ("documents", "")]).documents.len(), 2);
        assert!(asked(&[("documents", "nonsense")]).documents.is_empty());
    }

    #[test]
    fn nothing_is_wrong_before_somebody_tried() {
        assert!(!asked(&[]).form_state().is_wrong());
        let tried = asked(&[("title", ""), ("q", "invoice"), ("check", "1")]).form_state();
        assert_eq!(tried.error("title"), Some("Give the report a title."));
        assert_eq!(tried.value("q"), Some("invoice"));
    }
}
