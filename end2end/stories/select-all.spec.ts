import { expectAccessible } from "../support/axe.js";
import { pick, uploadAndRead } from "../support/documents.js";
import { handbook, text } from "../support/files.js";
import { hydrated } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

/** One more than a page of the list shows. */
const MANY = 51;

const manyNotes = Array.from({ length: MANY }, (_, at) =>
  text(`note-${at}.txt`, `This is note number ${at}.`),
);

test("all that a filter finds is thrown away together, and comes back", async ({
  page,
}) => {
  test.slow();
  await signUp(page, ada());
  await hydrated(page);
  const filters = page.getByRole("search", { name: "Filter documents" });
  const found = page.getByText(`${MANY} of ${MANY + 1} documents`);
  const selection = page.getByRole("group", { name: "Selection" });
  const inView = page.getByRole("checkbox", { name: "Select all in view" });
  const matching = selection.getByRole("button", {
    name: `Select all ${MANY} that match`,
  });
  const throwAway = selection.getByRole("button", { name: "Move to trash" });
  const question = page.getByRole("dialog", {
    name: `Move ${MANY} documents to the trash?`,
  });

  await test.step("many files are sent once it was seen what they cost", async () => {
    await uploadAndRead(page, handbook, ["Onboarding handbook"]);
    await pick(page, manyNotes);
    await page
      .getByRole("dialog", { name: `Upload ${MANY} files?` })
      .getByRole("button", { name: "Upload them" })
      .click();
    await expect(
      page.getByRole("heading", { name: `${MANY} uploaded`, exact: true }),
    ).toBeVisible({ timeout: 60_000 });
    await page.getByRole("button", { name: "Clear", exact: true }).click();
  });

  await test.step("a filter says how many it finds, also on other pages", async () => {
    await filters.getByLabel("Type").selectOption("Text");
    await expect(page).toHaveURL(/type=text/);
    await filters.getByLabel("State").selectOption("Read");
    await expect(page).toHaveURL(/state=read/);
    // Once all are read the list stands still.
    await expect(found).toBeVisible({ timeout: 120_000 });
  });

  await test.step("all of a page are chosen, then all that match, until one is let go of", async () => {
    await inView.check();
    await expect(selection).toContainText(
      "50 documents selected, all on this page",
    );
    await matching.click();
    await expect(selection).toContainText(
      `${MANY} documents selected, on all pages`,
    );
    // A report names each of its documents.
    await expect(
      selection.getByRole("button", { name: "Make a report" }),
    ).toBeDisabled();
    await expectAccessible(page, "all that match");
    await page
      .getByRole("checkbox", { name: /^Select note-/ })
      .first()
      .uncheck();
    await expect(selection).toContainText("49 documents selected");
    await expect(matching).toHaveCount(0);
  });

  await test.step("it is asked first, and the answer may be no", async () => {
    await inView.check();
    await matching.click();
    await throwAway.click();
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(question).toBeHidden();
    await expect(selection).toContainText(`${MANY} documents selected`);
  });

  await test.step("they go together, and nothing else does", async () => {
    await throwAway.click();
    await question.getByRole("button", { name: "Move to trash" }).click();
    await expect(
      page.getByText(`${MANY} documents moved to the trash.`),
    ).toBeVisible();
    await expect(
      page.getByRole("heading", { name: "No document is like that" }),
    ).toBeVisible();
    await expect(page.getByText("0 of 1 document")).toBeVisible();
  });

  await test.step("they come back together", async () => {
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByText(`${MANY} documents restored.`)).toBeVisible();
    await expect(found).toBeVisible();
  });
});
