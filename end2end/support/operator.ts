import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

import type { Page } from "@playwright/test";

/** RFC 4648, section 6. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** What an operator signs in with, as `sheaf operator add` has printed it. */
export interface Operator {
  email: string;
  password: string;
  secret: string;
}

/** Bob, who was added before the program started (`serve.sh`). A code of his is good once, so one story signs him in. */
export function operator(): Operator {
  const printed = readFileSync(
    process.env.SHEAF_STORIES_OPERATOR ?? "",
    "utf8",
  );
  const told = (name: string) => {
    const value = new RegExp(`^${name} +(\\S+)$`, "m").exec(printed)?.[1];
    if (!value) throw new Error(`the command did not print the ${name}`);
    return value;
  };
  return {
    email: "bob@sheaf.example",
    password: told("password"),
    secret: told("secret"),
  };
}

/** Signs in on the operators' sign-in page, which is open. */
export async function signInAsOperator(
  page: Page,
  { email, password }: Operator,
  code: string,
): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** What an authenticator app shows now (RFC 6238): HMAC-SHA-1, steps of 30 seconds, six digits. */
export function codeNow(secret: string): string {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", decoded(secret)).update(step).digest();
  const offset = hash.readUInt8(hash.length - 1) & 0x0f;
  const number = hash.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Not the code of now. It is one of the steps before and after, which are good too, once in half a million times. */
export function wrongCode(secret: string): string {
  const code = Number(codeNow(secret));
  return String((code + 1) % 1_000_000).padStart(6, "0");
}

function decoded(secret: string): Buffer {
  const bits = [...secret]
    .map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const bytes: string[] = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
