import { readFileSync } from "node:fs";

import { uploadAndRead } from "../support/documents.js";
import { notes } from "../support/files.js";
import { hydrated } from "../support/hydrated.js";
import { followMail } from "../support/mailbox.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

test("an owner takes the whole workspace away as one archive", async ({
  page,
}) => {
  const person = ada();
  await signUp(page, person);
  await hydrated(page);
  await uploadAndRead(page, notes, ["meeting-notes.txt"]);

  await test.step("it is asked for, and made while the page is open", async () => {
    await page.goto("/settings/export");
    await hydrated(page);
    await expect(
      page.getByRole("heading", { name: "No archives" }),
    ).toBeVisible();
    await page.getByRole("button", { name: "Make an archive" }).click();
    const archives = page.getByRole("list", { name: "Archives" });
    await expect(archives.getByText("Ready", { exact: true })).toBeVisible({
      timeout: 60_000,
    });
    await expect(archives).toContainText("1 document,");
  });

  await test.step("a mail says so, and leads to the file", async () => {
    await followMail(
      page,
      person,
      `The archive of “${person.workspace}” is ready`,
      /\/settings\/export/,
    );
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(
      /^sheaf-export-\d{4}-\d\d-\d\d\.zip$/,
    );
    const bytes = readFileSync(await file.path());
    expect(bytes.subarray(0, 2).toString()).toBe("PK");
    expect(bytes.toString("latin1")).toContain("Sheaf export 1.");
  });
});
