import { readFile } from "node:fs/promises";

import { row, uploadAndRead } from "../support/documents.js";
import { notes } from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

const NOTES = "meeting-notes.txt";

test("the audit log tells who did what, is filtered, and is taken out", async ({
  page,
}) => {
  const person = ada();
  await signUp(page, person);
  await hydrated(page);
  await uploadAndRead(page, notes, [NOTES]);
  await open(page, "/settings/account");
  await page.getByRole("link", { name: "Audit log" }).click();
  const log = page.getByRole("table", { name: "Audit log" });
  const entry = (what: string) =>
    log.getByRole("row", { name: new RegExp(`^${what}`) });

  await test.step("every act stands there, with its person", async () => {
    await expect(entry("Made the workspace")).toContainText(person.name);
    await expect(entry("Signed in")).toContainText(person.name);
    await expect(entry("Uploaded a document")).toContainText(NOTES);
  });

  await test.step("one kind of act is asked for, and the address says so", async () => {
    const filters = page.getByRole("search", { name: "Filter the audit log" });
    await filters.getByLabel("What").selectOption("Signed in");
    await expect(page).toHaveURL(/act=account\.signed_in/);
    await expect(entry("Uploaded a document")).toHaveCount(0);
    await expect(entry("Signed in")).toBeVisible();
    await filters.getByLabel("What").selectOption("Deleted a report");
    await expect(
      page.getByRole("heading", { name: "No entry is like that" }),
    ).toBeVisible();
    await page.getByRole("link", { name: "Clear filters" }).click();
    await expect(entry("Made the workspace")).toBeVisible();
  });

  await test.step("it is taken out, which is an entry itself", async () => {
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download as CSV" }).click();
    const table = await readFile(await (await download).path(), "utf8");
    expect(table).toContain("document.uploaded");
    await open(page, "/settings/audit");
    await expect(entry("Exported the audit log")).toContainText("format: csv");
  });

  await test.step("an entry leads to what it is about", async () => {
    await entry("Uploaded a document").getByRole("link").first().click();
    await expect(
      page.getByRole("heading", { name: NOTES, level: 1 }),
    ).toBeVisible();
    await open(page, "/documents");
    await expect(row(page, NOTES)).toBeVisible();
  });
});
