// One document and one page of it, as the reader shows them. Sheaf asks for each in a transaction of its own, at the same time.
import "server-only";
import { notFound } from "next/navigation";
import { inTenant, type Actor } from "./database";
import type { State } from "./documents";
import type { Format } from "./query";
import { member } from "./session";

export type Opened = {
  id: string;
  name: string;
  format: Format;
  bytes: number;
  state: State;
  title: string | null;
  pages: number | null;
  pages_read: number;
  uploaded_by: string;
};

export async function open(
  id: string,
  number: number,
): Promise<{ document: Opened; text: string }> {
  if (!/^[0-9a-f-]{36}$/.test(id)) notFound();
  const actor = await member();
  const [document, text] = await Promise.all([
    find(actor, id),
    textOf(actor, id, number),
  ]);
  if (document === undefined) notFound();
  return { document, text };
}

async function find(actor: Actor, id: string): Promise<Opened | undefined> {
  const { rows } = await inTenant(actor, (client) =>
    client.query<Opened>({
      name: "find",
      text: `select d.id, d.name, d.format, d.bytes, d.sha256, d.state, d.failure, d.title, d.author, d.language,
                    d.authored_at, d.modified_at, d.outline, d.pages, d.pages_read, d.pages_failed, d.words, d.has_images,
                    a.name as uploaded_by, d.visibility = 'private' as private, d.created_at, d.read_at, d.trashed_at
             from document d join account a on a.id = d.uploaded_by
             where d.tenant_id = $1 and d.id = $2`,
      values: [actor.tenant, id],
    }),
  );
  return rows[0];
}

async function textOf(
  actor: Actor,
  id: string,
  number: number,
): Promise<string> {
  const { rows } = await inTenant(actor, (client) =>
    client.query<{ text: string }>({
      name: "page",
      text: `select number, width, height, text, words, failure is not null as failed
             from page where tenant_id = $1 and document_id = $2 and number = $3`,
      values: [actor.tenant, id, number],
    }),
  );
  return rows[0]?.text ?? "";
}
