import type { Page } from "@playwright/test";

import { expectAccessible } from "../support/axe.js";
import { hydrated } from "../support/hydrated.js";
import { EMPTY, furnish, type Place, PUBLIC } from "../support/pages.js";
import { turn } from "../support/settled.js";
import { test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

test.use({ allowedErrors: /the server responded with a status of 404/ });

// Two themes on many pages, each looked at by axe.
test.setTimeout(300_000);

test("axe finds no serious problem on the public pages", async ({ page }) => {
  await checkAll(page, PUBLIC);
});

test("axe finds no serious problem in a new workspace", async ({ page }) => {
  await signUp(page, ada());
  await checkAll(page, EMPTY);
});

test("axe finds no serious problem in the app", async ({ page }) => {
  await checkAll(page, await furnish(page, ada()));
});

async function checkAll(page: Page, places: Place[]): Promise<void> {
  for (const [name, path] of places) {
    await page.goto(path);
    if (/^\/(documents|search|reports|activity|settings)/.test(path))
      await hydrated(page);
    for (const colorScheme of ["light", "dark"] as const) {
      await turn(page, colorScheme);
      await expectAccessible(page, `${name}, ${colorScheme}`);
    }
  }
}
