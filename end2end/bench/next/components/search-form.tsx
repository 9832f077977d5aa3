"use client";

import Form from "next/form";
import { useEffect, useRef } from "react";
import { SearchField } from "./search-field";

const HINTS = [
  ["lease renewal", "pages with both words, in any of their forms"],
  ['"notice period"', "these words one after the other"],
  ["rent OR lease", "one of them"],
  ["lease -draft", "the first without the second"],
  ["contract*", "words that begin like this"],
  ["lease (harbour OR hill)", "parentheses keep together"],
  ["type:pdf", "only this format: pdf, word, text, markdown, csv, html"],
  ["after:2026-01 before:2026-03-15", "only documents added in this time"],
] as const;

/** The field; "/" takes one to it. */
export function SearchForm({ query }: { query: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const types = document.activeElement?.closest(
        "input, textarea, select, dialog",
      );
      if (event.key !== "/" || types) return;
      event.preventDefault();
      field.current?.select();
    };
    window.addEventListener("keydown", focus);
    return () => window.removeEventListener("keydown", focus);
  }, []);
  return (
    <Form
      className="get-form"
      action="/search"
      role="search"
      aria-label="Search all documents"
    >
      <SearchField
        ref={field}
        label="Search all documents"
        placeholder={'Words, "a phrase", type:pdf'}
        value={query}
      />
      <button className="btn btn-primary btn-md" type="submit">
        Search
      </button>
    </Form>
  );
}

/** What can be written into the field, folded away. */
export function SearchHints() {
  return (
    <details className="search-hints">
      <summary>How to search</summary>
      <dl className="key-list">
        {HINTS.map(([written, finds]) => [
          <dt key={written}>
            <code>{written}</code>
          </dt>,
          <dd key={finds}>{finds}</dd>,
        ])}
      </dl>
    </details>
  );
}
