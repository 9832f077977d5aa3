// Who is asking: checks the access token of a request as Sheaf does, and whether its session still stands.
import "server-only";
import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { inSystem, type Actor } from "./database";

const COOKIE = "__Host-at";
const MAX_TOKEN_LENGTH = 2_048;

/** A session is asked for once in this time, in milliseconds. */
const SESSION_TTL = 2_000;

type Claims = {
  iss: string;
  aud: string;
  sub: string;
  tid: string;
  sid: string;
  sv: number;
  nbf: number;
  exp: number;
};

let key: KeyObject | undefined;

const standing = new Map<string, { stands: boolean; until: number }>();

/** The person of this request; visitors are sent to the sign-in page. Found once a request, whoever asks. */
export const member = cache(async (): Promise<Actor> => {
  const token = (await cookies()).get(COOKIE)?.value;
  const claims = token === undefined ? undefined : check(token);
  if (claims === undefined || !(await stands(claims))) {
    redirect("/sign-in?next=%2Fdocuments");
  }
  return { tenant: claims.tid, account: claims.sub };
});

function check(token: string): Claims | undefined {
  const [header, payload, signature, rest] = token.split(".");
  if (
    token.length > MAX_TOKEN_LENGTH ||
    !header ||
    !payload ||
    !signature ||
    rest !== undefined
  ) {
    return undefined;
  }
  const { alg, typ } = parse<{ alg: string; typ: string }>(header) ?? {};
  if (alg !== "EdDSA" || typ !== "at+jwt") return undefined;
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify(null, signed, publicKey(), Buffer.from(signature, "base64url"))) {
    return undefined;
  }
  const claims = parse<Claims>(payload);
  const now = Math.floor(Date.now() / 1000);
  const good =
    claims?.iss === "sheaf" &&
    claims.aud === "sheaf-web" &&
    claims.nbf <= now &&
    now < claims.exp;
  return good ? claims : undefined;
}

/** Read at the first request: a build has no keys. */
function publicKey(): KeyObject {
  const x = process.env.SESSION_PUBLIC_KEY;
  return (key ??= createPublicKey({
    format: "jwk",
    key: { kty: "OKP", crv: "Ed25519", x },
  }));
}

function parse<T>(part: string): T | undefined {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString()) as T;
  } catch {
    return undefined;
  }
}

async function stands({ sid, sv }: Claims): Promise<boolean> {
  const now = Date.now();
  const name = `${sid}/${sv}`;
  const known = standing.get(name);
  if (known !== undefined && now < known.until) return known.stands;
  const { rows } = await inSystem((client) =>
    client.query<{ session_version: number }>({
      name: "session",
      text: `select a.session_version from session s join account a on a.id = s.account_id
             where s.id = $1 and s.revoked_at is null and s.expires_at > $2`,
      values: [sid, new Date(now)],
    }),
  );
  const stands = rows[0]?.session_version === sv;
  for (const [old, { until }] of standing) {
    if (until <= now) standing.delete(old);
  }
  standing.set(name, { stands, until: now + SESSION_TTL });
  return stands;
}
