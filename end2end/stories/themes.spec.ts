import type { Locator } from "@playwright/test";

import { hydrated, open } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

test("the theme is the system's until one is chosen, and then stays", async ({
  page,
}) => {
  await page.emulateMedia({ colorScheme: "light" });
  await signUp(page, ada());
  await hydrated(page);
  const html = page.locator("html");
  const background = () =>
    page.evaluate(
      () => getComputedStyle(document.documentElement).backgroundColor,
    );
  await expect(html).not.toHaveAttribute("data-theme");
  const light = await background();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background();
  expect(dark).not.toBe(light);

  await test.step("chosen in the app, it acts at once and is kept", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "Ada" }).click();
    const kept = page.waitForResponse(
      (response) => new URL(response.url()).pathname === "/theme",
    );
    await page
      .getByRole("list")
      .getByRole("button", { name: "Dark theme" })
      .click();
    await expect(html).toHaveAttribute("data-theme", "dark");
    expect(await background()).toBe(dark);
    await kept;
    await page.reload();
    await expect(html).toHaveAttribute("data-theme", "dark");
    await open(page, "/search");
    expect(await background()).toBe(dark);
  });

  await test.step("the switch of the settings and that of the menu say the same", async () => {
    await open(page, "/settings/account");
    const menu = page.getByRole("list");
    const choose = async (switches: Locator, name: string) => {
      const kept = page.waitForResponse(
        (response) => new URL(response.url()).pathname === "/theme",
      );
      await switches.getByRole("button", { name }).click();
      await kept;
    };
    await choose(page.getByRole("main"), "Light theme");
    await page.getByRole("button", { name: "Ada" }).click();
    await expect(
      menu.getByRole("button", { name: "Light theme" }),
    ).toHaveAttribute("aria-pressed", "true");
    await choose(menu, "Dark theme");
    await expect(
      page.getByRole("main").getByRole("button", { name: "Dark theme" }),
    ).toHaveAttribute("aria-pressed", "true");
  });

  await test.step("chosen on a public page, which has no scripts, it is kept as well", async () => {
    await page.goto("/pricing");
    expect(await background()).toBe(dark);
    await page.getByRole("button", { name: "Light theme" }).click();
    await expect(page).toHaveURL(/\/pricing$/);
    await expect.poll(background).toBe(light);
    await page.emulateMedia({ colorScheme: "dark" });
    await open(page, "/documents");
    expect(await background()).toBe(light);
  });
});
