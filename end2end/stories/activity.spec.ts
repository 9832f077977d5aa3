import type { Page } from "@playwright/test";

import { expectAccessible } from "../support/axe.js";
import { drop, row } from "../support/documents.js";
import { text } from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import { invite, join } from "../support/invite.js";
import { expect, test } from "../support/story.js";
import { ada, bob, signUp } from "../support/world.js";

/** Four megabytes that nobody has read yet, so that reading them takes a while. */
const long = (name: string) =>
  text(name, `${name} `.repeat(Math.floor(4_000_000 / (name.length + 1))));

test("what is dropped is watched, cancelled and done again", async ({
  page,
}) => {
  await signUp(page, ada());
  await hydrated(page);
  await page.getByRole("link", { name: "Activity", exact: true }).click();
  await expect(
    page.getByRole("heading", { name: "Activity", exact: true }),
  ).toBeVisible();

  await test.step("it comes by itself and goes to its end", async () => {
    await drop(page, text("short.txt", "A few words."));
    await expect(
      row(page, "short.txt").getByText("Done", { exact: true }),
    ).toBeVisible({ timeout: 60_000 });
    const credits = page.getByRole("columnheader", { name: "Page credits" });
    await expect(credits).toBeVisible();
    await expect(
      row(page, "short.txt").getByRole("cell", { name: "1", exact: true }),
    ).toBeVisible();
    await expectAccessible(page, "activity");
  });

  await test.step("one of many is cancelled, and the others go on", async () => {
    const names = ["one", "two", "three", "four", "five", "six"];
    for (const name of names) await drop(page, long(`${name}.txt`));
    const last = row(page, "six.txt");
    await last.getByRole("button", { name: "Cancel six.txt" }).click();
    const asks = page.getByRole("dialog", { name: "Stop “six.txt”?" });
    const cancelled = last.getByText("Cancelled", { exact: true });
    // Somebody may have begun to read it; then it is asked once more.
    await expect(asks.or(cancelled).first()).toBeVisible();
    if (await asks.isVisible())
      await asks.getByRole("button", { name: "Stop it" }).click();
    await expect(cancelled).toBeVisible();
    await expect(
      row(page, "one.txt").getByText("Done", { exact: true }),
    ).toBeVisible({ timeout: 60_000 });
  });

  await test.step("the document knows of it", async () => {
    await open(page, "/documents");
    await expect(
      row(page, "six.txt").getByText("Cancelled", { exact: true }),
    ).toBeVisible();
  });

  await test.step("it is done again, and found under its state", async () => {
    await open(page, "/activity?show=done");
    await row(page, "six.txt")
      .getByRole("button", { name: "Try six.txt again" })
      .click();
    await expect(
      row(page, "six.txt").getByText("Done", { exact: true }),
    ).toBeVisible({ timeout: 60_000 });
    await page
      .getByRole("navigation", { name: "Which work" })
      .getByRole("link", { name: "Failed" })
      .click();
    await expect(page).toHaveURL(/show=failed/);
    await expect(
      page.getByRole("heading", { name: "Nothing has failed" }),
    ).toBeVisible();
  });
});

test("a viewer sees no work of others, and nothing to press", async ({
  page,
  browser,
  watch,
}) => {
  await signUp(page, ada());
  await hydrated(page);
  await drop(page, text("adas.txt", "Only Ada asked for this."));
  const viewer = bob();
  await invite(page, viewer.email, "Viewer");

  const context = await browser.newContext();
  const his = await context.newPage();
  watch(his);
  await join(his, viewer);
  await open(his, "/activity");
  await expect(
    his.getByRole("heading", { name: "Nothing is under way" }),
  ).toBeVisible();
  await expect(row(his, "adas.txt")).toHaveCount(0);
  await nothingToPress(his);
  await context.close();
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the filters are links, and the page says what it shows", async ({
    page,
  }) => {
    await signUp(page, ada());
    await page.getByRole("link", { name: "Activity", exact: true }).click();
    const views = page.getByRole("navigation", { name: "Which work" });
    await views.getByRole("link", { name: "In progress" }).click();
    await expect(page).toHaveURL(/show=under-way/);
    await expect(
      views.getByRole("link", { name: "In progress" }),
    ).toHaveAttribute("aria-current", "page");
    await page.getByRole("link", { name: "Show all activity" }).click();
    await expect(page).toHaveURL(/\/activity$/);
  });
});

async function nothingToPress(page: Page): Promise<void> {
  await expect(
    page
      .getByRole("main")
      .getByRole("button", { name: /cancel|again/i, includeHidden: false }),
  ).toHaveCount(0);
  await expectAccessible(page, "activity as a viewer");
}
