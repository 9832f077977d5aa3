import { hydrated, open } from "../support/hydrated.js";
import { followMail } from "../support/mailbox.js";
import { expect, test } from "../support/story.js";
import { ada, eve, signUp } from "../support/world.js";

// The answers to what is typed wrong.
test.use({ allowedErrors: /the server responded with a status of 422/ });

test("an owner changes the workspace, has it deleted, and keeps it after all", async ({
  page,
  browser,
  watch,
}) => {
  const context = await browser.newContext();
  const hers = await context.newPage();
  watch(hers);
  await signUp(hers, eve());
  await open(hers, "/settings/workspace");
  const taken = await hers.getByLabel("Address").inputValue();
  await context.close();

  const person = ada();
  await signUp(page, person);
  await open(page, "/settings/workspace");
  const banner = page.getByText("This workspace will be deleted");

  await test.step("an address that is reserved or taken is refused where it stands", async () => {
    await page.getByLabel("Name", { exact: true }).fill("Acme Bindery");
    for (const [address, said] of [
      ["admin", "is kept for Sheaf itself"],
      [taken, "is taken"],
    ] as const) {
      await page.getByLabel("Address").fill(address);
      await page.getByRole("button", { name: "Save" }).click();
      await expect(page.getByText(said).first()).toBeVisible();
      await expect(page.getByRole("alert")).toBeFocused();
      await expect(page.getByLabel("Address")).toHaveAttribute(
        "aria-invalid",
        "true",
      );
      await expect(page.getByLabel("Name", { exact: true })).toHaveValue(
        "Acme Bindery",
      );
    }
  });

  await test.step("the rest is saved, and the name stands on every page", async () => {
    await page
      .getByLabel("Address")
      .fill(`bindery-${process.pid}-${Date.now() % 1_000_000}`);
    await page.getByLabel("Time zone").selectOption("Europe/Berlin");
    await page.getByLabel("Days in the trash").fill("7");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The settings are saved.")).toBeVisible();
    await expect(async () => {
      await open(page, "/documents/trash");
      await expect(page.getByText("Acme Bindery").first()).toBeVisible({
        timeout: 500,
      });
      await expect(page.getByText("for 7 days")).toBeVisible({ timeout: 500 });
    }).toPass();
  });

  await test.step("what is typed and chosen before scripts arrive stays when they do", async () => {
    // In a window of its own, as what holds requests up may hold up what comes later too.
    const storageState = await page.context().storageState();
    const slow = await browser.newContext({ storageState });
    const late = await slow.newPage();
    watch(late);
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    await late.route("**/*.wasm", async (route) => {
      await arrived;
      await route.continue();
    });
    await late.goto("/settings/workspace", { waitUntil: "domcontentloaded" });
    await late.getByLabel("Days in the trash").fill("9");
    await late.getByLabel("Time zone").selectOption("Europe/Paris");
    await expect(late.locator("html")).not.toHaveAttribute("data-hydrated");
    arrive();
    await hydrated(late);
    await expect(late.getByLabel("Days in the trash")).toHaveValue("9");
    await expect(late.getByLabel("Time zone")).toHaveValue("Europe/Paris");
    await slow.close();
  });

  await test.step("the deletion wants the name, and the right one", async () => {
    await open(page, "/settings/workspace");
    await page.getByLabel("Name of the workspace").fill("Globex");
    await page.getByRole("button", { name: "Delete the workspace" }).click();
    await expect(
      page.getByText("This is not the name of the workspace").first(),
    ).toBeVisible();
    await expect(banner).toHaveCount(0);
    await page.getByLabel("Name of the workspace").fill("Acme Bindery");
    await page.getByRole("button", { name: "Delete the workspace" }).click();
    await expect(page.getByText("The deletion is asked for")).toBeVisible();
  });

  await test.step("every page tells it, a mail too, and the owner keeps the workspace", async () => {
    await expect(async () => {
      await open(page, "/documents");
      await expect(banner).toBeVisible({ timeout: 500 });
    }).toPass();
    const subject = /Acme Bindery will be deleted on/;
    await followMail(page, person, subject, /\/settings\/workspace/);
    await hydrated(page);
    await expect(banner).toBeVisible();
    await page.getByRole("button", { name: "Keep the workspace" }).click();
    await expect(page.getByText("The workspace is kept.")).toBeVisible();
    await expect(async () => {
      await open(page, "/documents");
      await expect(banner).toHaveCount(0, { timeout: 500 });
    }).toPass();
  });
});
