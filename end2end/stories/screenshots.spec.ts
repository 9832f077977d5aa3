import type { Page } from "@playwright/test";

import { hydrated } from "../support/hydrated.js";
import { EMPTY, furnish, type Place, PUBLIC } from "../support/pages.js";
import { turn } from "../support/settled.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

const FOLDER = new URL("../screenshots/", import.meta.url).pathname;
const WIDTHS = { desktop: 1280, phone: 390 };

test.use({ allowedErrors: /the server responded with a status of 404/ });
test.setTimeout(600_000);

test("pictures of the public pages @screenshots", async ({ page }) => {
  await takeAll(page, PUBLIC);
});

test("pictures of a new workspace @screenshots", async ({ page }) => {
  await signUp(page, ada());
  await takeAll(page, EMPTY);
});

test("pictures of the app @screenshots", async ({ page }) => {
  await takeAll(page, await furnish(page, ada()));
});

async function takeAll(page: Page, places: Place[]): Promise<void> {
  for (const [name, path] of places) {
    await page.goto(path);
    if (/^\/(documents|search|reports|activity|settings)/.test(path))
      await hydrated(page);
    for (const [device, width] of Object.entries(WIDTHS)) {
      await page.setViewportSize({ width, height: 844 });
      for (const colorScheme of ["light", "dark"] as const) {
        await turn(page, colorScheme);
        await allImages(page);
        await page.screenshot({
          path: `${FOLDER}${name}-${device}-${colorScheme}.png`,
          fullPage: true,
        });
      }
    }
  }
}

/** Waits for the images in view; those below load when they are scrolled to. */
async function allImages(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(() =>
        [...document.images]
          .filter((image) => image.loading !== "lazy")
          .every((image) => image.complete),
      ),
    )
    .toBe(true);
}
