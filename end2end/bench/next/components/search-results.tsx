"use client";

import Link from "next/link";
import { FORMATS, type Format } from "@/lib/query";
import type { Found, Results } from "@/lib/search";
import { counted, grouped } from "@/lib/words";
import { Icon } from "./icon";
import { FORMAT_GLYPHS } from "./document-row";

const LABELS = Object.fromEntries(FORMATS) as Record<Format, string>;

/** What was found, document by document, each place a link into the reader. */
export function SearchResults({
  query,
  results: { documents, pages },
}: {
  query: string;
  results: Results;
}) {
  if (documents.length === 0) return <Nothing />;
  const found = `${counted(pages, "page", "pages")} found, the best in`;
  return (
    <div className="flow gap-large">
      <p className="search-summary" role="status">
        {`${found} ${counted(documents.length, "document", "documents")}`}
      </p>
      <ol className="search-results">
        {documents.map((document) => (
          <Result key={document.id} document={document} query={query} />
        ))}
      </ol>
    </div>
  );
}

function Result({ document, query }: { document: Found; query: string }) {
  const { id, title, name, format, pages, hits } = document;
  const place = (number: number) =>
    `/documents/${id}?page=${number}&q=${encodeURIComponent(query)}`;
  const facts = [
    ...(name === title ? [] : [name]),
    LABELS[format],
    ...(pages === null ? [] : [counted(pages, "page", "pages")]),
  ];
  return (
    <li className="search-result">
      <Icon glyph={FORMAT_GLYPHS[format]} />
      <div className="search-result-body">
        <h2 className="search-result-title">
          <Link href={place(hits[0]?.number ?? 1)} prefetch={false}>
            {title}
          </Link>
        </h2>
        <p className="search-result-meta">{facts.join(", ")}</p>
        <ul className="snippets">
          {hits.map(({ number, snippet }) => (
            <li key={number}>
              <Link className="snippet" href={place(number)} prefetch={false}>
                <span className="snippet-label">{`Page ${grouped(number)}`}</span>
                <span className="highlight">
                  {snippet.map(([text, hit], index) =>
                    hit ? <mark key={index}>{text}</mark> : text,
                  )}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </li>
  );
}

function Nothing() {
  return (
    <div className="state">
      <Icon glyph="search" size="large" />
      <h2 className="state-title">Nothing found</h2>
      <p className="state-text">
        Try fewer or other words, a beginning such as contract*, or OR between
        them. Documents that are still being read are found as soon as their
        pages are.
      </p>
    </div>
  );
}
