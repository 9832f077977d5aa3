import type { Page } from "@playwright/test";

import { hydrated, open } from "../support/hydrated.js";
import { invite, join } from "../support/invite.js";
import { followMail, receiveMail } from "../support/mailbox.js";
import { expect, test } from "../support/story.js";
import { ada, bob, eve, signIn, signUp } from "../support/world.js";

// What the page of somebody who was just removed hears, and that of whoever invites the same person twice.
test.use({ allowedErrors: /the server responded with a status of (401|422)/ });

test("Ada invites Bob, gives him a role, and takes him out again", async ({
  page,
  browser,
  watch,
}) => {
  const someone = bob();
  await signUp(page, ada());
  await open(page, "/settings/members");

  await test.step("she invites him as a viewer", async () => {
    await invite(page, someone.email, "Viewer");
    await expect(page.getByRole("list", { name: "Invitations" })).toContainText(
      someone.email,
    );
    await page.getByLabel("E-mail").fill(someone.email);
    await page.getByRole("button", { name: "Send the invitation" }).click();
    await expect(
      page.getByText("This address is invited already").first(),
    ).toBeVisible();
  });

  const context = await browser.newContext();
  const his = await context.newPage();
  watch(his);

  await test.step("he joins by the link of the mail", async () => {
    await join(his, someone);
    await expect(
      his.getByRole("button", { name: "Acme", exact: true }),
    ).toBeVisible();
  });

  await test.step("as a viewer he sees who is here, and is offered no more", async () => {
    await open(his, "/settings/members");
    await expect(person(his, "Ada")).toContainText("Owner");
    await expect(person(his, "Bob")).toContainText("Viewer");
    await expect(
      his.getByRole("button", { name: "Send the invitation" }),
    ).toHaveCount(0);
  });

  await test.step("she makes him a member", async () => {
    await expect(person(page, "Bob")).toBeVisible();
    await page.getByLabel("Role of Bob").selectOption("member");
    // Whoever comes back to the page has it ask again, and finds what they have chosen.
    const asked = page.waitForResponse("**/api/members/list");
    await page.evaluate(() =>
      document.dispatchEvent(new Event("visibilitychange")),
    );
    await (await asked).finished();
    await expect(page.getByLabel("Role of Bob")).toHaveValue("member");
    await page.getByRole("button", { name: "Save the role of Bob" }).click();
    await expect(async () => {
      await open(his, "/settings/members");
      await expect(person(his, "Bob")).toContainText("Member", {
        timeout: 500,
      });
    }).toPass();
  });

  await test.step("Eve sees nobody of them", async () => {
    const elsewhere = await browser.newContext();
    const hers = await elsewhere.newPage();
    watch(hers);
    await signUp(hers, eve());
    await open(hers, "/settings/members");
    await expect(person(hers, "Eve")).toBeVisible();
    await expect(person(hers, "Ada")).toHaveCount(0);
    await expect(hers.getByText(someone.email)).toHaveCount(0);
    await elsewhere.close();
  });

  await test.step("her question stays while the page hears of a change, and the page follows after it", async () => {
    const question = page.getByRole("dialog", { name: "Remove Bob?" });
    await page.getByRole("button", { name: "Remove Bob" }).click();
    await expect(question).toBeVisible();
    const beside = await page.context().newPage();
    watch(beside);
    await open(beside, "/settings/members");
    const heard = page.evaluate(hearOfAChange);
    const invited = eve();
    await invite(beside, invited.email, "Viewer");
    await heard;
    await expect(question).toBeVisible();
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("list", { name: "Invitations" })).toContainText(
      invited.email,
    );
    await beside.close();
  });

  await test.step("she takes him out, and he is out", async () => {
    await page.getByRole("button", { name: "Remove Bob" }).click();
    await page
      .getByRole("dialog", { name: "Remove Bob?" })
      .getByRole("button", { name: "Remove", exact: true })
      .click();
    await expect(person(page, "Bob")).toHaveCount(0);
    await expect(async () => {
      await his.goto("/documents");
      await expect(his).toHaveURL(/\/sign-in/, { timeout: 500 });
    }).toPass();
  });

  await test.step("he signs in, and finds a workspace of his own", async () => {
    // The page that he was on may have led him there first, and would have him back.
    await his.goto("/sign-in");
    await signIn(his, someone);
    await expect(
      his.getByRole("button", { name: "Bob's workspace" }),
    ).toBeVisible();
    await expect(
      his.getByRole("heading", { name: "No documents yet" }),
    ).toBeVisible();
  });

  await test.step("a mail has told him why", async () => {
    await receiveMail(his, someone, "You are not in Acme on Sheaf any more");
    await expect(
      his.getByText("Ada has removed you from “Acme”."),
    ).toBeVisible();
  });

  await context.close();
});

test("Bob is in two workspaces and goes from one to the other", async ({
  page,
  browser,
  watch,
}) => {
  const someone = { ...bob(), workspace: "Initech" };
  await signUp(page, ada());
  await open(page, "/settings/members");
  const context = await browser.newContext();
  const his = await context.newPage();
  watch(his);
  await signUp(his, someone);
  await invite(page, someone.email, "Admin");

  await followMail(
    his,
    someone,
    "Ada invites you to Acme on Sheaf",
    /\/invite\?token=/,
  );
  await his.getByRole("button", { name: "Join Acme" }).click();
  await expect(his).toHaveURL(/\/documents$/);
  await hydrated(his);
  await his.getByRole("button", { name: "Acme", exact: true }).click();
  await his.getByRole("button", { name: "Initech", exact: true }).click();
  await hydrated(his);
  await expect(
    his.getByRole("button", { name: "Initech", exact: true }),
  ).toBeVisible();
  await his.getByRole("button", { name: "Initech", exact: true }).click();
  await his.getByRole("button", { name: "Acme", exact: true }).click();
  await hydrated(his);
  await expect(
    his.getByRole("button", { name: "Acme", exact: true }),
  ).toBeVisible();

  await open(his, "/settings/members");
  await his.getByRole("button", { name: "Leave the workspace" }).click();
  await his
    .getByRole("dialog", { name: "Leave Acme?" })
    .getByRole("button", { name: "Leave the workspace" })
    .click();
  await expect(
    his.getByRole("button", { name: "Initech", exact: true }),
  ).toBeVisible();
  await expect(person(page, "Bob")).toHaveCount(0);
  await context.close();
});

/** The row of somebody in the table of members. */
const person = (page: Page, name: string) =>
  page
    .getByRole("table", { name: "Members" })
    .getByRole("row", { name: new RegExp(`^${name}`) });

/** In the page: waits for a change, and for longer than the page gathers what changes. By then it would be made anew. */
function hearOfAChange(): Promise<void> {
  const stream = new EventSource("/events");
  return new Promise((resolve) => {
    stream.addEventListener("change", () => {
      stream.close();
      setTimeout(resolve, 1_500);
    });
  });
}
