//! Every component in both themes, for those who build pages. Development only.

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{routes, ui::*};

/// The page at [`routes::DESIGN`].
#[component]
pub fn Design() -> impl IntoView {
    let moment = DateTime::<Utc>::from_timestamp(1_795_000_000, 0).expect("a moment of 2026");
    provide_context(Now(RwSignal::new(moment)));
    provide_toasts();
    view! {
        <Title text="Design" />
        <main class="gallery">
            <h1 class="page-title">"Every component, in both themes"</h1>
            <div class="gallery-themes">
                <Theme name="light" moment />
                <Theme name="dark" moment />
            </div>
        </main>
    }
}

#[component]
fn Theme(name: &'static str, moment: DateTime<Utc>) -> impl IntoView {
    view! {
        <div class="gallery-theme" data-theme=name>
            <Stack gap=Gap::Huge>
                <Actions name />
                <Forms name />
                <Lists moment />
                <Messages />
                <Texts moment />
                <Icons />
            </Stack>
        </div>
    }
}

#[component]
fn Actions(name: &'static str) -> impl IntoView {
    let crumbs = vec![Crumb::new("Documents", routes::DOCUMENTS)];
    view! {
        <PageHeader title="Lease, Harbour Street 12" description="PDF, 14 pages, added by Ada" crumbs>
            <IconButton glyph=Glyph::Trash label="Move to trash" />
            <Button glyph=Glyph::Download>"Download"</Button>
            <Button variant=ButtonVariant::Primary glyph=Glyph::Report>
                "Make a report"
            </Button>
        </PageHeader>
        <Tabs label="Views">
            <Tab href="#pages" current=true>
                "Pages"
            </Tab>
            <Tab href="#text" current=false>
                "Text"
            </Tab>
            <Tab href="#facts" current=false>
                "Facts"
            </Tab>
        </Tabs>
        <Cluster>
            <Button variant=ButtonVariant::Primary>"Primary"</Button>
            <Button>"Secondary"</Button>
            <Button variant=ButtonVariant::Ghost>"Ghost"</Button>
            <Button variant=ButtonVariant::Danger>"Danger"</Button>
            <Button disabled=true>"Disabled"</Button>
            <Button busy=true variant=ButtonVariant::Primary>
                "Saving"
            </Button>
        </Cluster>
        <Cluster>
            <Button size=ButtonSize::Small>"Small"</Button>
            <Button size=ButtonSize::Large>"Large"</Button>
            <Menu id=format!("{name}-menu") label="More">
                <MenuItem href="#download" glyph=Glyph::Download>
                    "Download"
                </MenuItem>
                <MenuSeparator />
                <MenuItem danger=true glyph=Glyph::Trash>
                    "Move to trash"
                </MenuItem>
            </Menu>
            <Button opens=format!("{name}-dialog")>"Dialog"</Button>
            <ThemeSwitch />
            <Kbd>"/"</Kbd>
        </Cluster>
        <ConfirmDialog
            id=format!("{name}-dialog")
            title="Move 3 documents to the trash?"
            confirm="Move to trash"
            danger=true
        >
            <p>"They can be restored for 30 days."</p>
        </ConfirmDialog>
    }
}

#[component]
fn Forms(name: &'static str) -> impl IntoView {
    provide_context(FormState {
        values: vec![(format!("{name}-email"), "ada@acme".into()), (format!("{name}-keep"), "on".into())],
        errors: vec![FieldError {
            field: format!("{name}-email"),
            message: "Enter an e-mail address, like ada@example.com.".into(),
        }],
        message: None,
    });
    let sorts = [("added", "Date added"), ("name", "Name")].map(|(key, text)| (key.to_owned(), text.to_owned()));
    view! {
        <Card title="A form">
            <Form action=routes::DESIGN>
                <Field name=format!("{name}-name") label="Your name" value="Ada" />
                <Field name=format!("{name}-email") label="E-mail" kind=FieldKind::Email hint="We send a link there." />
                <Field name=format!("{name}-note") label="Note" rows=3u32 placeholder="Optional" />
                <Select name=format!("{name}-sort") label="Sort by" options=sorts.to_vec() value="added" />
                <Checkbox name=format!("{name}-keep") label="Keep both" hint="The second gets a number." checked=true />
                <FormActions>
                    <Button>"Cancel"</Button>
                    <Button variant=ButtonVariant::Primary>"Save"</Button>
                </FormActions>
            </Form>
        </Card>
        <SearchField name=format!("{name}-q") label="Search" placeholder="Search all documents" shortcut="/" />
        <DropZone
            id=format!("{name}-files")
            name="files"
            label="Drop documents here"
            hint="PDF, Word, Markdown, HTML, CSV or text, many at once"
        />
    }
}

#[component]
fn Lists(moment: DateTime<Utc>) -> impl IntoView {
    let rows = [
        ("Lease, Harbour Street 12", 14, 1_400_000, Tone::Success, "Read", 4),
        (
            "Maintenance agreement with a name that is longer than any column can show",
            7,
            320_000,
            Tone::Info,
            "Reading",
            90,
        ),
        ("scan-0042.pdf", 0, 99_000_000, Tone::Danger, "Could not be read", 9_000),
    ];
    let bars = [("1 Nov", 12), ("2 Nov", 0), ("3 Nov", 240), ("4 Nov", 90), ("5 Nov", 70)]
        .map(|(label, value)| Bar { label: label.to_owned(), value });
    view! {
        <SelectionBar count=2 noun="document">
            <Button size=ButtonSize::Small glyph=Glyph::Report>
                "Make a report"
            </Button>
            <Button size=ButtonSize::Small glyph=Glyph::Trash>
                "Move to trash"
            </Button>
        </SelectionBar>
        <Table label="Documents">
            <thead>
                <tr>
                    <RowSelectAll partial=true />
                    <SortHeader href="#name" sorted=Some(SortDirection::Ascending)>
                        "Name"
                    </SortHeader>
                    <HeaderCell>"State"</HeaderCell>
                    <HeaderCell numeric=true>"Pages"</HeaderCell>
                    <HeaderCell numeric=true hide_narrow=true>
                        "Size"
                    </HeaderCell>
                    <SortHeader href="#added" sorted=None>
                        "Added"
                    </SortHeader>
                </tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .enumerate()
                    .map(|(index, (title, pages, size, tone, state, minutes))| {
                        view! {
                            <SelectableRow selected=move || index == 0>
                                <RowSelect
                                    name="id"
                                    value=index.to_string()
                                    label=format!("Select {title}")
                                    checked=move || index == 0
                                    on_change=|_| {}
                                />
                                <Cell primary=true>
                                    <TextLink href="#document" quiet=true>
                                        {title}
                                    </TextLink>
                                </Cell>
                                <Cell>
                                    <Badge tone>{state}</Badge>
                                </Cell>
                                <Cell numeric=true>{grouped(pages)}</Cell>
                                <Cell numeric=true hide_narrow=true>
                                    {bytes(size)}
                                </Cell>
                                <Cell muted=true>
                                    <Time at=moment - TimeDelta::minutes(minutes) />
                                </Cell>
                            </SelectableRow>
                        }
                    })
                    .collect_view()}
            </tbody>
        </Table>
        <Pagination
            label="Documents"
            newer=None
            older=Some("#older".into())
            summary=counted(50, "document", "documents")
        />
        <Card flush=true>
            <ItemList label="Uploads">
                <Item glyph=Glyph::FilePdf title="lease.pdf" meta="1.4 MB">
                    <Progress label="Uploading lease.pdf" value=Some(0.62) />
                    <IconButton glyph=Glyph::Cancel label="Cancel" size=ButtonSize::Small />
                </Item>
                <Item glyph=Glyph::FileText title="notes.md" meta="12 kB">
                    <Badge tone=Tone::Success glyph=Glyph::Check>
                        "Read"
                    </Badge>
                </Item>
            </ItemList>
        </Card>
        <StatGroup>
            <Stat label="Documents" value=grouped(1_240) />
            <Stat label="Pages" value=grouped(38_204) note="412 this week" />
            <Stat label="Stored" value=bytes(8_400_000_000) />
        </StatGroup>
        <BarChart label="By day: 412 pages in all, the most on 3 November: 240 pages" bars=bars.into() />
        <Columns>
            <Card title="Facts">
                <Facts>
                    <Fact label="Author">"Ada"</Fact>
                    <Fact label="Language">"English"</Fact>
                    <Fact label="SHA-256" code=true>
                        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                    </Fact>
                </Facts>
            </Card>
            <Card title="Reading">
                <Progress label="Page 9 of 14" value=Some(0.64) labelled=true />
                <Progress label="Typesetting" value=None labelled=true />
            </Card>
        </Columns>
    }
}

#[component]
fn Messages() -> impl IntoView {
    view! {
        <Cluster>
            <Badge>"Kept, not read"</Badge>
            <Badge tone=Tone::Info>"Reading"</Badge>
            <Badge tone=Tone::Success>"Read"</Badge>
            <Badge tone=Tone::Warning>"Partly read"</Badge>
            <Badge tone=Tone::Danger>"Could not be read"</Badge>
        </Cluster>
        <Notice>"Your address is not confirmed yet."</Notice>
        <Notice tone=Tone::Success>"Your password is changed."</Notice>
        <Notice tone=Tone::Warning title="Two pages could not be read">
            "The other twelve are here."
        </Notice>
        <Notice tone=Tone::Danger title="This file is protected by a password">
            "Remove the password and upload it again."
        </Notice>
        <EmptyState
            glyph=Glyph::Documents
            title="No documents yet"
            text="Drop files anywhere on this page, or pick them."
        >
            <Button variant=ButtonVariant::Primary glyph=Glyph::Upload>
                "Upload documents"
            </Button>
        </EmptyState>
        <ErrorState text="Sheaf cannot do this right now. Please try again in a moment." retry_href=routes::DESIGN />
        <Loading />
        <Loading shape=LoadingShape::Text />
    }
}

#[component]
fn Texts(moment: DateTime<Utc>) -> impl IntoView {
    let segments = vec![("The ".into(), false), ("notice period".into(), true), (" is three months.".into(), false)];
    view! {
        <Section title="Text" description="How running text and read text look.">
            <Prose>
                <p>
                    "Running text with a " <TextLink href="#link">"link"</TextLink> ", a result: "
                    <Highlight segments /> " It was added " <Time at=moment - TimeDelta::hours(3) /> "."
                </p>
            </Prose>
            <TextBlock text="§ 7  Term and end\nThe notice period is three months\nto the end of a quarter." />
        </Section>
    }
}

#[component]
fn Icons() -> impl IntoView {
    view! { <Cluster>{Glyph::ALL.into_iter().map(|glyph| view! { <Icon glyph /> }).collect_view()}</Cluster> }
}
