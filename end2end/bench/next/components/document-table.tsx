"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useMemo, useState } from "react";
import { write, type ListQuery, type Sort } from "@/lib/query";
import type { RowData } from "@/lib/row";
import { counted } from "@/lib/words";
import { TRASH, useActs } from "./acts";
import { DocumentRow } from "./document-row";
import { Icon } from "./icon";

/** How often "5 minutes ago" is looked at again, in milliseconds. */
const TICK = 30_000;

/** The rows, of which some are chosen, and what can be done with those. */
export function DocumentTable({
  documents,
  query,
  now: at,
}: {
  documents: RowData[];
  query: ListQuery;
  /** When the page was asked for, in milliseconds: both sides render the same. */
  now: number;
}) {
  const acts = useActs();
  const now = useNow(at);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  // Rows that are gone are no longer chosen.
  const chosen = useMemo(
    () => documents.map(({ id }) => id).filter((id) => marked.has(id)),
    [documents, marked],
  );
  const mark = useCallback((id: string, on: boolean) => {
    setMarked((marked) => {
      const next = new Set(marked);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  return (
    <>
      <form
        className="post-form"
        id="documents-form"
        method="post"
        action={TRASH}
        onSubmit={(event) => {
          event.preventDefault();
          void acts.trash(chosen);
        }}
      >
        <div className="flow gap-small">
          <SelectionBar chosen={chosen} />
          <div className="table-frame">
            <table className="data-table" aria-label="Documents">
              <thead>
                <tr>
                  <SelectAll
                    chosen={chosen.length}
                    rows={documents.length}
                    onChange={(on) =>
                      setMarked(
                        new Set(on ? documents.map(({ id }) => id) : []),
                      )
                    }
                  />
                  <SortHeader query={query} by={["name", "name_descending"]}>
                    Name
                  </SortHeader>
                  <th scope="col">State</th>
                  <th className="numeric hide-narrow" scope="col">
                    Pages
                  </th>
                  <th className="numeric hide-narrow" scope="col">
                    Words
                  </th>
                  <SortHeader
                    query={query}
                    by={["smallest", "largest"]}
                    falling
                    className="numeric hide-narrow"
                  >
                    Size
                  </SortHeader>
                  <SortHeader
                    query={query}
                    by={["oldest", "newest"]}
                    falling
                    className="hide-narrow"
                  >
                    Added
                  </SortHeader>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {documents.map((document) => (
                  <DocumentRow
                    key={document.id}
                    document={document}
                    selected={marked.has(document.id)}
                    now={now}
                    acts={acts}
                    onSelect={mark}
                  />
                ))}
              </tbody>
            </table>
          </div>
        </div>
      </form>
    </>
  );
}

/** The present: the server's at first, then the browser's. */
function useNow(at: number): number {
  const [now, setNow] = useState(at);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function SelectionBar({ chosen }: { chosen: string[] }) {
  const router = useRouter();
  return (
    <div
      className={
        chosen.length === 0
          ? "selection-bar selection-bar-idle"
          : "selection-bar"
      }
      role="group"
      aria-label="Selection"
    >
      <span className="selection-count" aria-live="polite">
        {counted(chosen.length, "document", "documents")} selected
      </span>
      {/* First, because it is what the Enter key presses. */}
      <button
        className="btn btn-md"
        type="submit"
        formMethod="get"
        formAction="/reports/new"
        onClick={(event) => {
          event.preventDefault();
          router.push(`/reports/new?documents=${chosen.join(",")}`);
        }}
      >
        <Icon glyph="report" />
        Make a report
      </button>
      <button className="btn btn-md" type="submit">
        <Icon glyph="trash" />
        Move to trash
      </button>
    </div>
  );
}

function SelectAll({
  chosen,
  rows,
  onChange,
}: {
  chosen: number;
  rows: number;
  onChange: (on: boolean) => void;
}) {
  return (
    <td className="select-cell">
      <label className="select-target needs-scripts">
        <input
          className="checkbox checkbox-sm"
          type="checkbox"
          aria-label="Select all in view"
          checked={rows > 0 && chosen === rows}
          ref={(input) => {
            if (input) input.indeterminate = chosen > 0 && chosen < rows;
          }}
          onChange={(event) => onChange(event.target.checked)}
        />
      </label>
    </td>
  );
}

/** The head of a column that sorts: a link to the same list in the other order. */
function SortHeader({
  query,
  by: [rising, falling],
  falling: fallsFirst,
  className,
  children,
}: {
  query: ListQuery;
  by: [Sort, Sort];
  /** The order of the first press. */
  falling?: boolean;
  className?: string;
  children: string;
}) {
  const isRising = query.sort === rising;
  const isFalling = query.sort === falling;
  const first = fallsFirst ? falling : rising;
  const other = isRising ? falling : isFalling ? rising : first;
  return (
    <th
      className={className}
      scope="col"
      aria-sort={isRising ? "ascending" : isFalling ? "descending" : undefined}
    >
      <Link
        className="sort-link"
        href={write({ ...query, sort: other, after: "" })}
        prefetch={false}
      >
        {children}
        {(isRising || isFalling) && (
          <Icon glyph={isRising ? "chevronUp" : "chevronDown"} size="small" />
        )}
      </Link>
    </th>
  );
}
