import { expect, type Page } from "@playwright/test";

/** Opens a page of the app and waits until it listens: what is pressed before that is lost. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

/** Waits until the page that is loading listens. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", /.*/);
}
