// What a list of documents is asked for, as it stands in the address.

export const SORTS = [
  ["newest", "Newest first"],
  ["oldest", "Oldest first"],
  ["name", "Name, A to Z"],
  ["name_descending", "Name, Z to A"],
  ["largest", "Largest first"],
  ["smallest", "Smallest first"],
] as const;

export const FORMATS = [
  ["pdf", "PDF"],
  ["text", "Text"],
  ["markdown", "Markdown"],
  ["csv", "CSV"],
  ["html", "HTML"],
  ["docx", "Word"],
  ["other", "Other"],
] as const;

export const STATES = [
  ["busy", "Being read"],
  ["read", "Read"],
  ["failed", "Needs attention"],
  ["stored", "Kept, not read"],
] as const;

export type Sort = (typeof SORTS)[number][0];
export type Format = (typeof FORMATS)[number][0];
export type StateFilter = (typeof STATES)[number][0];

/** Empty where nothing is asked for. */
export type ListQuery = {
  sort: Sort;
  type: Format | "";
  state: StateFilter | "";
  from: string;
  to: string;
  after: string;
};

export type Params = Record<string, string | string[] | undefined>;

/** What an address asks for. A value that means nothing is passed over. */
export function read(params: Params): ListQuery {
  const text = (name: string) => {
    const value = params[name];
    return typeof value === "string" ? value : "";
  };
  const day = (name: string) =>
    /^\d{4}-\d{2}-\d{2}$/.test(text(name)) ? text(name) : "";
  return {
    sort: one(SORTS, text("sort")) ?? "newest",
    type: one(FORMATS, text("type")) ?? "",
    state: one(STATES, text("state")) ?? "",
    from: day("from"),
    to: day("to"),
    after: text("after"),
  };
}

/** The address that asks for it, as short as it can be. */
export function write(query: ListQuery): string {
  const pairs = Object.entries(query)
    .filter(([name, value]) => value !== "" && value !== defaults[name])
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? "/documents" : `/documents?${pairs.join("&")}`;
}

/** Whether it leaves documents out. */
export function filters(query: ListQuery): boolean {
  return [query.type, query.state, query.from, query.to].some(Boolean);
}

const defaults: Record<string, string> = { sort: "newest" };

function one<T extends string>(
  choices: readonly (readonly [T, string])[],
  word: string,
): T | undefined {
  return choices.find(([value]) => value === word)?.[0];
}
