import { readFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import {
  becomesRead,
  drop,
  openDocument,
  pick,
  row,
} from "../support/documents.js";
import { lease, LEASE_TITLE, notes } from "../support/files.js";
import { hydrated } from "../support/hydrated.js";
import { followMail } from "../support/mailbox.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

test("from signing up to a report", async ({ page }) => {
  const person = ada();

  await test.step("a workspace of one's own, with the link of the mail", async () => {
    await signUp(page, person);
    await hydrated(page);
    await expect(
      page.getByRole("heading", { name: "No documents yet" }),
    ).toBeVisible();
  });

  await test.step("a document is dropped and read before one's eyes", async () => {
    await drop(page, {
      name: "lease-agreement.pdf",
      mimeType: "application/pdf",
      buffer: readFileSync(lease),
    });
    await becomesRead(page, LEASE_TITLE);
    await expect(row(page, LEASE_TITLE)).toContainText("lease-agreement.pdf");
    await pick(page, notes);
    await becomesRead(page, "meeting-notes.txt");
  });

  await test.step("the reader shows the page and its text", async () => {
    await openDocument(page, LEASE_TITLE);
    const first = page.getByRole("region", { name: "Page 1" });
    await expect(first).toContainText("14 Quire Lane");
    await expectImage(page, "Page 1");
    await expect(
      page.getByRole("navigation", { name: "Pages" }).getByRole("link"),
    ).toHaveCount(4);
  });

  await test.step("the keyboard turns the pages", async () => {
    await page.keyboard.press("ArrowRight");
    await expect(page).toHaveURL(/page=2/);
    await expect(page.getByRole("region", { name: "Page 2" })).toContainText(
      "guillotine",
    );
    await page.keyboard.press("j");
    await expect(page).toHaveURL(/page=3/);
    await page.keyboard.press("k");
    await page.keyboard.press("ArrowLeft");
    await expect(page).toHaveURL(/page=1/);
    await expectImage(page, "Page 1");
  });

  await test.step("a search finds the words and opens their page", async () => {
    await page.getByRole("link", { name: "Search", exact: true }).click();
    const field = page.getByRole("searchbox", { name: "Search all documents" });
    await field.fill("vibration dampers");
    await field.press("Enter");
    await expect(page.getByText("1 page found")).toBeVisible();
    const snippet = page.getByRole("link", { name: /^Page 2/ });
    await expect(snippet.locator("mark")).toHaveText([
      /vibration/i,
      /dampers/i,
    ]);
    await snippet.click();
    await expect(page).toHaveURL(/page=2&q=vibration%20dampers/);
    await expect(page.getByText("Hit 1 of")).toBeVisible();
    await expectMarkOn(page, "dampers");
    await page.goBack();
  });

  await test.step("a report of the search is made meanwhile", async () => {
    await page
      .getByRole("link", { name: "Make a report of this search" })
      .click();
    await page.getByLabel("Title").fill("Machines in the workshop");
    await page.getByRole("button", { name: "Make the report" }).click();
    await expect(
      page.getByRole("heading", { name: "Machines in the workshop", level: 1 }),
    ).toBeVisible();
    await expect(page.getByRole("link", { name: "Download PDF" })).toBeVisible({
      timeout: 60_000,
    });
  });

  await test.step("a mail says so, and leads to the file", async () => {
    await followMail(
      page,
      person,
      "Your report “Machines in the workshop” is ready",
      /\/reports\//,
    );
    await expect(
      page.getByRole("heading", { name: "Machines in the workshop", level: 1 }),
    ).toBeVisible();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download PDF" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("Machines in the workshop.pdf");
    const bytes = readFileSync(await file.path());
    expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
    expect(bytes.length).toBeGreaterThan(10_000);
  });
});

/** The picture of a page has come and is one. */
async function expectImage(page: Page, name: string): Promise<void> {
  const image = page.getByRole("img", { name });
  await expect(image).toBeVisible();
  await expect
    .poll(() =>
      image.evaluate(
        (element) => (element as HTMLImageElement).naturalWidth > 100,
      ),
    )
    .toBe(true);
}

/** A mark lies where the word is printed. */
async function expectMarkOn(page: Page, word: string): Promise<void> {
  const marks = page.locator(".page-mark");
  await expect(marks.first()).toBeAttached();
  const text = page.locator(".page-text tspan", { hasText: word }).first();
  const place = await text.boundingBox();
  const boxes = await marks.evaluateAll((elements) =>
    elements.map((element) => element.getBoundingClientRect().toJSON()),
  );
  const centre = {
    x: (place?.x ?? 0) + (place?.width ?? 0) / 2,
    y: (place?.y ?? 0) + (place?.height ?? 0) / 2,
  };
  const covers = boxes.some(
    (box: DOMRect) =>
      box.left <= centre.x &&
      centre.x <= box.right &&
      box.top <= centre.y &&
      centre.y <= box.bottom,
  );
  expect(
    covers,
    `a mark lies on “${word}”: ${JSON.stringify({ place, boxes })}`,
  ).toBe(true);
}
