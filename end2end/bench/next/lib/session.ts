// Who is asking: checks the access token of a request as Sheaf does, and whether its session still stands.
import "server-only";
import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { inTenant, type Actor } from "./database";

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

export type Profile = { name: string; email: string; tenant_name: string };

export type Member = Actor & { profile: Profile };

/** By access token; without a member when its session has ended. */
const standing = new Map<
  string,
  { member: Member | undefined; expires: number; until: number }
>();

/** The person of this request; visitors are sent to the sign-in page. Found once a request, whoever asks. */
export const member = cache(async (): Promise<Member> => {
  const token = (await cookies()).get(COOKIE)?.value;
  const found = token === undefined ? undefined : await memberOf(token);
  if (found === undefined) redirect("/sign-in?next=%2Fdocuments");
  return found;
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

/** Whose a token is, if it is good and its session stands. */
async function memberOf(token: string): Promise<Member | undefined> {
  const now = Date.now();
  const known = standing.get(token);
  if (known !== undefined && now < known.until) {
    return now < known.expires ? known.member : undefined;
  }
  const claims = check(token);
  if (claims === undefined) return undefined;
  const { tid: tenant, sub: account } = claims;
  const { rows } = await inTenant({ tenant, account }, (client) =>
    client.query<Profile>({
      name: "standing",
      text: `select a.id as account, a.name, a.email, t.tenant_id as tenant, t.name as tenant_name
             from session s
             join account a on a.id = s.account_id
             join membership m on m.tenant_id = s.tenant_id and m.account_id = s.account_id
             join tenant t on t.tenant_id = s.tenant_id
             where s.id = $1 and s.tenant_id = $2 and s.revoked_at is null and s.expires_at > $3
               and a.session_version = $4`,
      values: [claims.sid, tenant, new Date(now), claims.sv],
    }),
  );
  const member = rows[0] && { tenant, account, profile: rows[0] };
  for (const [old, { until }] of standing) {
    if (until <= now) standing.delete(old);
  }
  const until = now + SESSION_TTL;
  standing.set(token, { member, expires: claims.exp * 1000, until });
  return member;
}
