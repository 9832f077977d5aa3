//! Which entries are shown: of whom, of what kind, of which days.

use chrono::NaiveDate;
use domain::audit::{Act, AuditQuery, Person};
use leptos::prelude::*;

use crate::{
    routes,
    ui::{Button, ButtonVariant, Field, FieldKind, FilterForm, Glyph, Select},
};

/// The form over the log; its fields follow the address.
#[component]
pub(super) fn Filters(query: Memo<AuditQuery>, people: Vec<Person>) -> impl IntoView {
    let chosen = move |pick: fn(&AuditQuery) -> String| Signal::derive(move || query.with(pick));
    let day = move |pick: fn(&AuditQuery) -> Option<NaiveDate>| {
        let text = move |query: &AuditQuery| pick(query).map(|day| day.to_string()).unwrap_or_default();
        let day = RwSignal::new(query.with_untracked(text));
        Effect::new(move |_| day.set(query.with(text)));
        day
    };
    let clear = move || {
        query.with(AuditQuery::filters).then(|| {
            view! {
                <Button variant=ButtonVariant::Ghost glyph=Glyph::Close href=routes::SETTINGS_AUDIT>
                    "Clear filters"
                </Button>
            }
        })
    };
    let people = people.into_iter().map(|person| (person.account.to_string(), person.name));
    let acts = Act::ALL.iter().map(|act| (act.as_str().to_owned(), act.label().to_owned()));
    view! {
        <FilterForm action=routes::SETTINGS_AUDIT label="Filter the audit log">
            <Select
                name="person"
                label="Who"
                options=choices("Everybody", people)
                value=chosen(|query| query.person.map(|id| id.to_string()).unwrap_or_default())
            />
            <Select
                name="act"
                label="What"
                options=choices("Everything", acts)
                value=chosen(|query| query.act.map(Act::as_str).unwrap_or_default().to_owned())
            />
            <Field name="from" label="From" kind=FieldKind::Date bind=day(|query| query.from) />
            <Field name="to" label="Until" kind=FieldKind::Date bind=day(|query| query.to) />
            {clear}
        </FilterForm>
    }
}

fn choices(all: &str, each: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    [(String::new(), all.to_owned())].into_iter().chain(each).collect()
}
