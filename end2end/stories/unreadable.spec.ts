import { readFileSync } from "node:fs";

import { drop, openDocument, row } from "../support/documents.js";
import { truncated } from "../support/files.js";
import { hydrated } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

test("a damaged file says why it could not be read, and is kept", async ({
  page,
}) => {
  const file = truncated();
  await signUp(page, ada());
  await hydrated(page);
  await drop(page, file);
  await expect(row(page, file.name)).toContainText("Could not be read", {
    timeout: 60_000,
  });
  await expect(row(page, file.name)).toContainText("This file is damaged");

  await openDocument(page, file.name);
  const notice = page.getByRole("alert");
  await expect(notice).toContainText("This document could not be read");
  await expect(notice).toContainText(
    "This file is damaged, or it is not what its name says.",
  );

  await test.step("the original can be had", async () => {
    const download = page.waitForEvent("download");
    await notice.getByRole("link", { name: "Download original" }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe(file.name);
    expect(readFileSync(await saved.path()).equals(file.buffer)).toBe(true);
  });

  await test.step("reading can be tried again, and comes to the same end", async () => {
    await notice.getByRole("button", { name: "Read again" }).click();
    await expect(page.getByText("It is read again.")).toBeVisible();
    await expect(page.getByRole("alert")).toContainText(
      "This document could not be read",
      { timeout: 60_000 },
    );
  });
});
