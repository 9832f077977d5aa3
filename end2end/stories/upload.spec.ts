import { readFileSync } from "node:fs";

import {
  becomesRead,
  drop,
  pick,
  row,
  uploadAndRead,
  uploads,
} from "../support/documents.js";
import {
  empty,
  handbook,
  invoices,
  notes,
  text,
  tooLarge,
} from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

// Chromium writes every refused request to the console; the page tells the person in words.
test.use({
  allowedErrors: /the server responded with a status of (413|422)/,
});

test.beforeEach(async ({ page }) => {
  await signUp(page, ada());
  await hydrated(page);
});

test("an empty file and one that is too large are refused with a reason", async ({
  page,
}) => {
  await drop(page, empty);
  await expect(
    uploads(page).getByText("“nothing.txt” is empty."),
  ).toBeVisible();
  await pick(page, tooLarge);
  await expect(
    uploads(page).getByText("This file is larger than 5 MB."),
  ).toBeVisible();
  await expect(page.getByRole("heading", { name: "2 failed" })).toBeVisible();

  await page.getByRole("button", { name: "Clear" }).click();
  await expect(uploads(page)).toBeHidden();
  await expect(
    page.getByRole("heading", { name: "No documents yet" }),
  ).toBeVisible();
});

test("a file that is here already can be opened or kept twice", async ({
  page,
}) => {
  await uploadAndRead(page, notes, ["meeting-notes.txt"]);
  const again = text("the same.txt", readFileSync(notes, "utf8"));
  await drop(page, again);
  const item = uploads(page)
    .getByRole("listitem")
    .filter({ hasText: "the same.txt" });
  await expect(item).toContainText("Already here as “meeting-notes.txt”");
  await expect(row(page, "the same.txt")).toHaveCount(0);

  await item.getByRole("button", { name: "Keep both" }).click();
  await expect(item).toContainText("Uploaded");
  await becomesRead(page, "the same.txt");
  await becomesRead(page, "meeting-notes.txt");

  await item.getByRole("link", { name: "Open" }).click();
  await expect(
    page.getByRole("heading", { name: "the same.txt", level: 1 }),
  ).toBeVisible();
});

test("several files at once, each with its progress, and one is cancelled", async ({
  page,
}) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/uploads", async (route) => {
    await held;
    // A request that was cancelled meanwhile cannot go on.
    await route.continue().catch(() => {});
  });
  await pick(page, [notes, handbook, invoices]);
  const list = uploads(page);
  await expect(
    page.getByRole("heading", { name: "0 of 3 uploaded" }),
  ).toBeVisible();
  for (const name of [
    "meeting-notes.txt",
    "onboarding-handbook.md",
    "invoices-2026.csv",
  ]) {
    await expect(
      list.getByRole("progressbar", { name: `Uploading ${name}` }),
    ).toBeVisible();
  }
  await list.getByRole("button", { name: "Cancel invoices-2026.csv" }).click();
  const cancelled = list
    .getByRole("listitem")
    .filter({ hasText: "invoices-2026.csv" });
  await expect(cancelled).toContainText("Cancelled");
  release();
  await becomesRead(page, "meeting-notes.txt");
  await becomesRead(page, "Onboarding handbook");
  await expect(row(page, "invoices-2026.csv")).toHaveCount(0);

  await cancelled.getByRole("button", { name: "Try again" }).click();
  await becomesRead(page, "invoices-2026.csv");
  await expect(
    page.getByRole("heading", { name: "3 uploaded", exact: true }),
  ).toBeVisible();
});

test("an upload goes on while one looks at another page", async ({ page }) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/uploads", async (route) => {
    await held;
    await route.continue();
  });
  await pick(page, notes);
  await expect(
    page.getByRole("heading", { name: "0 of 1 uploaded" }),
  ).toBeVisible();
  await page.getByRole("link", { name: "Reports" }).click();
  await expect(
    page.getByRole("heading", { name: "Reports", exact: true }),
  ).toBeVisible();
  release();
  await expect(
    page.getByRole("heading", { name: "1 uploaded", exact: true }),
  ).toBeVisible();
  await open(page, "/documents");
  await becomesRead(page, "meeting-notes.txt");
});

test("a file of another kind is kept and says so", async ({ page }) => {
  const picture = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  await drop(page, {
    name: "dot.pdf",
    mimeType: "application/pdf",
    buffer: picture,
  });
  for (const place of [row(page, "dot.pdf"), uploads(page)]) {
    await expect(place).toContainText("Kept, not read");
    await expect(place).toContainText("Sheaf reads PDF, Word");
  }
});
