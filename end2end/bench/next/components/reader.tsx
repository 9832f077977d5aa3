"use client";

import Form from "next/form";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, type ReactNode } from "react";
import type { State } from "@/lib/documents";
import { FORMATS, type Format } from "@/lib/query";
import { bytes, counted } from "@/lib/words";
import { TRASH, useActs } from "./acts";
import { FACES } from "./document-row";
import { Dialog } from "./dialog";
import { Icon, type Glyph } from "./icon";
import { Menu, MenuFile, MenuLink, MenuPost, MenuSeparator } from "./menu";
import { PageHeader } from "./page-header";
import { SearchField } from "./search-field";

const LABELS = Object.fromEntries(FORMATS) as Record<Format, string>;

const TRASH_FORM = "trash-document";

const KEYS_ID = "reader-keys";

const KEYS = [
  [["→", "j", "Page Down"], "Next page"],
  [["←", "k", "Page Up"], "Previous page"],
  [["+", "-"], "Larger, smaller"],
  [["0"], "Fit the width"],
  [["/", "Ctrl F"], "Find in this document"],
  [["n", "Enter"], "Next hit; Enter in the search field"],
  [["N", "Shift Enter"], "Previous hit"],
  [["Esc"], "Leave the search field; once more to end the search"],
  [["?"], "These keys"],
] as const;

export type Read = {
  id: string;
  title: string;
  format: Format;
  bytes: number;
  state: State;
  pages: number | null;
  pagesRead: number;
  uploadedBy: string;
};

/** One page of a document that is text, with what is around it. */
export function Reader({
  document,
  number,
  text,
}: {
  document: Read;
  number: number;
  text: string;
}) {
  const here = `/documents/${document.id}`;
  const last = Math.max(document.pagesRead, 1);
  const at = (page: number) =>
    `${here}?page=${Math.min(Math.max(page, 1), last)}`;
  useKeys(at(number - 1), at(number + 1));
  return (
    <>
      <Head document={document} here={here} />
      <nav className="tab-bar" aria-label="Views of this document">
        <ul>
          <Tab href={at(number)} current>
            Pages
          </Tab>
          <Tab href={`${here}/text?page=${number}`}>Text</Tab>
          <Tab href={`${here}/facts`}>Facts</Tab>
        </ul>
      </nav>
      <div
        className="reader-bar"
        role="group"
        aria-label="Page, size and search"
      >
        <div className="reader-bar-group">
          <Step
            href={at(number - 1)}
            label="Previous page"
            glyph="chevronLeft"
            ends={number <= 1}
          />
          <Form
            className="get-form"
            action={here}
            aria-label="Go to a page"
            replace
          >
            <label className="page-jump">
              <span className="sr-only">Page</span>
              <input
                key={number}
                className="input"
                type="number"
                name="page"
                inputMode="numeric"
                min={1}
                max={last}
                defaultValue={number}
              />
              <span className="page-jump-of">{`of ${last}`}</span>
            </label>
            <div className="without-scripts">
              <button className="btn btn-md" type="submit">
                Go
              </button>
            </div>
          </Form>
          <Step
            href={at(number + 1)}
            label="Next page"
            glyph="chevronRight"
            ends={number >= last}
          />
        </div>
        <div className="reader-bar-group reader-bar-find">
          <Form
            className="get-form"
            action={here}
            role="search"
            aria-label={`Find in ${document.title}`}
          >
            <input type="hidden" name="page" value={number} />
            <SearchField label="Find in this document" placeholder="Find" />
            <button className="btn btn-md" type="submit">
              Find
            </button>
          </Form>
        </div>
        <div className="reader-bar-group reader-bar-keys">
          <button
            className="btn btn-ghost btn-md btn-square"
            type="button"
            aria-label="Keys"
            title="Keys"
            onClick={showKeys}
          >
            <Icon glyph="info" />
          </button>
        </div>
      </div>
      <Keys />
      <section
        className="reader-stage"
        aria-label={`Page ${number}`}
        tabIndex={0}
      >
        <article className="paper" aria-label={`Page ${number}`}>
          <div className="text-block" dir="auto">
            {text}
          </div>
        </article>
      </section>
    </>
  );
}

function Head({ document, here }: { document: Read; here: string }) {
  const { id, title, format, pages, uploadedBy, state } = document;
  const [word, tone, glyph] = FACES[state];
  const facts = [
    LABELS[format],
    ...(pages === null ? [] : [counted(pages, "page", "pages")]),
    bytes(document.bytes),
    `added by ${uploadedBy}`,
  ];
  return (
    <PageHeader
      title={title}
      description={facts.join(", ")}
      crumbs={<Crumbs />}
    >
      <div className="cluster gap-tiny">
        <span className={`badge badge-sm state-badge ${tone}`}>
          <Icon glyph={glyph} size="small" />
          {word}
        </span>
      </div>
      <Buttons id={id} here={here} />
      <NarrowMenu id={id} here={here} />
    </PageHeader>
  );
}

function Crumbs() {
  return (
    <nav className="crumbs" aria-label="Breadcrumbs">
      <ol>
        <li>
          <Link href="/documents" prefetch={false}>
            Documents
          </Link>
          <Icon glyph="chevronRight" size="small" />
        </li>
      </ol>
    </nav>
  );
}

function Buttons({ id, here }: { id: string; here: string }) {
  return (
    <div className="cluster gap-small wide-only">
      <Menu id="download-menu" label="Download">
        <MenuFile href={`${here}/original`} download glyph="download">
          Original file
        </MenuFile>
        <MenuFile href={`${here}/text.txt`} download glyph="fileText">
          Text only
        </MenuFile>
      </Menu>
      <Link
        className="btn btn-md"
        href={`/reports/new?documents=${id}`}
        prefetch={false}
      >
        <Icon glyph="report" />
        Make a report
      </Link>
      <Link
        className="btn btn-md"
        href={`${here}/facts#sharing`}
        prefetch={false}
      >
        <Icon glyph="lock" />
        Share
      </Link>
      <form className="post-form" id={TRASH_FORM} method="post" action={TRASH}>
        <input type="hidden" name="documents[0]" value={id} />
        <button className="btn btn-ghost btn-md" type="submit">
          <Icon glyph="trash" />
          Move to trash
        </button>
      </form>
    </div>
  );
}

/** The same in a menu, where the window is narrow. */
function NarrowMenu({ id, here }: { id: string; here: string }) {
  const acts = useActs();
  return (
    <Menu
      id="document-menu"
      label="Actions"
      glyph="more"
      className="narrow-only"
    >
      <MenuFile href={`${here}/original`} download glyph="download">
        Download original
      </MenuFile>
      <MenuFile href={`${here}/text.txt`} download glyph="fileText">
        Download text
      </MenuFile>
      <MenuLink href={`/reports/new?documents=${id}`} glyph="report">
        Make a report
      </MenuLink>
      <MenuLink href={`${here}/facts#sharing`} glyph="lock">
        Share
      </MenuLink>
      <MenuSeparator />
      <MenuPost
        form={TRASH_FORM}
        action={TRASH}
        name="menu"
        value=""
        danger
        glyph="trash"
        onChoose={() => acts.trash([id])}
      >
        Move to trash
      </MenuPost>
    </Menu>
  );
}

function Tab({
  href,
  current,
  children,
}: {
  href: string;
  current?: boolean;
  children: ReactNode;
}) {
  return (
    <li>
      <Link
        className="tab-link"
        href={href}
        prefetch={false}
        aria-current={current ? "page" : undefined}
      >
        {children}
      </Link>
    </li>
  );
}

function Step({
  href,
  label,
  glyph,
  ends,
}: {
  href: string;
  label: string;
  glyph: Glyph;
  /** There is no further page this way. */
  ends: boolean;
}) {
  return (
    <Link
      className="btn btn-ghost btn-md btn-square"
      href={href}
      prefetch={false}
      scroll={false}
      aria-label={label}
      aria-disabled={ends || undefined}
      title={label}
    >
      <Icon glyph={glyph} />
    </Link>
  );
}

function Keys() {
  return (
    <Dialog id={KEYS_ID} title="Keys">
      <dl className="key-list">
        {KEYS.map(([keys, does]) => [
          <dt key={keys[0]}>
            {keys.map((key) => (
              <kbd className="key" key={key}>
                {key}
              </kbd>
            ))}
          </dt>,
          <dd key={does}>{does}</dd>,
        ])}
      </dl>
    </Dialog>
  );
}

function showKeys() {
  document.querySelector<HTMLDialogElement>(`#${KEYS_ID}`)?.showModal();
}

/** The arrows turn pages. */
function useKeys(before: string, after: string) {
  const router = useRouter();
  useEffect(() => {
    const turn = (event: KeyboardEvent) => {
      if ((event.target as Element).closest("input, select, dialog")) return;
      if (event.key === "ArrowLeft") router.replace(before, { scroll: false });
      if (event.key === "ArrowRight") router.replace(after, { scroll: false });
      if (event.key === "?") showKeys();
    };
    window.addEventListener("keydown", turn);
    return () => window.removeEventListener("keydown", turn);
  }, [router, before, after]);
}
