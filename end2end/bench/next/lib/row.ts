// What a row of the list shows of a document, and no more: it goes to the browser.
import type { Document, State } from "./documents";
import { FORMATS, type Format } from "./query";

export type RowData = {
  id: string;
  title: string;
  note: string;
  format: Format;
  state: State;
  pages: number | null;
  pagesRead: number;
  words: number;
  bytes: number;
  hasImages: boolean;
  createdAt: string;
};

const LABELS = Object.fromEntries(FORMATS) as Record<Format, string>;

const FAILURES: Record<string, string> = {
  password_protected:
    "This file is protected by a password. Remove the password and upload it again.",
  damaged: "This file is damaged, or it is not what its name says.",
  empty: "This file has no content to read.",
  too_large: "This file unpacks to more than Sheaf can read safely.",
  too_slow: "Reading this file took too long, so Sheaf stopped.",
  crashed:
    "Sheaf could not read this file. The original is kept and can be downloaded.",
};

export function rowOf(document: Document): RowData {
  const { id, title, name, format, state, pages, words, bytes } = document;
  return {
    id,
    title: title ?? name,
    note: noteOf(document),
    format,
    state,
    pages,
    pagesRead: document.pages_read,
    words,
    bytes,
    hasImages: document.has_images,
    createdAt: document.created_at,
  };
}

/** The file's name where the title is another, and why it could not be read. */
function noteOf({ title, name, format, failure }: Document): string {
  const note = title === null ? LABELS[format] : name;
  const reason = failure === null ? undefined : FAILURES[failure];
  return reason === undefined ? note : `${note} · ${reason}`;
}
