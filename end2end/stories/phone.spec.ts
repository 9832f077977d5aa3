import type { Page } from "@playwright/test";

import { openDocument, row } from "../support/documents.js";
import { LEASE_TITLE } from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import { EMPTY, furnish, PUBLIC } from "../support/pages.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

test.use({
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  allowedErrors: /the server responded with a status of 404/,
});

test("public pages fit a phone", async ({ page }) => {
  for (const [name, path] of PUBLIC) {
    await page.goto(path);
    await expectFits(page, name);
  }
});

test("the empty pages of a new workspace fit a phone", async ({ page }) => {
  await signUp(page, ada());
  for (const [name, path] of EMPTY) {
    await open(page, path);
    await expectFits(page, name);
  }
});

test("the app fits a phone, with its navigation under the thumb", async ({
  page,
}) => {
  const pages = await furnish(page, ada());
  for (const [name, path] of pages) {
    await page.goto(path);
    if (!path.startsWith("/mailbox")) await hydrated(page);
    await expectFits(page, name);
  }

  await test.step("navigation is at the bottom", async () => {
    await open(page, "/documents");
    const bar = await page
      .getByRole("navigation", { name: "Main" })
      .boundingBox();
    expect(bar?.width).toBeCloseTo(390, 0);
    expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeCloseTo(844, 0);
    for (const name of [
      "Documents",
      "Search",
      "Reports",
      "Activity",
      "Settings",
    ]) {
      const target = await page
        .getByRole("navigation", { name: "Main" })
        .getByRole("link", { name })
        .boundingBox();
      expect(target?.height, name).toBeGreaterThanOrEqual(44);
    }
  });

  await test.step("the reader is usable", async () => {
    await expect(row(page, LEASE_TITLE)).toBeVisible();
    const actions = await page
      .getByRole("button", { name: `Actions for ${LEASE_TITLE}` })
      .boundingBox();
    expect((actions?.x ?? 390) + (actions?.width ?? 0)).toBeLessThan(390);
    await openDocument(page, LEASE_TITLE);
    await page.getByRole("button", { name: "Actions", exact: true }).tap();
    await expect(
      page.getByRole("link", { name: "Download original" }),
    ).toBeVisible();
    await page.keyboard.press("Escape");
    const sheet = page.getByRole("img", { name: "Page 1" });
    await sheet.scrollIntoViewIfNeeded();
    const box = await sheet.boundingBox();
    expect(box?.width).toBeGreaterThan(300);
    expect(box?.width).toBeLessThanOrEqual(390);
    await page.getByRole("link", { name: "Next page" }).tap();
    await expect(page.getByRole("region", { name: "Page 2" })).toContainText(
      "guillotine",
    );
  });
});

/** Nothing makes the page wider than the window. */
async function expectFits(page: Page, name: string): Promise<void> {
  const { wide, window, culprits } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const beyond = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > width + 1,
    );
    return {
      wide: document.documentElement.scrollWidth,
      window: width,
      culprits: beyond
        .slice(0, 5)
        .map((element) => element.outerHTML.slice(0, 120)),
    };
  });
  expect
    .soft(wide, `${name} is too wide: ${culprits.join(" | ")}`)
    .toBeLessThanOrEqual(window);
  expect.soft(window, `${name} was zoomed out to fit`).toBe(390);
}
