import type { Page } from "@playwright/test";

import { expectAccessible } from "../support/axe.js";
import { becomesRead, openDocument, pick, row } from "../support/documents.js";
import { invoices, notes, text } from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import { invite, join } from "../support/invite.js";
import { expect, test } from "../support/story.js";
import { ada, bob, eve, signUp } from "../support/world.js";

// The answer to an address that is not one's own to see.
test.use({ allowedErrors: /the server responded with a status of 404/ });

// Three people, each with an account to make.
test.setTimeout(180_000);

const NOTES = "meeting-notes.txt";
const INVOICES = "invoices-2026.csv";

/** Stands in the notes alone. */
const SEARCH = "/search?q=dehumidifier";

test("Ada keeps a document from Bob, shares it with him, and takes it back", async ({
  page,
  browser,
  watch,
}) => {
  await signUp(page, ada());
  await hydrated(page);
  await pick(page, [notes, invoices]);
  for (const title of [NOTES, INVOICES]) await becomesRead(page, title);
  await openDocument(page, NOTES);
  const document = new URL(page.url()).pathname;
  // An admin: no role sees what is private.
  const someone = bob();
  await invite(page, someone.email, "Admin");
  const context = await browser.newContext();
  const his = await context.newPage();
  watch(his);
  await join(his, someone);
  await expect(row(his, NOTES)).toBeVisible();

  await test.step("she makes it private, and it goes from his open list", async () => {
    await open(page, `${document}/facts`);
    await expect(
      page.getByText("Everybody in the workspace may see this document."),
    ).toBeVisible();
    await share(page, "private");
    await expect(
      page.getByText("Only Ada may see this document. Owners and admins"),
    ).toBeVisible();
    await expectAccessible(page, "facts of a private document");
    await expect(row(his, NOTES)).toHaveCount(0);
    await expect(row(his, INVOICES)).toBeVisible();
  });

  await test.step("he does not see it: not in the list, not by searching, not by its address", async () => {
    await isHidden(his, document);
  });

  await test.step("she sees it, marked as private", async () => {
    await open(page, "/documents");
    await expect(row(page, NOTES)).toContainText("Private");
    await expect(row(page, INVOICES)).not.toContainText("Private");
    await open(page, SEARCH);
    await expect(
      page.getByRole("link", { name: NOTES, exact: true }),
    ).toBeVisible();
  });

  await test.step("she shares it with him, and he sees it wherever it would stand", async () => {
    await open(his, "/documents");
    await expect(row(his, INVOICES)).toBeVisible();
    await open(page, `${document}/facts`);
    await page.getByRole("checkbox", { name: "Bob", exact: true }).check();
    await share(page, "private");
    await expect(
      page.getByText("Only Ada and Bob may see this document."),
    ).toBeVisible();
    await expect(row(his, NOTES)).toContainText("Private");
    await open(his, SEARCH);
    await expect(
      his.getByRole("link", { name: NOTES, exact: true }),
    ).toBeVisible();
    const answer = await his.goto(document);
    expect(answer?.status()).toBe(200);
    await hydrated(his);
    await expect(
      his.getByRole("heading", { name: NOTES, level: 1 }),
    ).toBeVisible();
    const original = await his.request.get(`${document}/original`);
    expect(original.status()).toBe(200);
  });

  await test.step("Eve of another workspace sees nothing of it", async () => {
    const elsewhere = await browser.newContext();
    const hers = await elsewhere.newPage();
    watch(hers);
    await signUp(hers, eve());
    await isHidden(hers, document);
    await elsewhere.close();
  });

  await test.step("she takes it back, and he has lost sight of it", async () => {
    await open(his, "/documents");
    await expect(row(his, NOTES)).toBeVisible();
    const box = page.getByRole("checkbox", { name: "Bob", exact: true });
    await expect(box).toBeChecked();
    await box.uncheck();
    await share(page, "private");
    await expect(
      page.getByText("Only Ada may see this document. Owners and admins"),
    ).toBeVisible();
    await expect(row(his, NOTES)).toHaveCount(0);
    await isHidden(his, document);
  });

  await test.step("what she uploads for herself alone is hidden from the first moment", async () => {
    await open(page, "/documents");
    await page
      .getByRole("checkbox", { name: "Only I see what I upload" })
      .check();
    await pick(
      page,
      text("plan.txt", "The harbour plan is not for everybody."),
    );
    await becomesRead(page, "plan.txt");
    await expect(row(page, "plan.txt")).toContainText("Private");
    // A browser that forgot the choice would show the next file to all.
    await open(page, "/documents");
    await expect(
      page.getByRole("checkbox", { name: "Only I see what I upload" }),
    ).toBeChecked();
    await open(his, "/documents");
    await expect(row(his, INVOICES)).toBeVisible();
    await expect(row(his, "plan.txt")).toHaveCount(0);
  });

  await context.close();
});

/** Chooses who may see the document whose facts are open. */
async function share(
  page: Page,
  visibility: "workspace" | "private",
): Promise<void> {
  await page
    .getByRole("combobox", { name: "Who may see it" })
    .selectOption(visibility);
  await page.getByRole("button", { name: "Save who may see it" }).click();
}

/** The notes are in no list of theirs, in no result, and at no address. */
async function isHidden(page: Page, document: string): Promise<void> {
  await open(page, "/documents");
  await expect(
    page.getByRole("heading", { name: "Documents", exact: true }),
  ).toBeVisible();
  await expect(page.getByText(NOTES)).toHaveCount(0);
  await open(page, SEARCH);
  await expect(
    page.getByRole("heading", { name: "Nothing found" }),
  ).toBeVisible();
  for (const path of [document, `${document}/text`, `${document}/facts`]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(
      page.getByRole("heading", { name: "There is nothing here" }),
    ).toBeVisible();
    await hydrated(page);
    await expect(page.getByText(NOTES)).toHaveCount(0);
  }
  for (const file of ["original", "text.txt", "pages/1.png"]) {
    const answer = await page.request.get(`${document}/${file}`);
    expect(answer.status(), file).toBe(404);
  }
}
