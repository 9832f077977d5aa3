import { expectAccessible } from "../support/axe.js";
import { hydrated, open } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

const KEYS = "/settings/keys";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

test("Ada makes a key for a program, sees it once, and revokes it", async ({
  page,
  request,
}) => {
  await signUp(page, ada());
  await open(page, KEYS);
  await expect(
    page.getByRole("heading", { name: "No keys yet" }),
  ).toBeVisible();

  const key = await test.step("it is shown in the answer", async () => {
    await page.getByLabel("Name", { exact: true }).fill("Nightly import");
    await page.getByRole("button", { name: "Make the key" }).click();
    await expect(
      page.getByText("The key “Nightly import” is made."),
    ).toBeVisible();
    await hydrated(page);
    await expectAccessible(page, "a key that was made");
    return await page.getByText(/^sheaf_[\w-]{87}$/).innerText();
  });

  await test.step("it is copied, and it is said where the browser refuses", async () => {
    const copy = page.getByRole("button", { name: "Copy the key" });
    await copy.click();
    await expect(page.getByText("The key is copied.")).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error("no"));
    });
    await copy.click();
    await expect(
      page.getByText("Your browser did not let Sheaf copy it."),
    ).toBeVisible();
  });

  // A program has no cookie.
  const upload = async () =>
    await request.post("/uploads", {
      headers: { authorization: `Bearer ${key}` },
      multipart: {
        file: {
          name: "notes.txt",
          mimeType: "text/plain",
          buffer: Buffer.from("What a program brings."),
        },
      },
    });

  await test.step("a program uploads with it", async () => {
    expect((await upload()).status()).toBe(202);
    await open(page, "/documents");
    await expect(page.getByText("notes.txt").first()).toBeVisible();
  });

  await test.step("it is not shown again, and is revoked", async () => {
    await open(page, KEYS);
    const row = page
      .getByRole("table", { name: "Keys" })
      .getByRole("row")
      .filter({ hasText: "Nightly import" });
    await expect(row).toContainText(key.slice(0, 18));
    await expect(page.getByText(key)).toHaveCount(0);
    await expectAccessible(page, "keys");
    await page.getByRole("button", { name: "Revoke Nightly import" }).click();
    await page
      .getByRole("dialog", { name: "Revoke “Nightly import”?" })
      .getByRole("button", { name: "Revoke", exact: true })
      .click();
    await expect(
      page.getByRole("heading", { name: "No keys yet" }),
    ).toBeVisible();
    expect((await upload()).status()).toBe(401);
  });
});
