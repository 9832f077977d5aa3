import type { Locator, Page } from "@playwright/test";

import { expectAccessible } from "../support/axe.js";
import { row, uploadAndRead } from "../support/documents.js";
import { notes } from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import {
  codeNow,
  operator,
  signInAsOperator,
  wrongCode,
} from "../support/operator.js";
import { expect, test } from "../support/story.js";
import { ada, signUp } from "../support/world.js";

// What is not there for Ada, what a suspended workspace and a visit refuse, and a wrong code.
test.use({
  allowedErrors: /the server responded with a status of (403|404|422)/,
});

// Two people go in and out of one workspace, and each server answer may be two seconds old.
test.setTimeout(240_000);

const NOTES = "meeting-notes.txt";
const UNPAID = "The invoice of June is not paid.";
const ASKED = "Ada asked why she does not find her notes.";

test("an operator suspends a workspace, restores it, and comes in as support", async ({
  page,
  browser,
  watch,
}) => {
  const bob = operator();
  // A name that no other story has: operators see all workspaces.
  const workspace = `Bindery ${process.pid}-${Date.now()}`;
  await signUp(page, { ...ada(), workspace });
  await hydrated(page);
  await uploadAndRead(page, notes, [NOTES]);
  const context = await browser.newContext();
  const his = await context.newPage();
  watch(his);

  await test.step("to Ada, and to whoever is not signed in, the door is not there", async () => {
    for (const someone of [page, his]) {
      const answer = await someone.goto("/operator");
      expect(answer?.status()).toBe(404);
      await expect(
        someone.getByRole("heading", { name: "There is nothing here" }),
      ).toBeVisible();
    }
  });

  await test.step("a wrong code is refused, the right one opens", async () => {
    await his.goto("/operator/sign-in");
    await expectAccessible(his, "operators' sign-in");
    await signInAsOperator(his, bob, wrongCode(bob.secret));
    await expect(his.getByText("do not belong together")).toBeVisible();
    await expect(his.getByLabel("E-mail")).toHaveValue(bob.email);
    await expect(his.getByLabel("Code")).toHaveValue("");
    await signInAsOperator(his, bob, codeNow(bob.secret));
    await expect(his).toHaveURL(/\/operator$/);
    await expect(
      his.getByRole("heading", { name: "Workspaces", level: 1 }),
    ).toBeVisible();
    await expectAccessible(his, "all workspaces");
  });

  await test.step("he looks for the workspace", async () => {
    const search = his.getByLabel("Search workspaces by name or id");
    await search.fill("no workspace has this name");
    await his.getByRole("button", { name: "Search" }).click();
    await expect(
      his.getByRole("heading", { name: "No workspace found" }),
    ).toBeVisible();
    await search.fill(workspace.toLowerCase());
    await his.getByRole("button", { name: "Search" }).click();
    const found = his.getByRole("table", { name: "Workspaces" });
    await expect(found.getByRole("row", { name: workspace })).toContainText(
      "Open",
    );
    await expect(found.getByRole("row")).toHaveCount(2);
    await found.getByRole("link", { name: workspace }).click();
    await expect(
      his.getByRole("heading", { name: workspace, level: 1 }),
    ).toBeVisible();
    await expect(his.getByText(NOTES)).toHaveCount(0);
    await expectAccessible(his, "a workspace");
  });
  const tenant = new URL(his.url()).pathname;

  await test.step("he suspends it, after he has confirmed that", async () => {
    await open(page, "/documents");
    await expect(row(page, NOTES)).toBeVisible();
    await his.getByLabel("Reason for suspending").fill(UNPAID);
    const suspend = his.getByRole("button", { name: "Suspend the workspace" });
    await suspend.click();
    await expect(his.locator("#field-confirm-error")).toHaveText(
      "Confirm that everybody is to be shut out.",
    );
    await expect(his.getByLabel("Reason for suspending")).toHaveValue(UNPAID);
    await his.getByLabel("Yes, shut everybody out").check();
    await suspend.click();
    await expect(
      his.getByRole("heading", { name: "Suspended", exact: true }),
    ).toBeVisible();
    await expect(his.getByText(UNPAID)).toBeVisible();
  });

  await test.step("Ada is told on the page that is open, and on every other", async () => {
    await expect(
      page.getByRole("heading", { name: "This workspace is suspended" }),
    ).toBeVisible();
    await hydrated(page);
    await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
    await expect(row(page, NOTES)).toHaveCount(0);
    for (const path of ["/documents", "/settings/account"]) {
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(403);
      await hydrated(page);
      await expect(
        page.getByRole("heading", { name: "This workspace is suspended" }),
      ).toBeVisible();
      await expect(page.getByText(UNPAID)).toHaveCount(0);
    }
  });

  await test.step("he restores it, and everything is as it was", async () => {
    await his.getByRole("button", { name: "Restore the workspace" }).click();
    await expect(
      his.getByRole("button", { name: "Suspend the workspace" }),
    ).toBeVisible();
    await reopenUntil(page, row(page, NOTES));
  });

  await test.step("he enters with a reason, sees what is there, and changes nothing", async () => {
    const enter = his.getByRole("button", { name: "Enter as support" });
    await his.getByLabel("Reason for entering").fill("help");
    await enter.click();
    await expect(
      his.getByText("Give a reason of at least 10 characters.").first(),
    ).toBeVisible();
    await his.getByLabel("Reason for entering").fill(ASKED);
    await enter.click();
    await expect(his).toHaveURL(/\/documents$/);
    await hydrated(his);
    await expect(
      his.getByText("You are in this workspace as support until"),
    ).toBeVisible();
    await expect(row(his, NOTES)).toBeVisible();
    await expect(uploadButton(his)).toHaveCount(0);
    await expect(his.getByRole("checkbox")).toHaveCount(0);
    expect(await trash(his)).toBe(403);
    await expectAccessible(his, "documents, as support");
  });

  await test.step("Ada sees that he is there, and why", async () => {
    await reopenUntil(
      page,
      page.getByText("Sheaf support (Bob) is in this workspace until"),
    );
    await expect(page.getByText(ASKED)).toBeVisible();
    await expectAccessible(page, "documents, with support in the workspace");
  });

  await test.step("she lets him change things, and takes that back", async () => {
    await page
      .getByRole("button", { name: "Let support change things" })
      .click();
    await expect(page.getByText("lets them change things")).toBeVisible();
    await reopenUntil(his, uploadButton(his));
    await page.getByRole("button", { name: "Withdraw consent" }).click();
    await expect(page.getByText("They may look")).toBeVisible();
    await reopenUntil(his, his.getByText("You may look, and change nothing"));
    await expect(uploadButton(his)).toHaveCount(0);
  });

  await test.step("he leaves, and is out", async () => {
    await his.getByRole("button", { name: "Leave", exact: true }).click();
    await expect(his).toHaveURL(tenant);
    // On the page that is open, without another one.
    await expect(page.getByText("Sheaf support (Bob)")).toHaveCount(0);
    await his.goto("/documents");
    await expect(his).toHaveURL(/\/sign-in\?next=/);
    await expect(async () => {
      await open(page, "/documents");
      await expect(row(page, NOTES)).toBeVisible({ timeout: 500 });
      await expect(page.getByText("Sheaf support (Bob)")).toHaveCount(0, {
        timeout: 500,
      });
    }).toPass();
  });

  await test.step("all of it stands in the workspace's audit log", async () => {
    await open(page, "/settings/audit");
    const log = page.getByRole("table", { name: "Audit log" });
    const entry = (what: string) =>
      log.getByRole("row", { name: new RegExp(`^${what}`) });
    await expect(entry("Suspended the workspace")).toContainText(UNPAID);
    await expect(entry("Restored the workspace")).toContainText("Bob");
    await expect(entry("Entered for support")).toContainText(ASKED);
    await expect(entry("Let support change things")).toContainText("Bob");
    await expect(entry("Let support only look again")).toContainText("Bob");
    await expect(entry("Left after support")).toContainText("Bob");
  });

  await test.step("he looks at what is earned", async () => {
    await his.goto("/operator/revenue");
    await expect(
      his.getByRole("heading", { name: "Revenue", level: 1 }),
    ).toBeVisible();
    await expectAccessible(his, "revenue");
    await his.goto("/operator/revenue/workspaces");
    await expect(
      his.getByRole("heading", { name: /^Workspaces, /, level: 1 }),
    ).toBeVisible();
    await expectAccessible(his, "revenue by workspace");
  });

  await test.step("he looks at how Sheaf does, and for a request that failed", async () => {
    const told = his.getByText("Requests and errors as a table");
    // What a process counts is told once a minute.
    await expect(async () => {
      await his.goto("/operator/health");
      await expect(told).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 90_000 });
    await told.click();
    await expect(
      his.getByRole("table", { name: "Requests and errors by time" }),
    ).toBeVisible();
    await expectAccessible(his, "health");
    await his.goto("/operator/slow?show=failed");
    const reference = his.getByLabel("Reference");
    await reference.fill("no reference");
    await his.getByRole("button", { name: "Look it up" }).click();
    await expect(his.getByText("A reference has 32 characters")).toBeVisible();
    await expect(reference).toHaveValue("no reference");
    await expectAccessible(his, "slow and failed requests");
    await reference.fill(` ${"AB".repeat(16)} `);
    await his.getByRole("button", { name: "Look it up" }).click();
    await expect(
      his.getByRole("heading", { name: "It was not kept" }),
    ).toBeVisible();
    await expectAccessible(his, "a reference that was not kept");
    await his.getByRole("link", { name: "All", exact: true }).click();
    await expectAccessible(his, "all slow and failed requests");
    const kept = his
      .getByRole("table", { name: "Slow and failed requests" })
      .getByRole("link", { name: /^(GET|POST) / });
    // Whether anything was slow follows from the machine.
    if ((await kept.count()) > 0) {
      await kept.first().click();
      await expect(his.locator(".waterfall")).toBeVisible();
      await expectAccessible(his, "what a request waited for");
    }
  });

  await test.step("signed out, he finds no door any more", async () => {
    await his.goto("/operator");
    await his.getByRole("button", { name: "Sign out" }).click();
    await expect(his).toHaveURL(/\/operator\/sign-in$/);
    const answer = await his.goto(tenant);
    expect(answer?.status()).toBe(404);
  });

  await context.close();
});

const uploadButton = (page: Page): Locator =>
  page.getByRole("button", { name: "Upload", exact: true });

/** The answer to whoever asks the server to change something, past what the page offers. */
const trash = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const answer = await fetch("/api/documents/trash", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "",
    });
    return answer.status;
  });

/** Opens the documents until they show it: a server hears of such a change within two seconds. */
async function reopenUntil(page: Page, shown: Locator): Promise<void> {
  await expect(async () => {
    await open(page, "/documents");
    await expect(shown).toBeVisible({ timeout: 1_000 });
  }).toPass();
}
