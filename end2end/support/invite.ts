import { expect, type Page } from "@playwright/test";

import { hydrated, open } from "./hydrated.js";
import { followMail } from "./mailbox.js";
import type { Person } from "./world.js";

/** What a person is in a workspace, in the words of the screen. */
export type Role = "Viewer" | "Member" | "Admin";

/** Invites somebody by mail into the workspace that the page is in. */
export async function invite(
  page: Page,
  email: string,
  role: Role,
): Promise<void> {
  await open(page, "/settings/members");
  await page.getByLabel("E-mail").fill(email);
  await page
    .getByLabel("Role", { exact: true })
    .selectOption(role.toLowerCase());
  await page.getByRole("button", { name: "Send the invitation" }).click();
  await expect(page.getByText("The invitation is on its way.")).toBeVisible();
}

/** Follows the link of an invitation as somebody without an account, and stands at the workspace's documents. */
export async function join(page: Page, person: Person): Promise<void> {
  await followMail(page, person, /invite/i, /\/invite\?token=/);
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Create account and join" }).click();
  await expect(page).toHaveURL(/\/documents$/);
  await hydrated(page);
}
