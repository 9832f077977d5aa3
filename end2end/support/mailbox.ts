import { expect, type Page } from "@playwright/test";

import type { Person } from "./world.js";

/** Opens the mailbox and waits for a mail with this subject. */
export async function receiveMail(
  page: Page,
  person: Person,
  subject: string | RegExp,
): Promise<void> {
  const address = `/mailbox?address=${encodeURIComponent(person.email)}`;
  await expect(async () => {
    await page.goto(address);
    await expect(page.getByRole("heading", { name: subject })).toBeVisible({
      timeout: 1_000,
    });
  }).toPass();
}

/** Waits for a mail with this subject, and follows the link in it. */
export async function followMail(
  page: Page,
  person: Person,
  subject: string | RegExp,
  link: RegExp,
): Promise<void> {
  await receiveMail(page, person, subject);
  await page.getByRole("link", { name: link }).first().click();
}
