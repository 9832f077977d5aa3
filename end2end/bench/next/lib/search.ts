// Searching pages, with the statements of Sheaf's (app/domain/src/search/store.rs) in one transaction. Of the language of queries
// this much is here: words, and words that must not occur.
import "server-only";
import type { PoolClient } from "pg";
import { inTenant } from "./database";
import type { Format } from "./query";
import { member } from "./session";

/** Documents in one answer, and pages of each. */
const MAX_DOCUMENTS = 20;
const MAX_PAGES_EACH = 3;

const MAX_RANKED = 2_000;
const MAX_HITS = 200;

/** Words around the best place of a page. */
const SNIPPET_WORDS = 36;

const CONFIGS = [
  "arabic",
  "danish",
  "dutch",
  "english",
  "finnish",
  "french",
  "german",
  "greek",
  "hungarian",
  "italian",
  "norwegian",
  "portuguese",
  "romanian",
  "russian",
  "simple",
  "spanish",
  "swedish",
  "turkish",
].map((language) => `sheaf_${language}`);

/** A run of text, and whether it is a hit. */
export type Segment = [text: string, hit: boolean];

export type Found = {
  id: string;
  title: string;
  name: string;
  format: Format;
  pages: number | null;
  hits: { number: number; snippet: Segment[] }[];
};

export type Results = { documents: Found[]; pages: number };

/** What pages are asked, and what they are ranked by: the same without the names of dictionaries. */
type Condition = { matches: string; ranks: string };

type Hit = Omit<Found, "hits"> & { number: number; total: number };

export async function search(query: string): Promise<Results> {
  const actor = await member();
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = words.filter((word) => !word.startsWith("-"));
  if (wanted.length === 0) return { documents: [], pages: 0 };
  return inTenant(actor, async (client) => {
    const condition = await conditionOf(client, words);
    const hits = await best(client, actor.tenant, condition);
    const documents = group(hits);
    await mark(client, actor.tenant, documents, wanted);
    return { documents, pages: hits[0]?.total ?? 0 };
  });
}

/** One tsquery for all languages: in each, the words as its dictionary has them, and its name, which each page carries. */
async function conditionOf(
  client: PoolClient,
  words: string[],
): Promise<Condition> {
  const terms = words.map((word) =>
    word.startsWith("-") ? `!('${term(word)}')` : `('${term(word)}')`,
  );
  const { rows } = await client.query<{ config: string; query: string }>({
    name: "translate",
    text: `select config, to_tsquery(config::regconfig, $1)::text as query from unnest($2::text[]) as config`,
    values: [`(${terms.join(" & ")})`, CONFIGS],
  });
  const translated = new Map<string, string[]>();
  for (const { config, query } of rows) {
    if (query !== "")
      translated.set(query, [...(translated.get(query) ?? []), `'${config}'`]);
  }
  const matches = [...translated].map(
    ([query, configs]) => `((${query}) & (${configs.join(" | ")}))`,
  );
  const ranks = [...translated.keys()].map((query) => `(${query})`);
  return { matches: matches.join(" | "), ranks: ranks.join(" | ") };
}

function term(word: string): string {
  return word.replace(/[^\p{L}\p{N}]/gu, "");
}

async function best(
  client: PoolClient,
  tenant: string,
  condition: Condition,
): Promise<Hit[]> {
  const { rows } = await client.query<Hit>({
    name: "best pages",
    text: `with found as materialized (
             select document_id, number, tsv from searchable_page where tenant_id = $1 and tsv @@ $2::text::tsquery
           ),
           matching as materialized (
             select p.document_id, p.number, p.tsv
             from found p join document d on d.tenant_id = $1 and d.id = p.document_id
             where d.trashed_at is null
               and (cardinality($3::text[]) = 0 or d.format = any ($3))
               and ($4::date is null or d.created_at < $4::date::timestamptz)
               and ($5::date is null or d.created_at >= $5::date::timestamptz)
             limit $6
           ),
           ranked as (
             select b.document_id, b.number, b.total, b.rank
             from (
               select m.document_id, m.number, m.rank, count(*) over () as total,
                      row_number() over (partition by m.document_id order by m.rank desc, m.number) as place
               from (select document_id, number, ts_rank_cd(tsv, $8::text::tsquery, 1) as rank from matching) as m
             ) as b
             where b.place <= $9
             order by b.rank desc, b.document_id desc, b.number limit $7
           )
           select d.id, coalesce(d.title, d.name) as title, d.name, d.format, d.created_at, d.pages, d.has_images,
                  r.number, r.total
           from ranked r join document d on d.tenant_id = $1 and d.id = r.document_id
           order by r.rank desc, r.document_id desc, r.number`,
    values: [
      tenant,
      condition.matches,
      [],
      null,
      null,
      MAX_RANKED,
      MAX_HITS,
      condition.ranks,
      MAX_PAGES_EACH,
    ],
  });
  return rows;
}

function group(hits: Hit[]): Found[] {
  const found = new Map<string, Found>();
  for (const { id, title, name, format, pages, number } of hits) {
    let document = found.get(id);
    if (document === undefined) {
      if (found.size === MAX_DOCUMENTS) continue;
      document = { id, title, name, format, pages, hits: [] };
      found.set(id, document);
    }
    document.hits.push({ number, snippet: [] });
  }
  return [...found.values()];
}

/** Cuts the text of each page around its hits. */
async function mark(
  client: PoolClient,
  tenant: string,
  documents: Found[],
  words: string[],
): Promise<void> {
  const wanted = documents.flatMap(({ id, hits }) =>
    hits.map((hit) => ({ id, hit })),
  );
  const { rows } = await client.query<{
    document_id: string;
    number: number;
    text: string;
    positions: number[];
  }>({
    name: "marked pages",
    text: `select p.document_id, p.number, p.text,
                  array(
                    select position::int
                    from unnest(p.tsv) as term (lexeme, positions, weights), unnest(term.positions) as position
                    where term.lexeme = any ((select tsvector_to_array(to_tsvector(p.config::regconfig, $4)))::text[])
                       or term.lexeme ^@ any ((
                            select array(
                              select coalesce(
                                (tsvector_to_array(to_tsvector(p.config::regconfig, typed)))[1], unaccent(typed)
                              )
                              from unnest($5::text[]) as typed
                            )
                          )::text[])
                  ) as positions
           from unnest($2::uuid[], $3::int[]) as wanted (document_id, number)
           join page p on p.tenant_id = $1 and p.document_id = wanted.document_id and p.number = wanted.number`,
    values: [
      tenant,
      wanted.map(({ id }) => id),
      wanted.map(({ hit }) => hit.number),
      words.map(term).join(" "),
      [],
    ],
  });
  const pages = new Map(
    rows.map((row) => [`${row.document_id}/${row.number}`, row]),
  );
  for (const { id, hit } of wanted) {
    const page = pages.get(`${id}/${hit.number}`);
    if (page !== undefined) hit.snippet = snippet(page.text, page.positions);
  }
}

/** The part of a text with the most hits, on one line. `positions` count words from 1. */
function snippet(text: string, positions: number[]): Segment[] {
  const words = [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const hits = new Set(positions.map((position) => position - 1));
  const window = Math.min(SNIPPET_WORDS, words.length);
  const first = bestWindow(words.length, window, hits);
  const segments: Segment[] = first > 0 ? [["… ", false]] : [];
  let at = words[first]?.start ?? 0;
  for (let index = first; index < first + window; index += 1) {
    const word = words[index];
    if (word === undefined || !hits.has(index)) continue;
    if (at < word.start)
      segments.push([oneLine(text.slice(at, word.start)), false]);
    segments.push([text.slice(word.start, word.end), true]);
    at = word.end;
  }
  const end = words[first + window - 1]?.end ?? text.length;
  if (at < end) segments.push([oneLine(text.slice(at, end)), false]);
  if (end < text.trimEnd().length) segments.push([" …", false]);
  return segments;
}

function bestWindow(words: number, window: number, hits: Set<number>): number {
  let count = 0;
  for (let index = 0; index < window; index += 1)
    count += Number(hits.has(index));
  let [most, first] = [count, 0];
  for (let start = 1; start <= words - window; start += 1) {
    count += Number(hits.has(start + window - 1)) - Number(hits.has(start - 1));
    if (count > most) [most, first] = [count, start];
  }
  let hit = first;
  while (hit < first + window && !hits.has(hit)) hit += 1;
  return Math.min(Math.max(hit - 8, 0), words - window);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
