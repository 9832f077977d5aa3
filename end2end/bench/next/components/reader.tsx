"use client";

import Form from "next/form";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, type ReactNode } from "react";
import type { State } from "@/lib/documents";
import { FORMATS, type Format } from "@/lib/query";
import { bytes, counted } from "@/lib/words";
import { TRASH } from "./acts";
import { FACES } from "./document-row";
import { Icon, type Glyph } from "./icon";
import { Menu, MenuFile } from "./menu";

const LABELS = Object.fromEntries(FORMATS) as Record<Format, string>;

const KEYS = [
  [["→", "j", "Page Down"], "Next page"],
  [["←", "k", "Page Up"], "Previous page"],
  [["+", "-"], "Larger, smaller"],
  [["0"], "Fit the width"],
  [["/", "Ctrl F"], "Find in this document"],
  [["n"], "Next hit"],
  [["N"], "Previous hit"],
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
          <Step href={at(number + 1)} label="Next page" glyph="chevronRight" />
        </div>
        <div className="reader-bar-group reader-bar-find">
          <Form
            className="get-form"
            action={here}
            role="search"
            aria-label={`Find in ${document.title}`}
          >
            <input type="hidden" name="page" value={number} />
            <div className="search-field">
              <Icon glyph="search" />
              <input
                className="input"
                type="search"
                name="q"
                defaultValue=""
                placeholder="Find"
                aria-label="Find in this document"
                autoComplete="off"
                spellCheck={false}
                enterKeyHint="search"
              />
              <kbd className="key">/</kbd>
            </div>
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
    <header className="page-header">
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
      <div className="page-header-row">
        <div className="page-header-text">
          <h1 className="page-title">{title}</h1>
          <p className="page-description">{facts.join(", ")}</p>
        </div>
        <div className="page-actions">
          <div className="cluster gap-tiny">
            <span className={`badge badge-sm state-badge ${tone}`}>
              <Icon glyph={glyph} size="small" />
              {word}
            </span>
          </div>
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
          <form
            className="post-form"
            id="trash-document"
            method="post"
            action={TRASH}
          >
            <input type="hidden" name="documents[0]" value={id} />
            <button className="btn btn-ghost btn-md" type="submit">
              <Icon glyph="trash" />
              Move to trash
            </button>
          </form>
        </div>
      </div>
    </header>
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
}: {
  href: string;
  label: string;
  glyph: Glyph;
}) {
  return (
    <Link
      className="btn btn-ghost btn-md btn-square"
      href={href}
      prefetch={false}
      scroll={false}
      aria-label={label}
      title={label}
    >
      <Icon glyph={glyph} />
    </Link>
  );
}

function Keys() {
  return (
    <dialog
      className="dialog"
      id="reader-keys"
      aria-labelledby="reader-keys-title"
    >
      <header className="dialog-header">
        <h2 className="dialog-title" id="reader-keys-title">
          Keys
        </h2>
        <button
          className="btn btn-ghost btn-square btn-sm"
          type="button"
          aria-label="Close"
          onClick={(event) => event.currentTarget.closest("dialog")?.close()}
        >
          <Icon glyph="close" />
        </button>
      </header>
      <div className="dialog-body">
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
      </div>
    </dialog>
  );
}

function showKeys() {
  document.querySelector<HTMLDialogElement>("#reader-keys")?.showModal();
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
