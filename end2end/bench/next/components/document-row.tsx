"use client";

import Link from "next/link";
import { memo, useState } from "react";
import type { State } from "@/lib/documents";
import type { Format } from "@/lib/query";
import type { RowData } from "@/lib/row";
import { bytes, counted, grouped, moment, relative } from "@/lib/words";
import type { Acts } from "./acts";
import { Icon, type Glyph } from "./icon";
import { MenuAct, MenuFile, MenuLink, MenuSeparator, RowMenu } from "./menu";

export const FORMAT_GLYPHS: Record<Format, Glyph> = {
  pdf: "filePdf",
  text: "fileText",
  markdown: "fileText",
  docx: "fileText",
  csv: "fileTable",
  html: "fileWeb",
  other: "fileOther",
};

/** The word, the tone and the icon of a state. */
export const FACES: Record<State, [string, string, Glyph]> = {
  waiting: ["Waiting", "tone-neutral", "clock"],
  reading: ["Reading", "tone-info", "eye"],
  read: ["Read", "tone-success", "check"],
  partly_read: ["Partly read", "tone-warning", "warning"],
  unreadable: ["Could not be read", "tone-danger", "error"],
  cancelled: ["Cancelled", "tone-neutral", "cancel"],
  stored: ["Kept, not read", "tone-neutral", "document"],
};

/** One document in the list. A row is made anew when something of it changed, and not when another was chosen. */
export const DocumentRow = memo(function DocumentRow({
  document,
  selected,
  now,
  acts,
  onSelect,
}: {
  document: RowData;
  selected: boolean;
  now: number;
  acts: Acts;
  onSelect: (id: string, on: boolean) => void;
}) {
  const { id, title, pages, words } = document;
  return (
    <tr className={selected ? "row-selected" : undefined}>
      <td className="select-cell">
        <label className="select-target">
          <input
            className="checkbox checkbox-sm"
            type="checkbox"
            name="documents[]"
            value={id}
            aria-label={`Select ${title}`}
            checked={selected}
            onChange={(event) => onSelect(id, event.target.checked)}
          />
        </label>
      </td>
      <td className="primary">
        <RowTitle document={document} />
      </td>
      <td>
        <StateBadge document={document} />
      </td>
      <td className="numeric muted hide-narrow">
        {pages === null ? undefined : grouped(pages)}
      </td>
      <td className="numeric muted hide-narrow">
        {words > 0 ? grouped(words) : undefined}
      </td>
      <td className="numeric muted hide-narrow">{bytes(document.bytes)}</td>
      <td className="muted hide-narrow">
        <Time at={document.createdAt} now={now} />
      </td>
      <td>
        <Actions document={document} acts={acts} />
      </td>
    </tr>
  );
});

function RowTitle({
  document: { id, title, note, format, hasImages },
}: {
  document: RowData;
}) {
  return (
    <div className="row-title">
      <span className="row-title-picture" aria-hidden="true">
        <Icon glyph={FORMAT_GLYPHS[format]} />
        {hasImages && <Thumbnail id={id} />}
      </span>
      <div className="row-title-text">
        <Link className="quiet-link" href={`/documents/${id}`} prefetch={false}>
          {title}
        </Link>
        <span className="row-title-line">
          <span className="row-title-note">{note}</span>
        </span>
      </div>
    </div>
  );
}

/** A picture that gives way to the icon where it cannot be had. */
function Thumbnail({ id }: { id: string }) {
  const [broken, setBroken] = useState(false);
  if (broken) return null;
  return (
    <img
      className="row-title-image"
      src={`/documents/${id}/pages/1/thumbnail.png`}
      alt=""
      width={36}
      height={48}
      loading="lazy"
      decoding="async"
      onError={() => setBroken(true)}
    />
  );
}

/** The state as a word, and how far the reading is. */
function StateBadge({
  document: { state, pages, pagesRead },
}: {
  document: RowData;
}) {
  const [word, tone, glyph] = FACES[state];
  const reading = state === "reading" && pages !== null && pages > 0;
  return (
    <div className="cluster gap-tiny">
      <span className={`badge badge-sm state-badge ${tone}`}>
        <Icon glyph={glyph} size="small" />
        {reading ? `${word} ${pagesRead} of ${pages}` : word}
      </span>
      {reading && (
        <div className="progress-box tone-neutral">
          <progress
            className="progress"
            max={100}
            value={Math.floor((pagesRead / pages) * 100)}
            aria-label={`${pagesRead} of ${counted(pages, "page", "pages")} read`}
          />
        </div>
      )}
    </div>
  );
}

/** A moment. Within a week it is told from now, else by its date; the title has all of it, in UTC. */
function Time({ at, now }: { at: string; now: number }) {
  const milliseconds = Date.parse(at);
  return (
    <time className="time" dateTime={at} title={moment(milliseconds)}>
      {relative(milliseconds, now)}
    </time>
  );
}

function Actions({
  document: { id, title, state },
  acts,
}: {
  document: RowData;
  acts: Acts;
}) {
  const href = `/documents/${id}`;
  const isBusy = state === "waiting" || state === "reading";
  const hasText = state === "read" || state === "partly_read";
  const canRetry =
    state === "partly_read" || state === "unreadable" || state === "cancelled";
  return (
    <RowMenu
      id={`actions-${id}`}
      label={`Actions for ${title}`}
      items={() => (
        <>
          <MenuLink href={href} glyph="eye">
            Open
          </MenuLink>
          <MenuFile href={`${href}/original`} download glyph="download">
            Download original
          </MenuFile>
          {hasText && (
            <MenuFile href={`${href}/text.txt`} download glyph="fileText">
              Download text
            </MenuFile>
          )}
          {canRetry && (
            <MenuAct glyph="retry" onChoose={() => acts.retry(id)}>
              Read again
            </MenuAct>
          )}
          {isBusy && (
            <MenuAct glyph="cancel" onChoose={() => acts.cancel(id)}>
              Cancel reading
            </MenuAct>
          )}
          <MenuSeparator />
          <MenuAct danger glyph="trash" onChoose={() => acts.trash([id])}>
            Move to trash
          </MenuAct>
        </>
      )}
    />
  );
}
