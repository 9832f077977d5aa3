import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A file that only the story knows. */
export interface MadeFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** A sample document of the project, as a path. */
export const sample = (name: string) =>
  fileURLToPath(new URL(`../../server/seed/${name}`, import.meta.url));

/** Four pages; "vibration dampers" stands on the second, over a line break. */
export const lease = sample("lease-agreement.pdf");
export const LEASE_TITLE = "Lease agreement, 14 Quire Lane";

export const notes = sample("meeting-notes.txt");
export const handbook = sample("onboarding-handbook.md");
export const invoices = sample("invoices-2026.csv");

export const text = (name: string, content: string): MadeFile => ({
  name,
  mimeType: "text/plain",
  buffer: Buffer.from(content),
});

export const empty = text("nothing.txt", "");

/** One megabyte more than the stories' program takes (`playwright.config.ts`). */
export const tooLarge = text("too-large.txt", "paper ".repeat(1_000_000));

/** The lease without its end, where a PDF says what is where. */
export const truncated = (): MadeFile => ({
  name: "broken-lease.pdf",
  mimeType: "application/pdf",
  buffer: readFileSync(lease).subarray(0, 12_000),
});
