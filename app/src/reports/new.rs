//! Asking for a report.

use domain::{id::DocumentId, roles::Action};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use super::api::{AskReport, ChosenDocument, NAMED, chosen_documents};
use crate::{
    documents::chosen,
    failure::Failure,
    frame::Gate,
    returned::state_of,
    routes,
    ui::{
        Button, ButtonKind, ButtonVariant, Card, Crumb, ErrorSummary, Field, FormActions, Gap, Glyph, HiddenField,
        Item, ItemList, Loading, Notice, PageHeader, Stack, Tone, counted,
    },
};

/// What the address asks for: `documents=id,id` (or a list's own fields), else `q`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    documents: Vec<DocumentId>,
    q: String,
}

impl Asked {
    fn read(params: &ParamsMap) -> Self {
        let text = |name: &str| params.get_str(name).unwrap_or_default().to_owned();
        Self { documents: chosen(params), q: text("q") }
    }
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
    provide_context(state_of(action));
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
                let number = ids.with(Vec::len);
                Suspend::new(async move {
                    match chosen.await {
                        Ok(chosen) => view! { <Chosen number chosen /> }.into_any(),
                        Err(error) => view! { <Failure error /> }.into_any(),
                    }
                })
            }}
        </Transition>
        // They are known before their names, and go along also where those do not come.
        {move || ids.get().into_iter().enumerate().map(field).collect_view()}
    }
}

fn field((index, id): (usize, DocumentId)) -> impl IntoView {
    view! { <HiddenField name=format!("documents[{index}]") value=id.to_string() /> }
}

#[component]
fn Chosen(
    /// How many were chosen; not all of them are named.
    number: usize,
    chosen: Vec<ChosenDocument>,
) -> impl IntoView {
    let missing = number.min(NAMED) - chosen.len().min(NAMED);
    let unnamed = number.saturating_sub(NAMED);
    let sum = counted(number as u64, "document", "documents");
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
}
