// One page of the documents, at most 50 rows: the statements are Sheaf's (app/domain/src/documents/store).
import "server-only";
import type { PoolClient } from "pg";
import { inTenant, type Actor } from "./database";
import type { Format, ListQuery, Sort, StateFilter } from "./query";
import { member } from "./session";

const PAGE_ROWS = 50;

/** In milliseconds. */
const DAY = 24 * 60 * 60 * 1000;

export type State =
  | "waiting"
  | "reading"
  | "read"
  | "partly_read"
  | "unreadable"
  | "cancelled"
  | "stored";

/** A row of the table `document`. */
export type Document = {
  id: string;
  name: string;
  format: Format;
  bytes: number;
  state: State;
  failure: string | null;
  title: string | null;
  pages: number | null;
  pages_read: number;
  words: number;
  has_images: boolean;
  private: boolean;
  created_at: string;
  trashed_at: string | null;
};

export type Listing = {
  documents: Document[];
  /** Where the next page begins. */
  next: string | undefined;
  total: number;
};

/** Every order has its own statement, so that each is planned with its own index. */
const STATEMENTS: Record<Sort, string> = {
  newest: statement("d.created_at", "<", "desc"),
  oldest: statement("d.created_at", ">", "asc"),
  name: statement("d.name_key", ">", "asc"),
  name_descending: statement("d.name_key", "<", "desc"),
  largest: statement("d.bytes", "<", "desc"),
  smallest: statement("d.bytes", ">", "asc"),
};

/** The first place in an order, and the ends between which it lies; a filter by time may move those of an order of time. */
type Order = { first: string; lowest: string; highest: string };

const EARLIEST = "1970-01-01T00:00:00Z";
const LATEST = "9999-12-31T00:00:00Z";
const AFTER_NAMES = "\u{10FFFF}".repeat(256);
const MOST_BYTES = "9223372036854775807";

const ORDERS: Record<Sort, Order> = {
  newest: { first: LATEST, lowest: EARLIEST, highest: LATEST },
  oldest: { first: EARLIEST, lowest: EARLIEST, highest: LATEST },
  name: { first: "", lowest: "", highest: AFTER_NAMES },
  name_descending: { first: AFTER_NAMES, lowest: "", highest: AFTER_NAMES },
  largest: { first: MOST_BYTES, lowest: "0", highest: MOST_BYTES },
  smallest: { first: "-1", lowest: "0", highest: MOST_BYTES },
};

const STATES_OF: Record<StateFilter, State[]> = {
  busy: ["waiting", "reading"],
  read: ["read", "partly_read"],
  failed: ["unreadable", "cancelled", "partly_read"],
  stored: ["stored"],
};

export async function list(query: ListQuery): Promise<Listing> {
  const actor = await member();
  const [documents, total] = await inTenant(actor, async (client) => [
    await rows(client, actor.tenant, query),
    await count(client, actor),
  ]);
  const more = documents.length > PAGE_ROWS;
  documents.length = Math.min(documents.length, PAGE_ROWS);
  const last = documents.at(-1);
  const next = more && last ? cursor(last, query.sort) : undefined;
  return { documents, next, total };
}

async function rows(
  client: PoolClient,
  tenant: string,
  query: ListQuery,
): Promise<Document[]> {
  const { first, lowest, highest } = ORDERS[query.sort];
  const split = query.after.lastIndexOf("~");
  const [value, id] =
    split < 0
      ? [first, "00000000-0000-0000-0000-000000000000"]
      : [query.after.slice(0, split), query.after.slice(split + 1)];
  const from = query.from ? Date.parse(query.from) : null;
  const before = query.to ? Date.parse(query.to) + DAY : null;
  const isOfTime = query.sort === "newest" || query.sort === "oldest";
  const found = await client.query<Document>({
    name: `list ${query.sort}`,
    text: STATEMENTS[query.sort],
    values: [
      tenant,
      query.type || null,
      query.state === "" ? [] : STATES_OF[query.state],
      from === null ? null : new Date(from),
      before === null ? null : new Date(before),
      value,
      id,
      PAGE_ROWS + 1,
      isOfTime && from !== null ? new Date(from) : lowest,
      isOfTime && before !== null ? new Date(before - 1) : highest,
    ],
  });
  return found.rows;
}

async function count(client: PoolClient, actor: Actor): Promise<number> {
  const found = await client.query<{ count: number }>({
    name: "count",
    text: `select (select count(*) from document where tenant_id = $1 and trashed_at is null and visibility = 'workspace')
                + (select count(*) from document
                   where tenant_id = $1 and trashed_at is null and visibility = 'private' and uploaded_by = $2)
                + (select count(*) from document_reader r
                   join document d on d.tenant_id = $1 and d.id = r.document_id
                   where r.tenant_id = $1 and r.account_id = $2
                     and d.trashed_at is null and d.visibility = 'private' and d.uploaded_by <> $2) as count`,
    values: [actor.tenant, actor.account],
  });
  return found.rows[0]?.count ?? 0;
}

function cursor(document: Document, sort: Sort): string {
  return `${valueOf(document, sort)}~${document.id}`;
}

function valueOf(document: Document, sort: Sort): string {
  switch (sort) {
    case "newest":
    case "oldest":
      return document.created_at;
    case "name":
    case "name_descending":
      // The statement lowers in the C collation, ASCII alone.
      return document.name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    case "largest":
    case "smallest":
      return String(document.bytes);
  }
}

function statement(
  key: string,
  compare: string,
  direction: string,
): string {
  return `select d.id, d.name, d.format, d.bytes, d.state, d.failure, d.title, d.pages, d.pages_read, d.words,
                 d.has_images, d.visibility = 'private' as private, d.created_at, d.trashed_at
          from document d
          where d.tenant_id = $1
            and d.trashed_at is null
            and ($2::text is null or d.format = $2)
            and (cardinality($3::text[]) = 0 or d.state = any ($3))
            and ($4::timestamptz is null or d.created_at >= $4)
            and ($5::timestamptz is null or d.created_at < $5)
            and (${key}, d.id) ${compare} ($6, $7) and ${key} between $9 and $10
          order by ${key} ${direction}, d.id ${direction}
          limit $8`;
}
