import type { Locator, Page } from "@playwright/test";

import { row } from "../support/documents.js";
import { lease, LEASE_TITLE, notes } from "../support/files.js";
import { expect, test } from "../support/story.js";
import { ada, signIn, signUp } from "../support/world.js";

test.use({
  javaScriptEnabled: false,
  // The answer to a wrong password.
  allowedErrors: /the server responded with a status of 422 .*\/sign-in/,
});

test("everything that is a form or a link works without scripts", async ({
  page,
}) => {
  const person = ada();
  await signUp(page, person);

  await test.step("a file goes in by the form", async () => {
    await upload(page, lease);
    await expect(
      page.getByRole("link", { name: "Upload", exact: true }),
    ).toHaveAttribute("href", "#upload");
    // Who may see the files is asked again as it was answered.
    const choice = page.getByLabel("Who may see them");
    await choice.selectOption("private");
    await upload(page, notes);
    await expect(choice).toHaveValue("private");
    await reloadUntil(
      page,
      row(page, LEASE_TITLE).getByText("Read", { exact: true }),
    );
    await reloadUntil(
      page,
      row(page, "meeting-notes.txt").getByText("Read", { exact: true }),
    );
  });

  await test.step("the list is filtered and sorted", async () => {
    await page.getByLabel("Type").selectOption({ label: "PDF" });
    await page.getByRole("button", { name: "Apply" }).click();
    await expect(page).toHaveURL(/type=pdf/);
    await expect(row(page, LEASE_TITLE)).toBeVisible();
    await expect(row(page, "meeting-notes.txt")).toHaveCount(0);
    await page.getByRole("link", { name: "Clear filters" }).click();
    await expect(row(page, "meeting-notes.txt")).toBeVisible();
  });

  await test.step("a search opens the page at the hit, as an image and as text", async () => {
    await page.getByRole("link", { name: "Search", exact: true }).click();
    await page
      .getByRole("searchbox", { name: "Search all documents" })
      .fill("vibration dampers");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByRole("link", { name: /^Page 2/ }).click();
    await expect(page.getByRole("region", { name: "Page 2" })).toContainText(
      "guillotine",
    );
    await expect(page.getByRole("img", { name: "Page 2" })).toBeVisible();
    await expect(page.locator(".page-mark").first()).toBeAttached();
    await page.getByRole("link", { name: "Next page" }).click();
    await expect(page.getByRole("region", { name: "Page 3" })).toContainText(
      "mediation",
    );
    await page.getByRole("link", { name: "Text", exact: true }).click();
    await expect(page.getByRole("article", { name: "Page 3" })).toContainText(
      "mediation",
    );
  });

  await test.step("a document goes to the trash and comes back", async () => {
    await page
      .getByRole("link", { name: "Documents", exact: true })
      .first()
      .click();
    await page
      .getByRole("checkbox", { name: "Select meeting-notes.txt" })
      .check();
    await page.getByRole("button", { name: "Move to trash" }).first().click();
    await expect(row(page, "meeting-notes.txt")).toHaveCount(0);
    await page.getByRole("link", { name: "Trash" }).click();
    await page
      .getByRole("checkbox", { name: "Select meeting-notes.txt" })
      .check();
    await page.getByRole("button", { name: "Restore" }).first().click();
    await expect(
      page.getByRole("heading", { name: "The trash is empty" }),
    ).toBeVisible();
  });

  await test.step("a report is asked for and comes", async () => {
    await page.goto("/search?q=vibration%20dampers");
    await page
      .getByRole("link", { name: "Make a report of this search" })
      .click();
    await page.getByRole("button", { name: "Make the report" }).click();
    await expect(
      page.getByText("Give the report a title.").first(),
    ).toBeVisible();
    await page.getByLabel("Title").fill("Machines");
    await page.getByRole("button", { name: "Make the report" }).click();
    await expect(
      page.getByRole("heading", { name: "Machines", level: 1 }),
    ).toBeVisible();
    await reloadUntil(page, page.getByRole("link", { name: "Download PDF" }));
    const href = await page
      .getByRole("link", { name: "Download PDF" })
      .getAttribute("href");
    const file = await page.request.get(href ?? "");
    expect((await file.body()).subarray(0, 5).toString()).toBe("%PDF-");
  });

  await test.step("a refused invitation is still in its form", async () => {
    await page.goto("/settings/members");
    const email = page.getByLabel("E-mail");
    const role = page.getByLabel("Role", { exact: true });
    for (const [typed, told] of [
      [person.email, "This person is a member of the workspace already."],
      ["bob@", "Enter an e-mail address, like ada@example.com."],
    ] as const) {
      await email.fill(typed);
      await role.selectOption("viewer");
      await page.getByRole("button", { name: "Send the invitation" }).click();
      await expect(page.getByText(told).first()).toBeVisible();
      await expect(email).toHaveValue(typed);
      await expect(role).toHaveValue("viewer");
    }
    await email.fill(`bob-of-${person.email}`);
    await page.getByRole("button", { name: "Send the invitation" }).click();
    await expect(page).toHaveURL(/\/settings\/members$/);
    await expect(page.getByRole("list", { name: "Invitations" })).toContainText(
      `bob-of-${person.email}`,
    );
    await expect(email).toHaveValue("");
  });

  await test.step("refused settings are still in their form", async () => {
    await page.goto("/settings/workspace");
    const name = page.getByLabel("Name", { exact: true });
    const address = page.getByLabel("Address");
    const saved = await name.inputValue();
    await name.fill("Acme & <Daughters>");
    await address.fill("a b c");
    await page.getByLabel("Days in the trash").fill("7");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(address).toHaveAttribute("aria-invalid", "true");
    await expect(address).toHaveValue("a b c");
    await expect(name).toHaveValue("Acme & <Daughters>");
    await expect(page.getByLabel("Days in the trash")).toHaveValue("7");
    // Neither the address nor the history tells what was typed.
    expect(page.url()).not.toContain("Daughters");
    await page.goto("/settings/workspace");
    await expect(name).toHaveValue(saved);
  });

  await test.step("out and in again", async () => {
    await page.getByRole("button", { name: person.name, exact: true }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByText("You are signed out.")).toBeVisible();
    await page.goto("/documents");
    await expect(page).toHaveURL(/\/sign-in/);
    await signIn(page, { ...person, password: "not the password" });
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(page.getByLabel("E-mail")).toHaveValue(person.email);
    await signIn(page, person);
    await expect(row(page, LEASE_TITLE)).toBeVisible();
  });
});

async function upload(page: Page, file: string): Promise<void> {
  await page
    .getByLabel("Drop documents here, or choose them")
    .setInputFiles(file);
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await expect(page).toHaveURL(/\/documents$/);
}

/** What other people see happen, these see with the next load. */
async function reloadUntil(page: Page, shown: Locator): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(shown).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000 });
}
