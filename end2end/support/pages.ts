import { expect, type Page } from "@playwright/test";

import { openDocument, pick, row, uploadAndRead } from "./documents.js";
import { LEASE_TITLE, lease, notes, truncated } from "./files.js";
import { hydrated, open } from "./hydrated.js";
import { type Person, signUp } from "./world.js";

/** A page of the product: a name for files and messages, and its address. */
export type Place = readonly [name: string, path: string];

/** What visitors see. */
export const PUBLIC: Place[] = [
  ["home", "/"],
  ["pricing", "/pricing"],
  ["status", "/status"],
  ["pricing-in-dollars", "/pricing?currency=usd"],
  ["docs", "/docs"],
  ["docs-export-format", "/docs/export-format"],
  ["terms", "/legal/terms"],
  ["privacy", "/legal/privacy"],
  ["changelog", "/changelog"],
  ["sign-up", "/sign-up"],
  ["sign-in", "/sign-in"],
  ["forgot-password", "/forgot-password"],
  ["reset-password", "/reset-password?token=none"],
  ["verify", "/verify?token=none"],
  ["invitation-not-good", "/invite?token=none"],
  ["new-workspace", "/workspaces"],
  ["operator-sign-in", "/operator/sign-in"],
  ["mailbox", "/mailbox"],
  ["design", "/design"],
  ["not-found", "/no-such-page"],
];

/** What a new workspace sees. */
export const EMPTY: Place[] = [
  ["documents-empty", "/documents"],
  ["trash-empty", "/documents/trash"],
  ["search-empty", "/search"],
  ["reports-empty", "/reports"],
  ["activity-empty", "/activity?show=failed"],
];

/** Fills a new workspace, so that every page of the app has something to show, and says where they are. */
export async function furnish(page: Page, person: Person): Promise<Place[]> {
  await signUp(page, person);
  await hydrated(page);
  await uploadAndRead(page, [lease, notes], [LEASE_TITLE, "meeting-notes.txt"]);
  const broken = truncated();
  await uploadBroken(page, broken);
  const unreadable = await pathOf(page, broken.name);
  const document = await pathOf(page, LEASE_TITLE);
  const written = await pathOf(page, "meeting-notes.txt");
  const report = await makeReport(page);
  const hit = `${document}?page=2&q=dampers`;
  return [
    ["documents", "/documents"],
    ["documents-filtered-away", "/documents?type=csv"],
    ["reader", document],
    ["reader-hit", hit],
    ["reader-text-only", written],
    ["reader-unreadable", unreadable],
    ["text", `${document}/text`],
    ["facts", `${document}/facts`],
    [
      "read-again",
      `/documents/read-again?documents=${document.split("/").pop()}`,
    ],
    ["read-all-again", "/documents/read-all-again"],
    ["search-results", "/search?q=lease"],
    ["search-nothing", "/search?q=submarine"],
    ["reports", "/reports"],
    ["report", report],
    ["report-new", "/reports/new?q=lease"],
    ["activity", "/activity"],
    ["activity-filtered-away", "/activity?show=under-way"],
    ["settings", "/settings/account"],
    ["sessions", "/settings/sessions"],
    ["workspace", "/settings/workspace"],
    ["mail", "/settings/mail"],
    ["workspace-health", "/settings/health"],
    ["members", "/settings/members"],
    ["keys", "/settings/keys"],
    ["audit", "/settings/audit"],
    ["audit-filtered-away", "/settings/audit?act=report.deleted"],
    ["export", "/settings/export"],
    ["billing", "/settings/billing"],
    ["plans", "/settings/billing/plan"],
    ["plan-to-buy", "/settings/billing/plan?to=team&currency=usd"],
    ["usage", "/settings/usage"],
    ["mailbox-full", `/mailbox?address=${encodeURIComponent(person.email)}`],
  ];
}

async function uploadBroken(
  page: Page,
  file: ReturnType<typeof truncated>,
): Promise<void> {
  await pick(page, file);
  await expect(
    row(page, file.name).getByText("Could not be read", { exact: true }),
  ).toBeVisible({ timeout: 60_000 });
}

async function pathOf(page: Page, title: string): Promise<string> {
  await open(page, "/documents");
  await openDocument(page, title);
  return new URL(page.url()).pathname;
}

async function makeReport(page: Page): Promise<string> {
  await open(page, "/reports/new?q=lease");
  await page.getByLabel("Title").fill("All about the lease");
  await page.getByRole("button", { name: "Make the report" }).click();
  await expect(page.getByRole("link", { name: "Download PDF" })).toBeVisible({
    timeout: 60_000,
  });
  return new URL(page.url()).pathname;
}
