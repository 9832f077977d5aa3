import { expect, type Page } from "@playwright/test";

import { hydrated, open } from "./hydrated.js";
import type { Person } from "./world.js";

/** Pays. */
export const GOOD_CARD = "4242 4242 4242 4242";

/** Can be kept, and does not pay. */
export const FAILING_CARD = "4000 0000 0000 0341";

/** Buys a plan for the workspace of whoever is signed in, and stands at the page of the plan again. */
export async function buy(
  page: Page,
  plan: "Team" | "Business",
  card = GOOD_CARD,
): Promise<void> {
  await open(page, `/settings/billing/plan?to=${plan.toLowerCase()}`);
  await page.getByRole("button", { name: "Go to payment" }).click();
  await expect(page.getByText("Test mode: no real money moves")).toBeVisible();
  await page.getByLabel("Card number").fill(card);
  await page.getByRole("button", { name: /^(Subscribe|Start trial)$/ }).click();
  await expect(page).toHaveURL(/\/settings\/billing(\?|$)/);
  await hydrated(page);
}

/** Goes to where the payment service keeps the card, puts another one there, and comes back. */
export async function changeCard(page: Page, card: string): Promise<void> {
  await openPortal(page);
  await page.getByLabel("Card number").fill(card);
  await page.getByRole("button", { name: "Save card" }).click();
  await expect(page.getByText(`•••• ${card.slice(-4)}`)).toBeVisible();
  await page.getByRole("link", { name: "Return to Sheaf" }).click();
  await hydrated(page);
}

/** Pays the bill that is open, with the card that is kept. */
export async function payBill(page: Page): Promise<void> {
  await openPortal(page);
  await page
    .getByRole("row", { name: /\bopen\b/ })
    .getByRole("link")
    .first()
    .click();
  await page.getByRole("button", { name: /^Pay / }).click();
  await expect(page.getByText(/: paid\.$/)).toBeVisible();
}

/** Ends the trial of a subscription, as its last day would: the first month is to be paid now. */
export async function endTrial(page: Page, person: Person): Promise<void> {
  const customer = await newest(page, "customers", { email: person.email });
  const subscription = await newest(page, "subscriptions", { customer });
  const ended = await page.request.post(
    `${simulator}/v1/subscriptions/${subscription}`,
    { headers: KEY, form: { trial_end: "now" } },
  );
  expect(ended.ok(), await ended.text()).toBe(true);
}

const KEY = { authorization: "Bearer sk_test_story" };

/** Where the payment service is (`serve.sh`). */
const simulator = `http://127.0.0.1:${process.env.SHEAF_STORIES_STRIPE_PORT}`;

async function openPortal(page: Page): Promise<void> {
  await open(page, "/settings/billing");
  await page.getByRole("button", { name: "Manage payment" }).click();
  await expect(
    page.getByRole("heading", { name: "Your subscription" }),
  ).toBeVisible();
}

/** The id of the newest one. */
async function newest(
  page: Page,
  what: string,
  query: Record<string, string>,
): Promise<string> {
  const answer = await page.request.get(`${simulator}/v1/${what}`, {
    headers: KEY,
    params: query,
  });
  const found = (await answer.json()) as { data: { id: string }[] };
  const [first] = found.data;
  if (!first)
    throw new Error(`there are no ${what} of ${JSON.stringify(query)}`);
  return first.id;
}
