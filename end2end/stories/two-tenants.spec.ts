import { openDocument, uploadAndRead } from "../support/documents.js";
import { lease, LEASE_TITLE } from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, eve, signUp } from "../support/world.js";

test.use({ allowedErrors: /the server responded with a status of 404/ });

test("Eve of Globex sees nothing of what is Acme's", async ({
  page,
  browser,
  watch,
}) => {
  await signUp(page, ada());
  await hydrated(page);
  await uploadAndRead(page, lease, [LEASE_TITLE]);
  await openDocument(page, LEASE_TITLE);
  const document = new URL(page.url()).pathname;
  await open(page, "/reports/new?q=lease");
  await page.getByLabel("Title").fill("Only for Acme");
  await page.getByRole("button", { name: "Make the report" }).click();
  await expect(page.getByRole("link", { name: "Download PDF" })).toBeVisible({
    timeout: 60_000,
  });
  const report = new URL(page.url()).pathname;

  const context = await browser.newContext();
  const hers = await context.newPage();
  watch(hers);
  await signUp(hers, eve());
  await hydrated(hers);

  await test.step("her lists are empty, and her search finds nothing", async () => {
    await expect(
      hers.getByRole("heading", { name: "No documents yet" }),
    ).toBeVisible();
    await open(hers, "/search?q=lease");
    await expect(
      hers.getByRole("heading", { name: "Nothing found" }),
    ).toBeVisible();
    await open(hers, "/reports");
    await expect(
      hers.getByRole("heading", { name: "No reports yet" }),
    ).toBeVisible();
  });

  await test.step("to her, the addresses of Acme lead nowhere", async () => {
    for (const path of [
      document,
      `${document}?page=2&q=lease`,
      `${document}/text`,
      `${document}/facts`,
      report,
    ]) {
      const answer = await hers.goto(path);
      expect(answer?.status(), path).toBe(404);
      await expect(
        hers.getByRole("heading", { name: "There is nothing here" }),
      ).toBeVisible();
      await hydrated(hers);
      await expect(hers.getByText(LEASE_TITLE)).toHaveCount(0);
      await expect(hers.getByText("Only for Acme")).toHaveCount(0);
    }
    for (const file of [
      `${document}/original`,
      `${document}/text.txt`,
      `${document}/pages/1.png`,
      `${document}/pages/1/thumbnail.png`,
      `${report}/report.pdf`,
    ]) {
      expect((await hers.request.get(file)).status(), file).toBe(404);
      expect((await page.request.get(file)).status(), file).toBe(200);
    }
  });

  await test.step("and her report of Acme's document says nothing of it", async () => {
    const id = document.split("/").at(-1);
    await open(hers, `/reports/new?documents=${id}`);
    await expect(hers.getByText("not there any more")).toBeVisible();
    await expect(hers.getByText(LEASE_TITLE)).toHaveCount(0);
  });

  await context.close();
});
