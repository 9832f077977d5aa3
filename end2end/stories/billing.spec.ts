import type { Page } from "@playwright/test";

import { expectAccessible } from "../support/axe.js";
import { becomesRead, pick, row, uploadAndRead } from "../support/documents.js";
import { lease, LEASE_TITLE, text } from "../support/files.js";
import { hydrated, open } from "../support/hydrated.js";
import { invite, join } from "../support/invite.js";
import { expect, test } from "../support/story.js";
import {
  buy,
  changeCard,
  endTrial,
  FAILING_CARD,
  GOOD_CARD,
  payBill,
} from "../support/payment.js";
import { ada, bob, signUp } from "../support/world.js";

// The answers to what is not open to somebody, and to what has to be paid first.
test.use({ allowedErrors: /the server responded with a status of (402|403)/ });

const BILLING = "/settings/billing";

test("a trial becomes a paid plan, grows at the price that was shown, is cancelled, and goes on after all", async ({
  page,
}) => {
  await signUp(page, ada());

  await test.step("the trial is told, and what comes after it", async () => {
    await open(page, BILLING);
    await expect(page.getByText("Trial", { exact: true })).toBeVisible();
    await expect(page.getByText("No card is known")).toBeVisible();
    await expect(page.getByText("0 of 5,000 page credits used")).toBeVisible();
    await expectAccessible(page, "billing, during the trial");
  });

  await test.step("a plan is bought, and its bill is paid", async () => {
    await page.getByRole("link", { name: "Choose a plan" }).click();
    await page.getByRole("link", { name: "Choose Business" }).click();
    await expect(page.getByText("€199.00 a month, before tax")).toBeVisible();
    await buy(page, "Business");
    await expect(page.getByText("Active", { exact: true })).toBeVisible();
    await expect(page.getByText("€199.00, before tax")).toBeVisible();
    await expect(page.getByText("Visa that ends in 4242")).toBeVisible();
    expect(await newestBill(page)).toContain("€199.00");
    await expectAccessible(page, "billing, after the checkout");
  });

  let due = "";
  await test.step("a larger plan is priced to the cent before anybody says yes", async () => {
    await page.getByRole("link", { name: "Change the plan" }).click();
    await page.getByRole("link", { name: "Change to Enterprise" }).click();
    const lines = page.getByRole("table", {
      name: "What is billed for the change",
    });
    await expect(lines.getByRole("row")).toHaveCount(4);
    due = money(await lines.getByRole("row", { name: "Due now" }).innerText());
    // Nearly the whole month is left.
    expect(cents(due)).toBeGreaterThan(79_000);
    expect(cents(due)).toBeLessThanOrEqual(79_100);
    await expect(
      page.getByText("From then on €990.00 a month, before tax."),
    ).toBeVisible();
    await expectAccessible(page, "the price of a change");
  });

  await test.step("what is billed is what was shown", async () => {
    await page.getByRole("button", { name: "Change to Enterprise" }).click();
    await expect(
      page.getByText("The change of the plan is made."),
    ).toBeVisible();
    await expect(page.getByText("€990.00, before tax")).toBeVisible();
    await expect(page.getByText("of 200,000 page credits used")).toBeVisible();
    expect(await newestBill(page)).toContain(due);
  });

  await test.step("a smaller plan begins with the next month, and that can be taken back", async () => {
    await page.getByRole("link", { name: "Change the plan" }).click();
    await page.getByRole("link", { name: "Change to Business" }).click();
    await expect(page.getByText("nothing is paid now")).toBeVisible();
    await page.getByRole("button", { name: "Change to Business" }).click();
    await expect(page.getByText("It becomes Business on")).toBeVisible();
    await expect(page.getByText("€990.00, before tax")).toBeVisible();
    await page.getByRole("button", { name: "Undo the change" }).click();
    await expect(page.getByText("The plan goes on as it is.")).toBeVisible();
    await expect(page.getByText("It becomes Business on")).toHaveCount(0);
  });

  await test.step("the plan is cancelled with the month, and the cancellation is taken back", async () => {
    await hydrated(page);
    const question = page.getByRole("dialog", { name: "Cancel Enterprise?" });
    await page.getByRole("button", { name: "Cancel the plan" }).click();
    await expect(question.getByText("Nothing is deleted.")).toBeVisible();
    await question
      .getByRole("button", { name: "Cancel at the end of the month" })
      .click();
    await expect(page.getByText("The plan is cancelled")).toBeVisible();
    await expect(page.getByText("Cancelled", { exact: true })).toBeVisible();
    await expect(page.getByText("€990.00, before tax")).toBeVisible();
    await page.getByRole("button", { name: "Undo the cancellation" }).click();
    await expect(page.getByText("The plan goes on as it is.")).toBeVisible();
    await expect(page.getByText("Active", { exact: true })).toBeVisible();
  });
});

test("what does not fit into the month waits, and is read when the owner raises the cap", async ({
  page,
}) => {
  // Five thousand pages are read in it.
  test.slow();
  const person = ada();
  await signUp(page, person);

  await test.step("whoever keeps what is tried pays when the trial is over", async () => {
    await buy(page, "Team");
    await expect(page.getByText("Trial", { exact: true })).toBeVisible();
    await endTrial(page, person);
    await becomes(page, "Active");
    await open(page, "/documents");
  });

  await test.step("the month is used up but for two page credits", async () => {
    for (const [name, credits] of [
      ["first.txt", 1_600],
      ["second.txt", 1_600],
      ["third.txt", 1_600],
      ["fourth.txt", 198],
    ] as const)
      await uploadAndRead(page, letters(name, credits), [name]);
    await open(page, BILLING);
    await expect(
      page.getByText("4,998 of 5,000 page credits used"),
    ).toBeVisible();
  });

  await test.step("a document of four pages waits, and says for what", async () => {
    await open(page, "/documents");
    await pick(page, lease);
    await expect(
      row(page, /lease-agreement|Lease agreement/).getByText(
        "Waiting for credits",
        { exact: true },
      ),
    ).toBeVisible({ timeout: 60_000 });
  });

  await test.step("what surely does not fit is not taken, with the limit and the way up in words", async () => {
    await pick(page, letters("fifth.txt", 100));
    await expect(page.getByText(/page credits/i).first()).toBeVisible();
    await expect(row(page, "fifth.txt")).toHaveCount(0);
  });

  await test.step("the owner raises the cap, and it is read", async () => {
    await open(page, BILLING);
    await page.getByLabel("Page credits a month beyond the plan").fill("1,000");
    await page.getByRole("button", { name: "Save the cap" }).click();
    await expect(page.getByText("The cap is saved.")).toBeVisible();
    await expect(
      page.getByText("The cap is 1,000 page credits: at most €12.00"),
    ).toBeVisible();
    await open(page, "/documents");
    await becomesRead(page, LEASE_TITLE);
  });

  await test.step("the usage adds up, line by line", async () => {
    await open(page, "/settings/usage");
    await expect(page.getByText("5,002 page credits in all")).toBeAttached();
    const lines = page.getByRole("table", { name: "Ledger" });
    await expect(lines.getByText("Billed").first()).toBeVisible();
    await expect(lines.getByText("−1,600").first()).toBeVisible();
    await expectAccessible(page, "usage");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download as CSV" }).click();
    expect((await download).suggestedFilename()).toMatch(/\.csv$/);
  });
});

test("documents are read again, many of them at a price that was shown before", async ({
  page,
}) => {
  await signUp(page, ada());
  const names = Array.from({ length: 10 }, (_, n) => `letter-${n}.txt`);
  const used = async (credits: number) =>
    await becomesVisible(page, `${credits} of 5,000 page credits used`);

  await test.step("one is read again at once", async () => {
    await hydrated(page);
    // Of more at once, the upload would ask.
    for (const some of [names.slice(0, 5), names.slice(5)])
      await uploadAndRead(
        page,
        some.map((name) => text(name, `This is ${name}.`)),
        some,
      );
    await page.getByRole("checkbox", { name: "Select letter-0.txt" }).check();
    await page.getByRole("button", { name: "Read again", exact: true }).click();
    await expect(page.getByText("1 document is read again.")).toBeVisible();
    await used(11);
  });

  await test.step("ten are read again once their price was seen", async () => {
    await open(page, "/documents");
    await page.getByRole("checkbox", { name: "Select all in view" }).check();
    await page.getByRole("button", { name: "Read again", exact: true }).click();
    const question = page.getByRole("dialog", {
      name: "Read 10 documents again?",
    });
    await expect(
      question.getByText(
        "10 documents are read again, for 10 page credits or more.",
      ),
    ).toBeVisible();
    await expect(
      question.getByText("Afterwards 4,979 page credits remain in this month."),
    ).toBeVisible();
    await expectAccessible(page, "the price of reading again");
    await question.getByRole("button", { name: "Read them again" }).click();
    await expect(page.getByText("10 documents are read again.")).toBeVisible();
    await used(21);
  });

  await test.step("all are read again from the settings of the workspace", async () => {
    await open(page, "/settings/workspace");
    await page.getByRole("link", { name: "Read all documents again" }).click();
    await expect(
      page.getByText(
        "10 documents are read again, for 10 page credits or more.",
      ),
    ).toBeVisible();
    await expectAccessible(page, "the price of reading all again");
    await page.getByRole("button", { name: "Read all again" }).click();
    await expect(
      page.getByText("10 documents are read again, one after another."),
    ).toBeVisible();
    await used(31);
  });
});

test("a card fails, everybody is told, and all is well within seconds of the payment", async ({
  page,
}) => {
  const person = ada();
  await signUp(page, person);

  await test.step("the trial ends, and the card does not pay", async () => {
    await buy(page, "Team", FAILING_CARD);
    await endTrial(page, person);
    await becomes(page, "Payment is missing");
    await expectAccessible(page, "billing, while a payment is missing");
  });

  await test.step("every page says so, and goes on working", async () => {
    await open(page, "/documents");
    await expect(page.getByText("A payment has failed")).toBeVisible();
    await expect(page.getByRole("button", { name: "Pay now" })).toBeVisible();
    await uploadAndRead(page, text("letter.txt", "It is on its way."), [
      "letter.txt",
    ]);
    await expectAccessible(page, "documents, while a payment is missing");
  });

  await test.step("with another card the bill is paid, and the banner goes", async () => {
    await changeCard(page, GOOD_CARD);
    await payBill(page);
    await becomes(page, "Active");
    await open(page, "/documents");
    await expect(page.getByText("A payment has failed")).toHaveCount(0);
  });
});

test("whoever is no admin sees no billing page, and an admin looks and does not pay", async ({
  page,
  browser,
  watch,
}) => {
  const owner = ada();
  await signUp(page, owner);
  for (const role of ["Viewer", "Member"] as const) {
    const person = bob();
    await invite(page, person.email, role);
    const context = await browser.newContext();
    const his = await context.newPage();
    watch(his);
    await join(his, person);
    await open(his, "/settings/account");
    for (const tab of ["Billing", "Usage"])
      await expect(his.getByRole("link", { name: tab })).toHaveCount(0);
    for (const path of [BILLING, `${BILLING}/plan`, "/settings/usage"]) {
      const answer = await his.goto(path);
      expect(answer?.status(), path).toBe(403);
      await hydrated(his);
      await expect(
        his.getByRole("heading", { name: "This is not open to you" }),
      ).toBeVisible();
    }
    const table = await his.request.get("/settings/usage.csv");
    expect(table.status()).toBe(403);
    await context.close();
  }

  const admin = bob();
  await invite(page, admin.email, "Admin");
  const context = await browser.newContext();
  const hers = await context.newPage();
  watch(hers);
  await join(hers, admin);
  await open(hers, BILLING);
  await expect(hers.getByText("Trial", { exact: true })).toBeVisible();
  for (const act of ["Choose a plan", "Cancel the plan", "Save the cap"]) {
    await expect(hers.getByRole("link", { name: act })).toHaveCount(0);
    await expect(hers.getByRole("button", { name: act })).toHaveCount(0);
  }
  await open(hers, `${BILLING}/plan?to=team`);
  await expect(
    hers.getByRole("link", { name: /^(Keep|Choose|Change to) / }),
  ).toHaveCount(0);
  await context.close();
});

test("a way back from the payment that is nobody's leads nowhere", async ({
  page,
}) => {
  await signUp(page, ada());
  for (const forged of ["cs_test_1", "cs_nobody", "../../v1/customers", ""]) {
    const answer = await page.request.get(
      `${BILLING}/return?session=${encodeURIComponent(forged)}`,
    );
    expect([404, 422], forged).toContain(answer.status());
  }
  await open(page, BILLING);
  await expect(page.getByText("Trial", { exact: true })).toBeVisible();
});

/** Waits until the page of the plan says so. */
async function becomes(page: Page, state: string): Promise<void> {
  await expect(async () => {
    await open(page, BILLING);
    await expect(page.getByText(state, { exact: true })).toBeVisible({
      timeout: 500,
    });
  }).toPass();
}

/** The same of a part of a text. */
async function becomesVisible(page: Page, part: string): Promise<void> {
  await expect(async () => {
    await open(page, BILLING);
    await expect(page.getByText(part)).toBeVisible({ timeout: 500 });
  }).toPass();
}

/** A file of its own of which so many page credits are used: 3,000 characters each, and the last one in part. */
function letters(name: string, credits: number) {
  const words = "A sheaf holds. ";
  const first = `${name} `.padEnd(words.length);
  return text(name, first + words.repeat(credits * 200 - 2));
}

/** The first line of the bills, which is the newest. */
async function newestBill(page: Page): Promise<string> {
  const bills = page.getByRole("table", { name: "Invoices" });
  const newest = bills.getByRole("row").nth(1);
  await expect(newest.getByText("Paid", { exact: true })).toBeVisible();
  return await newest.innerText();
}

const money = (line: string) => /[−]?€[\d,]+\.\d\d/.exec(line)?.[0] ?? line;

const cents = (amount: string) => Number(amount.replace(/[^\d]/g, ""));
