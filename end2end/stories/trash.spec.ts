import { row, uploadAndRead } from "../support/documents.js";
import { handbook, invoices, notes } from "../support/files.js";
import { hydrated } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

const NOTES = "meeting-notes.txt";
const HANDBOOK = "Onboarding handbook";
const INVOICES = "invoices-2026.csv";

// Chromium writes every request that failed to the console; the page tells the person in words.
test.use({ allowedErrors: /Failed to load resource: net::ERR_FAILED/ });

test("documents go to the trash, come back, and go for good", async ({
  page,
}) => {
  await signUp(page, ada());
  await hydrated(page);
  await uploadAndRead(
    page,
    [notes, handbook, invoices],
    [NOTES, HANDBOOK, INVOICES],
  );
  await page.getByRole("button", { name: "Clear" }).click();
  const selection = page.getByRole("group", { name: "Selection" });
  const select = (title: string) =>
    page.getByRole("checkbox", { name: `Select ${title}` });

  await test.step("the list stays while the server cannot be asked, and mends itself", async () => {
    let isAway = true;
    await page.route("**/api/documents/list**", (route) =>
      isAway ? route.abort() : route.continue(),
    );
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await expect(page.getByText("Not up to date")).toBeVisible();
    await expect(row(page, NOTES)).toBeVisible();
    await expect(page.getByText("3 documents").first()).toBeVisible();
    isAway = false;
    await expect(page.getByText("Not up to date")).toBeHidden({
      timeout: 15_000,
    });
    await expect(row(page, NOTES)).toBeVisible();
  });

  await test.step("what is chosen is let go of by a button, and by Escape", async () => {
    await select(NOTES).check();
    await selection.getByRole("button", { name: "Clear selection" }).click();
    await expect(select(NOTES)).not.toBeChecked();
    await expect(
      page.getByRole("checkbox", { name: "Select all in view" }),
    ).toBeFocused();
    await select(NOTES).check();
    await page.keyboard.press("Escape");
    await expect(select(NOTES)).not.toBeChecked();
  });

  await test.step("two are thrown away, and back at once", async () => {
    await select(NOTES).check();
    await select(HANDBOOK).check();
    await expect(selection).toContainText("2 documents selected");
    // The second press finds them in the trash already, and takes nothing back of what the first one has told.
    await selection.getByRole("button", { name: "Move to trash" }).dblclick();
    await expect(row(page, NOTES)).toHaveCount(0);
    await expect(row(page, HANDBOOK)).toHaveCount(0);
    await expect(row(page, INVOICES)).toBeVisible();
    await expect(
      page.getByText("2 documents moved to the trash."),
    ).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByText("2 documents restored.")).toBeVisible();
    await expect(row(page, NOTES)).toBeVisible();
    await expect(row(page, HANDBOOK)).toBeVisible();
  });

  await test.step("all are thrown away", async () => {
    await page.getByRole("checkbox", { name: "Select all in view" }).check();
    await expect(selection).toContainText("3 documents selected");
    await selection.getByRole("button", { name: "Move to trash" }).click();
    await expect(
      page.getByRole("heading", { name: "No documents yet" }),
    ).toBeVisible();
  });

  await test.step("one is restored from the trash by its menu", async () => {
    await page.getByRole("link", { name: "Trash" }).click();
    await expect(row(page, NOTES)).toBeVisible();
    await page.getByRole("button", { name: `Actions for ${NOTES}` }).click();
    await row(page, NOTES).getByRole("button", { name: "Restore" }).click();
    await expect(row(page, NOTES)).toHaveCount(0);
    // The row is gone, and one goes on at its neighbour.
    await expect(page.locator(":focus")).toHaveAccessibleName(/^Actions for /);
  });

  await test.step("one is restored by choosing it", async () => {
    await select(HANDBOOK).check();
    await selection.getByRole("button", { name: "Restore" }).click();
    await expect(row(page, HANDBOOK)).toHaveCount(0);
  });

  await test.step("one is deleted, after a question that can be denied", async () => {
    await select(INVOICES).check();
    await selection.getByRole("button", { name: "Delete for good" }).click();
    const dialog = page.getByRole("dialog", {
      name: "Delete 1 document for good?",
    });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog).toBeHidden();
    await expect(row(page, INVOICES)).toBeVisible();
    await selection.getByRole("button", { name: "Delete for good" }).click();
    await dialog.getByRole("button", { name: "Delete for good" }).click();
    await expect(
      page.getByRole("heading", { name: "The trash is empty" }),
    ).toBeVisible();
  });

  await page.getByRole("link", { name: "Your documents" }).click();
  await expect(row(page, NOTES)).toBeVisible();
  await expect(row(page, HANDBOOK)).toBeVisible();
  await expect(row(page, INVOICES)).toHaveCount(0);
});
