//! Tables: a native `<table>` that pages fill with rows and cells.

use leptos::prelude::*;

use super::{Glyph, Icon, IconSize};

/// The frame of a table; it scrolls sideways by itself where it must.
#[component]
pub fn Table(
    /// What it lists; its accessible name.
    #[prop(into)]
    label: String,
    /// `<thead>` and `<tbody>`.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-frame">
            <table class="data-table" aria-label=label>
                {children()}
            </table>
        </div>
    }
}

/// The head of a column.
#[component]
pub fn HeaderCell(
    #[prop(optional)] numeric: bool,
    /// A phone can do without this column.
    #[prop(optional)]
    hide_narrow: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <th scope="col" class:numeric=numeric class:hide-narrow=hide_narrow>
            {children()}
        </th>
    }
}

/// The head of the column of what can be done with each row. Its name is told to screen readers alone.
#[component]
pub fn ActionsHeader() -> impl IntoView {
    view! {
        <HeaderCell>
            <span class="sr-only">"Actions"</span>
        </HeaderCell>
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortDirection {
    Ascending,
    Descending,
}

/// The head of a column that sorts: a link to the same list in the other order.
#[component]
pub fn SortHeader(
    /// The list sorted by this column; the other direction if it is sorted by it already.
    #[prop(into)]
    href: Signal<String>,
    /// How the list is sorted by this column now, if it is.
    #[prop(into)]
    sorted: Signal<Option<SortDirection>>,
    #[prop(optional)] numeric: bool,
    /// A phone can do without this column.
    #[prop(optional)]
    hide_narrow: bool,
    children: Children,
) -> impl IntoView {
    let aria_sort = move || {
        sorted.get().map(|direction| match direction {
            SortDirection::Ascending => "ascending",
            SortDirection::Descending => "descending",
        })
    };
    let arrow = move || {
        sorted.get().map(|direction| {
            let glyph = match direction {
                SortDirection::Ascending => Glyph::ChevronUp,
                SortDirection::Descending => Glyph::ChevronDown,
            };
            view! { <Icon glyph size=IconSize::Small /> }
        })
    };
    view! {
        <th scope="col" class:numeric=numeric class:hide-narrow=hide_narrow aria-sort=aria_sort>
            <a class="sort-link" href=move || href.get()>
                {children()}
                {arrow}
            </a>
        </th>
    }
}

/// A row of the body.
#[component]
pub fn Row<C: IntoView + Send + 'static>(children: TypedChildren<C>) -> impl IntoView {
    view! { <tr>{children.into_inner()()}</tr> }
}

/// A row of the body that begins with a [`RowSelect`].
#[component]
pub fn SelectableRow<S, C>(
    /// Whether it is chosen.
    selected: S,
    children: TypedChildren<C>,
) -> impl IntoView
where
    S: Fn() -> bool + Send + 'static,
    C: IntoView + Send + 'static,
{
    view! { <tr class:row-selected=selected>{children.into_inner()()}</tr> }
}

/// A cell of the body.
#[component]
pub fn Cell<C: IntoView + Send + 'static>(
    /// Figures: to the right, all digits equally wide.
    #[prop(optional)]
    numeric: bool,
    /// What the row is about; takes the room that is left and is cut where it is too long, unless it `wraps`.
    #[prop(optional)]
    primary: bool,
    /// Quieter than the rest.
    #[prop(optional)]
    muted: bool,
    /// A phone can do without this column.
    #[prop(optional)]
    hide_narrow: bool,
    /// A sentence, which takes several lines where it has to.
    #[prop(optional)]
    wraps: bool,
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <td
            class:numeric=numeric
            class:primary=primary
            class:muted=muted
            class:hide-narrow=hide_narrow
            class:wraps=wraps
        >
            {children.into_inner()()}
        </td>
    }
}

/// What the figures of the rows add up to, under them: it stands after the body.
#[component]
pub fn SumRow(
    /// What it sums.
    #[prop(into)]
    label: String,
    /// A figure for each further column.
    values: Vec<String>,
) -> impl IntoView {
    let cells = values.into_iter().map(|value| view! { <td class="numeric">{value}</td> }).collect_view();
    view! {
        <tfoot>
            <tr>
                <th scope="row">{label}</th>
                {cells}
            </tr>
        </tfoot>
    }
}

/// The first cell of a row that can be chosen.
#[component]
pub fn RowSelect<S, F>(
    /// Name and value that go with the form around the table.
    name: &'static str,
    value: String,
    /// "Select invoice.pdf".
    label: String,
    checked: S,
    on_change: F,
) -> impl IntoView
where
    S: Fn() -> bool + Send + 'static,
    F: Fn(bool) + 'static,
{
    view! {
        <td class="select-cell">
            <label class="select-target">
                <input
                    class="checkbox checkbox-sm"
                    type="checkbox"
                    name=name
                    value=value
                    aria-label=label
                    prop:checked=checked
                    on:change=move |event| on_change(event_target_checked(&event))
                />
            </label>
        </td>
    }
}

/// The head of the selecting column: chooses all rows in view or none. It needs scripts and is hidden without them.
#[component]
pub fn RowSelectAll(
    #[prop(optional, into)] checked: Signal<bool>,
    /// Some rows are chosen, not all.
    #[prop(optional, into)]
    partial: Signal<bool>,
    #[prop(optional, into)] on_change: Option<Callback<bool>>,
) -> impl IntoView {
    view! {
        <td class="select-cell">
            <label class="select-target needs-scripts">
                <input
                    class="checkbox checkbox-sm"
                    type="checkbox"
                    aria-label="Select all in view"
                    prop:checked=move || checked.get()
                    prop:indeterminate=move || partial.get()
                    on:change=move |event| report(on_change, event_target_checked(&event))
                />
            </label>
        </td>
    }
}

fn report(on_change: Option<Callback<bool>>, checked: bool) {
    if let Some(on_change) = on_change {
        on_change.run(checked);
    }
}
