import { hydrated } from "../support/hydrated.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

test.use({ allowedErrors: /Failed to (fetch|load resource)|ERR_FAILED/ });

test("a page loads the code of its part, and where that does not come the page comes whole", async ({
  page,
}) => {
  const parts = new Set<string>();
  page.on("request", (request) => {
    const part = /\/pkg\/split_(\w+)\./.exec(request.url())?.[1];
    if (part) parts.add(part);
  });
  await signUp(page, ada());
  await hydrated(page);
  expect([...parts]).toEqual(["work"]);

  const settings = page
    .getByRole("navigation")
    .getByRole("link", { name: "Settings" });

  await test.step("the other comes with the way there", async () => {
    await page.evaluate(() => {
      document.body.dataset.opened = "once";
    });
    await settings.click();
    await expect(
      page.getByRole("heading", { level: 1, name: "Settings" }),
    ).toBeVisible();
    expect([...parts]).toEqual(["work", "settings"]);
    await expect(page.locator("body")).toHaveAttribute("data-opened", "once");
  });

  await test.step("as after a newer version was installed, it is not there", async () => {
    await page.goto("/documents");
    await hydrated(page);
    await page.evaluate(() => {
      document.body.dataset.opened = "once";
    });
    // The route stays: a request that comes while one is taken away may wait for ever.
    let asked = 0;
    await page.route("**/pkg/split_settings.*", (route) =>
      asked++ === 0 ? route.abort() : route.continue(),
    );
    await settings.click();
    await expect(
      page.getByRole("heading", { level: 1, name: "Settings" }),
    ).toBeVisible();
    await hydrated(page);
    await expect(page.locator("body")).not.toHaveAttribute("data-opened");
    expect(asked).toBeGreaterThan(1);
  });
});
