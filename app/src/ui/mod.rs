//! The design system: one component a file, one style sheet of the same name in `style/components`.
//!
//! Pages compose these components and write no utility classes of their own. Everything renders the same on the server
//! and in the browser, and whatever can work without scripts does. Attributes and events given to a component go to its
//! root element (`on:click=..`, `attr:data-testid=..`); events of an inner input bubble up to it.
//!
//! Text props take `"text"`, a `String`, a signal or a closure where they say `Signal`. Ids are given by the caller and
//! are unique on a page.
//!
//! Layout of a page
//! - `<AppLayout workspace="Acme" person="Ada" email="ada@acme.example">..</AppLayout>` sidebar, `main`, toaster;
//!   `others` are the workspaces that its menu leads to
//! - `<PublicLayout>..</PublicLayout>` header and footer of the public pages; `narrow=true` for one form
//! - `<OperatorLayout operator="Bob">..</OperatorLayout>` the same for the pages of operators
//! - `<PageHeader title=".." description=".." crumbs=vec![Crumb::new("Documents", routes::DOCUMENTS)]>..</PageHeader>`
//!   with the actions as children
//! - `<Section title="Sessions" description="..">..</Section>` a titled part of a page; `<Card title="Facts">..</Card>`
//! - `<Stack gap=Gap::Large>..</Stack>` one below the other; `<Cluster gap=Gap::Small>..</Cluster>` in a row that wraps
//! - `<Columns>..first..second..</Columns>` main part and aside; `<TileGrid>..</TileGrid>` equal tiles
//! - `<Toolbar label="Filter">..<Spacer/>..</Toolbar>`
//! - `<SelectionBar count=signal noun="document" on_clear=..>..</SelectionBar>` what can be done with the chosen rows
//! - `<Tabs label="Views"><Tab href=".." current=true>"Pages"</Tab></Tabs>` links, not scripts
//!
//! Actions
//! - `<Button variant=ButtonVariant::Primary glyph=Glyph::Upload on:click=..>"Upload"</Button>`
//! - `<Button href=routes::DOCUMENTS>"Back"</Button>` a link; `external=true` leaves the app, `download=true` saves
//! - `<Button kind=ButtonKind::Submit busy=pending>"Save"</Button>`; `name`/`value` go with the form
//! - `<Button opens="delete-dialog">"Delete"</Button>` opens a `Dialog` by its id, also without scripts
//! - `<IconButton glyph=Glyph::Close label="Close" on:click=.. />` (also `href`, `opens`)
//! - `<TextLink href="..">"text"</TextLink>`
//! - `<Menu id="download-menu" label="Download">..</Menu>`, or `<MoreMenu id=.. label="Actions">..</MoreMenu>` behind three
//!   dots, of `<MenuItem href=".." glyph=Glyph::Download>"Download"</MenuItem>` and `<MenuSeparator/>`; `<RowMenu id=..
//!   label="Actions for a.pdf" items=move || view! { .. } />` at the end of a row makes them when it is opened, and `leave_row(id)`
//!   takes the focus to the next where its row goes
//! - `<Dialog id="new" title="New report" open=signal>..<DialogActions>..</DialogActions></Dialog>`
//! - `<ConfirmDialog id=".." title=".." confirm="Move to trash" danger=true open=signal on_confirm=..>..</ConfirmDialog>`
//!
//! Forms (see `form_state` for how values and errors come back)
//! - `<Form action=routes::SIGN_IN>..</Form>` plain POST with its error summary; `<FormActions>..</FormActions>`
//! - `<Field name="email" label="E-mail" kind=FieldKind::Email hint=".." required=true bind=signal />`
//! - `<Field name="text" label="Text" rows=6u32 />` many lines
//! - `<Select name="sort" label="Sort" options=vec![("name".into(), "Name".into())] value=".." on_change=.. />`
//! - `<Checkbox name="keep" label="Keep both" checked=signal on_change=move |on| .. />`
//! - `<SingleKeys />` whether keys of one character do something; who listens to such asks `is_key_off(&event)`
//! - `<SearchField name="q" label="Search" value=".." placeholder=".." bind=signal shortcut="/" />`
//! - `<HiddenField name="token" value=".." />`; `<ErrorSummary />` (inside `Form` already)
//! - `<FileField name="logo" label="Picture" accept="image/png" />` one file, in an `UploadForm`
//! - `<DropZone id="files" name="files" label="Drop documents here" hint=".." accept=".." on:change=.. />`
//! - `<DropOverlay active=signal label="Drop to upload" />` over the whole window
//!
//! Data
//! - `<Table label="Documents">` around `<thead>` and `<tbody>`. Head: `<RowSelectAll ../>`, `<SortHeader href=".."
//!   sorted=Some(SortDirection::Ascending)>"Name"</SortHeader>`, `<HeaderCell numeric=true>"Pages"</HeaderCell>`,
//!   `<ActionsHeader />` over buttons. Body: `<Row><Cell primary=true>..</Cell></Row>`, or `<SelectableRow selected=..>`
//!   that begins with `<RowSelect name="id" value=.. label=.. checked=.. on_change=.. />`; `hide_narrow=true` on cells a
//!   phone can miss
//! - `<ItemList label="Uploads"><Item glyph=Glyph::FilePdf title="a.pdf" meta="2 MB">..trailing..</Item></ItemList>`
//! - `<Waterfall label="What it waited for" bars=vec![..] />` what happened when, beside a table that says the same
//! - `<MonthChart label="MRR by month" bars=vec![..] />` an amount for each month, beside a table that says the same
//! - `<Facts><Fact label="Author">"Ada"</Fact></Facts>`
//! - `<StatGroup><Stat label="Pages" value="1,240" note=".." /></StatGroup>`
//! - `<SumRow label="In all" values=vec!["1,240".into()] />` after the body: what the figures add up to
//! - `<BarChart label="By day: 12 in all" bars=vec![Bar { label: "3 Nov".into(), value: 12 }] />` drawn by the server
//! - `<HeatMap label=".." columns=.. rows=.. counts=.. />` how often, by time and size, beside a table that says the same
//! - `<Badge tone=Tone::Success glyph=Glyph::Check>"Read"</Badge>`
//! - `<Pagination label="Documents" newer=Some(href) older=None summary="50 documents" />` keyset: no page numbers
//! - `<Time at=datetime />` "5 minutes ago" with the full time in its title; `absolute=true` for the date alone; `moment(at)` all of it as
//!   text; `use_seconds(at)` a moment that moves on each second. Clocks are those of the workspace, which the root gives with `provide_zone`
//! - `bytes(1_400_000)` "1.4 MB"; `grouped(1240)` "1,240"; `counted(2, "page", "pages")` "2 pages"; `counted_to(1000, 1001)` "1,000+"
//! - `<Highlight segments=vec![("text ".into(), false), ("hit".into(), true)] />`
//! - `<Prose>..</Prose>` running text; `<TextBlock text=".." />` text as it was read, lines kept; `<Kbd>"/"</Kbd>`
//!
//! States
//! - `<EmptyState glyph=Glyph::Document title="No documents yet" text="..">..action..</EmptyState>`
//! - `<ErrorState title=".." text=".." reference=Some(..) retry_href="..">..</ErrorState>`
//! - `<Loading label="Loading documents" shape=LoadingShape::Rows />`; `<Skeleton />` one line
//! - `<Notice tone=Tone::Success>"Password changed."</Notice>` in the page; `use_toasts().success("..")` over it
//! - `<Progress label="Uploading" value=Signal<Option<f64>> />` 0.0 to 1.0, `None` while unknown
//! - `<ForbiddenPage/> <NotFoundPage/> <RefusedPage/> <UnpaidPage>..</UnpaidPage>` whole pages (`error_page`)
//! - `<Icon glyph=Glyph::Search />` decoration; `<LogoImage source=.. label="Logo of Acme" />`
//! - `<ThemeSwitch/>`; `<Wordmark/>`
//! - `ready(move || resource.with(|_| ()), move || view)` in a suspense: makes what is large once and not twice
//!
//! Lists that act
//! - `<FilterForm action=routes::DOCUMENTS label="Filter documents">..</FilterForm>` a GET form that submits itself
//! - `<PostForm id="rows" action=TrashDocuments::url()>..</PostForm>` around rows and the buttons that act on the chosen
//! - `<MenuPost form="row" action=.. name=".." value=.. on_choose=move |()| ..>"Restore"</MenuPost>` a menu item that
//!   posts
//! - `<RowTitle title=".." href=.. note=".." image=Some(src) glyph=Glyph::FilePdf />` the primary cell of a row
//! - `use_undo().offer("Moved to the trash.", move || ..)` the way back, over the page
//! - `<FloatingPanel title="3 uploads">..</FloatingPanel>`; `<WithoutScripts>..</WithoutScripts>`
//! - `<LinkedText text=".." prefix="https://sheaf.example/" />` text in which our own addresses are links
//!
//! Reading and finding
//! - `<PageCanvas image=.. label="Page 3" width=612.0 height=792.0 lines=.. marks=.. current=.. zoom=.. />` a page with its
//!   words over it; `<Paper label="Page 3"><MarkedText segments=.. current=.. /></Paper>` where there is only text
//! - `<ReaderBar label="..."><BarGroup>..</BarGroup><BarNote text=.. /></ReaderBar>`; `<ReaderStage label=..
//!   node_ref=..>..</ReaderStage>`; `<PageJump page=.. pages=.. />`; `<KeyList keys=.. />`
//! - `<SplitView label="Pages and contents" aside=Box::new(..)>..</SplitView>` with `<ThumbnailStrip>`, `<Thumbnail>` and
//!   `<OutlineList lines=.. />`
//! - `<GetForm action=.. label=".." search=true>..<GetFormError message=".." /></GetForm>` fields that go into the address
//! - `<SearchResults><SearchResult ..><Snippet .. /></SearchResult></SearchResults>`; `<SearchSummary text=".." />`;
//!   `<SearchHints label=".." hints=.. />`

pub mod error_page;
pub mod form_state;
pub mod format;
pub mod theme;

mod app_layout;
mod badge;
mod bar_chart;
mod button;
mod card;
mod checkbox;
mod confirm_dialog;
mod dialog;
mod drop_zone;
mod empty_state;
mod error_state;
mod error_summary;
mod facts;
mod field;
mod file_field;
mod filter_form;
mod floating_panel;
mod form;
mod get_form;
mod heat_map;
mod highlight;
mod icon;
mod item_list;
mod kbd;
mod layout;
mod linked_text;
mod loading;
mod logo_image;
mod marked_text;
mod menu;
mod menu_post;
mod month_chart;
mod notice;
mod operator_layout;
mod outline_list;
mod page_canvas;
mod page_header;
mod page_jump;
mod page_title;
mod pagination;
mod post_form;
mod progress;
mod prose;
mod public_layout;
mod query_form;
mod reader_bar;
mod ready;
mod row_title;
mod search_field;
mod search_result;
mod select;
mod single_keys;
mod split_view;
mod stat;
mod table;
mod tabs;
mod text_link;
mod theme_switch;
mod thumbnail_strip;
mod time;
mod toast;
mod toolbar;
mod undo;
mod upload_form;
mod waterfall;
mod without_scripts;
mod wordmark;

pub use app_layout::{AppLayout, OtherWorkspace};
pub use badge::{Badge, Tone};
pub use bar_chart::{Bar, BarChart};
pub use button::{Button, ButtonKind, ButtonSize, ButtonVariant, IconButton};
pub use card::{Card, Section};
pub use checkbox::Checkbox;
pub use confirm_dialog::ConfirmDialog;
pub use dialog::{Dialog, DialogActions, is_overlay_open};
pub use drop_zone::{DropOverlay, DropZone};
pub use empty_state::EmptyState;
pub use error_page::{ForbiddenPage, NotFoundPage, RefusedPage, SuspendedPage, UnpaidPage};
pub use error_state::ErrorState;
pub use error_summary::ErrorSummary;
pub use facts::{Fact, Facts};
pub use field::{Field, FieldKind, HiddenField};
pub use file_field::FileField;
pub use filter_form::FilterForm;
pub use floating_panel::FloatingPanel;
pub use form::{Form, FormActions};
pub use form_state::{FieldError, FormState, is_secret, use_form_state};
pub use format::{bytes, counted, counted_to, grouped};
pub use get_form::{GetForm, GetFormError};
pub use heat_map::HeatMap;
pub use highlight::Highlight;
pub use icon::{Glyph, Icon, IconSize};
pub use item_list::{Item, ItemList};
pub use kbd::Kbd;
pub use layout::{Cluster, Columns, Gap, Spacer, Stack, TileGrid};
pub use linked_text::LinkedText;
pub use loading::{Loading, LoadingShape, Skeleton};
pub use logo_image::LogoImage;
pub use marked_text::{MarkedText, Paper};
pub use menu::{Menu, MenuItem, MenuSeparator, MoreMenu, RowMenu, leave_row};
pub use menu_post::MenuPost;
pub use month_chart::{MonthBar, MonthChart};
pub use notice::Notice;
pub use operator_layout::OperatorLayout;
pub use outline_list::{OutlineLine, OutlineList};
pub use page_canvas::{CURRENT_HIT, Mark, PageCanvas};
pub use page_header::{Crumb, PageHeader};
pub use page_jump::PageJump;
pub use page_title::PageTitle;
pub use pagination::Pagination;
pub use post_form::PostForm;
pub use progress::Progress;
pub use prose::{Prose, TextBlock};
pub use public_layout::PublicLayout;
pub use query_form::QueryForm;
pub use reader_bar::{BarGroup, BarNote, KeyList, ReaderBar, ReaderStage};
pub use ready::ready;
pub use row_title::RowTitle;
pub use search_field::SearchField;
pub use search_result::{SearchHints, SearchResult, SearchResults, SearchSummary, Snippet};
pub use select::Select;
pub use single_keys::{SingleKeys, is_key_off};
pub use split_view::SplitView;
pub use stat::{Stat, StatGroup};
pub use table::{
    ActionsHeader, Cell, HeaderCell, Row, RowSelect, RowSelectAll, SelectableRow, SortDirection, SortHeader, SumRow,
    Table,
};
pub use tabs::{Tab, Tabs};
pub use text_link::TextLink;
pub use theme::{ForEverybody, ThemeChoice};
pub use theme_switch::{ThemeSwitch, provide_theme};
pub use thumbnail_strip::{Thumbnail, ThumbnailGap, ThumbnailStrip};
pub use time::{Now, RequestTime, Time, moment, provide_now, provide_zone, use_seconds};
pub use toast::{Toaster, Toasts, provide_toasts, use_toasts};
pub use toolbar::{SelectionBar, Toolbar};
pub use undo::{Undo, UndoToast, provide_undo, use_undo};
pub use upload_form::UploadForm;
pub use waterfall::{Waterfall, WaterfallBar};
pub use without_scripts::WithoutScripts;
pub use wordmark::Wordmark;
