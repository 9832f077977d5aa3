import type { Locator, Page } from "@playwright/test";

import { uploadAndRead } from "../support/documents.js";
import { lease, LEASE_TITLE } from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

test("with the keyboard alone: sign in, open a document, turn its pages", async ({
  page,
  browser,
  watch,
}) => {
  const person = ada();
  await signUp(page, person);
  await hydrated(page);
  await uploadAndRead(page, lease, [LEASE_TITLE]);

  // A browser that knows nothing of Ada, and a hand that never touches the mouse.
  const context = await browser.newContext();
  const hers = await context.newPage();
  watch(hers);
  await hers.goto("/documents");
  await expect(hers).toHaveURL(/\/sign-in\?next=/);

  await test.step("the first stop leads over the head of the page", async () => {
    const skip = hers.getByRole("link", { name: "Skip to content" });
    await hers.keyboard.press("Tab");
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await hers.keyboard.press("Enter");
    await expect(hers.getByRole("main")).toBeFocused();
  });

  await test.step("signing in", async () => {
    await tabTo(hers, hers.getByLabel("E-mail"));
    await hers.keyboard.type(person.email);
    await tabTo(hers, hers.getByLabel("Password"));
    await hers.keyboard.type(person.password);
    await hers.keyboard.press("Enter");
    await expect(hers).toHaveURL(/\/documents$/);
    await hydrated(hers);
  });

  await test.step("to the document", async () => {
    await tabTo(
      hers,
      hers.getByRole("link", { name: LEASE_TITLE, exact: true }),
    );
    await hers.keyboard.press("Enter");
    await expect(
      hers.getByRole("heading", { name: LEASE_TITLE, level: 1 }),
    ).toBeVisible();
    // The link is gone with its page, and one goes on at the new one.
    await expect(hers.getByRole("main")).toBeFocused();
  });

  await test.step("through its pages, by keys and by links", async () => {
    await expect(hers.getByRole("region", { name: "Page 1" })).toBeVisible();
    await hers.keyboard.press("ArrowRight");
    await expect(hers.getByRole("region", { name: "Page 2" })).toContainText(
      "guillotine",
    );
    await tabTo(hers, hers.getByRole("link", { name: "Next page" }));
    await hers.keyboard.press("Enter");
    await expect(hers.getByRole("region", { name: "Page 3" })).toContainText(
      "mediation",
    );
  });

  await test.step("the strip of small pages ends where its window ends", async () => {
    await hers.setViewportSize({ width: 1280, height: 360 });
    const beyond = await hers
      .getByRole("navigation", { name: "Pages", exact: true })
      .locator("xpath=ancestor::details")
      .evaluate((side) => side.scrollHeight - side.clientHeight);
    expect(beyond).toBe(0);
    await hers.setViewportSize({ width: 1280, height: 720 });
  });

  await test.step("searching in it, and out of the field again", async () => {
    await hers.keyboard.press("/");
    const find = hers.getByRole("searchbox", { name: "Find in this document" });
    await expect(find).toBeFocused();
    await hers.keyboard.type("dampers");
    await hers.keyboard.press("Enter");
    await expect(hers).toHaveURL(/page=2&q=dampers/);
    await expect(hers.getByText("Hit 1 of 1")).toBeVisible();
    await hers.keyboard.press("Escape");
    await expect(find).not.toBeFocused();
    await hers.keyboard.press("Escape");
    await expect(hers).not.toHaveURL(/q=dampers/);
  });

  await test.step("the keys tell of themselves", async () => {
    await hers.keyboard.press("?");
    const keys = hers.getByRole("dialog", { name: "Keys" });
    await expect(keys).toBeVisible();
    await hers.keyboard.press("Escape");
    await expect(keys).toBeHidden();
  });

  await test.step("keys of one character can be turned off", async () => {
    const reader = hers.url();
    await hers.keyboard.press("?");
    await hers
      .getByRole("link", { name: "Turn keys of one character off" })
      .click();
    const choice = hers.getByRole("checkbox", {
      name: "Keys of one character",
    });
    await expect(choice).toBeChecked();
    await choice.uncheck();
    await open(hers, reader);
    const find = hers.getByRole("searchbox", { name: "Find in this document" });
    const page = hers.getByRole("spinbutton", { name: "Page" });
    const before = Number(await page.inputValue());
    for (const key of ["/", "?", "k", "n"]) await hers.keyboard.press(key);
    await hers.keyboard.press("ArrowLeft");
    await expect(page).toHaveValue(String(before - 1));
    await expect(find).not.toBeFocused();
    await expect(hers.getByRole("dialog", { name: "Keys" })).toBeHidden();
    await open(hers, "/settings/account");
    await expect(choice).not.toBeChecked();
    await choice.check();
    await open(hers, reader);
    await hers.keyboard.press("/");
    await expect(find).toBeFocused();
  });

  await context.close();
});

/** Presses Tab until the element has the focus, which must show wherever it stands on the way. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stop = 0; stop < 80; stop += 1) {
    await page.keyboard.press("Tab");
    const { shown, what } = await focusShown(page);
    expect(shown, `the focus shows on ${what}`).toBe(true);
    if (await target.evaluate((element) => element === document.activeElement))
      return;
  }
  throw new Error("the element was not reached with the Tab key");
}

/** Whether something tells the element with the focus from the others. */
function focusShown(page: Page): Promise<{ shown: boolean; what: string }> {
  return page.evaluate(() => {
    const element = document.activeElement;
    // Past the last element, the focus is the browser's.
    if (!element || element === document.body)
      return { shown: true, what: "the browser" };
    const rings = [element, element.parentElement, element.closest("label")];
    const shown = rings.some((ring) => {
      if (!ring) return false;
      const style = getComputedStyle(ring);
      return (
        (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) ||
        style.boxShadow !== "none"
      );
    });
    return { shown, what: element.outerHTML.slice(0, 200) };
  });
}
