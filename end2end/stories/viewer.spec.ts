import type { Page } from "@playwright/test";

import { expectAccessible } from "../support/axe.js";
import {
  drop,
  openDocument,
  row,
  uploadAndRead,
  uploads,
} from "../support/documents.js";
import { lease, LEASE_TITLE, notes, text } from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import { invite, join } from "../support/invite.js";
import { expect, test } from "../support/story.js";
import { ada, bob, signUp } from "../support/world.js";

// The answer to what is not open to a viewer.
test.use({ allowedErrors: /the server responded with a status of 403/ });

const NOTES = "meeting-notes.txt";

/** What changes something, wherever it would stand. */
const ACTS =
  /^(upload|move to trash|read again|cancel reading|restore|delete|make a report|new report|report on a search)/i;

test("a viewer sees and reads what is there, and is offered nothing to change", async ({
  page,
  browser,
  watch,
}) => {
  await signUp(page, ada());
  await hydrated(page);
  await uploadAndRead(page, [lease, notes], [LEASE_TITLE, NOTES]);
  await page.getByRole("checkbox", { name: `Select ${NOTES}` }).check();
  await page
    .getByRole("group", { name: "Selection" })
    .getByRole("button", { name: "Move to trash" })
    .click();
  await expect(row(page, NOTES)).toHaveCount(0);
  const report = await makeReport(page);
  const viewer = bob();
  await invite(page, viewer.email, "Viewer");

  const context = await browser.newContext();
  const his = await context.newPage();
  watch(his);
  await join(his, viewer);

  await test.step("the documents are there, with nothing to choose or to throw away", async () => {
    await expect(row(his, LEASE_TITLE)).toBeVisible();
    await expect(his.getByRole("checkbox")).toHaveCount(0);
    await his
      .getByRole("button", { name: `Actions for ${LEASE_TITLE}` })
      .click();
    await expect(
      his.getByRole("link", { name: "Download original" }),
    ).toBeVisible();
    await his.keyboard.press("Escape");
    await offersNothing(his, "documents");
  });

  await test.step("a file that is dropped is not taken", async () => {
    await drop(his, text("dropped.txt", "Nobody takes it."));
    await expect(uploads(his)).toHaveCount(0);
  });

  await test.step("a document opens and can be read", async () => {
    await openDocument(his, LEASE_TITLE);
    await his.keyboard.press("ArrowRight");
    await expect(his.getByRole("region", { name: "Page 2" })).toContainText(
      "guillotine",
    );
    await offersNothing(his, "reader");
  });

  await test.step("so do the trash, a search and a report", async () => {
    await open(his, "/documents/trash");
    await expect(row(his, NOTES)).toBeVisible();
    await offersNothing(his, "trash");
    await open(his, "/search?q=dampers");
    await expect(
      his.getByRole("link", { name: LEASE_TITLE, exact: true }),
    ).toBeVisible();
    await offersNothing(his, "search");
    await open(his, "/reports");
    await expect(row(his, "All about the lease")).toBeVisible();
    await offersNothing(his, "reports");
    await open(his, report);
    await expect(his.getByRole("link", { name: "Download PDF" })).toBeVisible();
    await offersNothing(his, "report");
  });

  await test.step("pages that are for changing say whom to ask", async () => {
    for (const path of ["/reports/new", "/settings/mail"]) {
      const answer = await his.goto(path);
      expect(answer?.status(), path).toBe(403);
      await hydrated(his);
      await expect(
        his.getByRole("heading", { name: "This is not open to you" }),
      ).toBeVisible();
      await expectAccessible(his, path);
    }
  });

  await context.close();
});

/** No button and no link changes anything, closed menus and dialogs included, and axe has nothing to say against it. */
async function offersNothing(page: Page, what: string): Promise<void> {
  for (const role of ["button", "link"] as const)
    await expect(
      page.getByRole(role, { name: ACTS, includeHidden: true }),
      what,
    ).toHaveCount(0);
  await expectAccessible(page, what);
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
