//! The filters and the order of the list.

use domain::documents::{Format, ListQuery, Sort, StateFilter};
use leptos::prelude::*;

use super::address;
use crate::{
    routes,
    ui::{Button, ButtonVariant, Field, FieldKind, FilterForm, Glyph, Select},
};

/// The form over the list; its fields follow the address.
#[component]
pub(super) fn Filters(query: Memo<ListQuery>) -> impl IntoView {
    let chosen = move |pick: fn(&ListQuery) -> String| Signal::derive(move || query.with(pick));
    let day = move |pick: fn(&ListQuery) -> String| {
        let day = RwSignal::new(query.with_untracked(pick));
        Effect::new(move |_| day.set(query.with(pick)));
        day
    };
    let clear = move || {
        query.with(ListQuery::is_filtered).then(|| {
            let href = address::write(&ListQuery { sort: query.get().sort, ..ListQuery::default() });
            view! {
                <Button variant=ButtonVariant::Ghost glyph=Glyph::Close href>
                    "Clear filters"
                </Button>
            }
        })
    };
    view! {
        <FilterForm action=routes::DOCUMENTS label="Filter documents">
            <Select
                name="type"
                label="Type"
                options=choices("All types", Format::ALL.map(|format| (format.as_str(), format.label())))
                value=chosen(|query| word(query.format.map(Format::as_str)))
            />
            <Select
                name="state"
                label="State"
                options=choices("All states", StateFilter::ALL.map(|state| (state.as_str(), state.label())))
                value=chosen(|query| word(query.state.map(StateFilter::as_str)))
            />
            <Field
                name="from"
                label="Added from"
                kind=FieldKind::Date
                bind=day(|query| query.added_from.map(|day| day.to_string()).unwrap_or_default())
            />
            <Field
                name="to"
                label="Added until"
                kind=FieldKind::Date
                bind=day(|query| query.added_to.map(|day| day.to_string()).unwrap_or_default())
            />
            <Select
                name="sort"
                label="Order"
                options=Sort::ALL
                    .map(|sort| (sort.as_str().to_owned(), sort.label().to_owned()))
                    .to_vec()
                value=chosen(|query| query.sort.as_str().to_owned())
            />
            {clear}
        </FilterForm>
    }
}

fn choices<const N: usize>(all: &str, options: [(&str, &str); N]) -> Vec<(String, String)> {
    [("", all)].into_iter().chain(options).map(|(value, text)| (value.to_owned(), text.to_owned())).collect()
}

fn word(value: Option<&'static str>) -> String {
    value.unwrap_or_default().to_owned()
}
