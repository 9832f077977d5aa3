import { expect, type Locator, type Page } from "@playwright/test";

import type { MadeFile } from "./files.js";

/** The row of a document in the list or in the trash. */
export const row = (page: Page, title: string | RegExp): Locator =>
  page.getByRole("row", { name: title });

/** The list of what is on its way. */
export const uploads = (page: Page): Locator =>
  page.getByRole("list", { name: "Uploads" });

/** Picks files with the button of the list. */
export async function pick(
  page: Page,
  files: string | string[] | MadeFile | MadeFile[],
): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await (await chooser).setFiles(files);
}

/** Drops a file on the page, wherever that is. */
export async function drop(page: Page, file: MadeFile): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, type, base64 }) => {
      const bytes = Uint8Array.from(
        atob(base64),
        (letter) => letter.codePointAt(0) ?? 0,
      );
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, { type }));
      return transfer;
    },
    {
      name: file.name,
      type: file.mimeType,
      base64: file.buffer.toString("base64"),
    },
  );
  const main = page.getByRole("main");
  await main.dispatchEvent("dragover", { dataTransfer: transfer });
  await main.dispatchEvent("drop", { dataTransfer: transfer });
}

/** Uploads files from the list and waits until they are read. */
export async function uploadAndRead(
  page: Page,
  files: string | string[] | MadeFile | MadeFile[],
  titles: string[],
): Promise<void> {
  await pick(page, files);
  for (const title of titles) await becomesRead(page, title);
}

/** Waits until the list says that a document is read. */
export async function becomesRead(page: Page, title: string): Promise<void> {
  await expect(row(page, title).getByText("Read", { exact: true })).toBeVisible(
    { timeout: 60_000 },
  );
}

/** Opens a document from the list. */
export async function openDocument(page: Page, title: string): Promise<void> {
  await page.getByRole("link", { name: title, exact: true }).click();
  await expect(
    page.getByRole("heading", { name: title, level: 1 }),
  ).toBeVisible();
}
