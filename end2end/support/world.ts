import { expect, type Page } from "@playwright/test";

import { followMail } from "./mailbox.js";

export interface Person {
  name: string;
  workspace: string;
  email: string;
  password: string;
}

let made = 0;

/** Ada of Acme. Each call gives an account that no other story has. */
export const ada = () => person("Ada", "Acme");

/** Bob of Acme. */
export const bob = () => person("Bob", "Acme");

/** Eve of Globex, who is not to see what is Acme's. */
export const eve = () => person("Eve", "Globex");

function person(name: string, workspace: string): Person {
  made += 1;
  const unique = `${process.pid}-${made}`;
  const domain = `${workspace.toLowerCase()}.example`;
  return {
    name,
    workspace,
    email: `${name.toLowerCase()}-${unique}@${domain}`,
    password: "thread and paper",
  };
}

/** Makes an account through the forms and the mail, and stands at the empty list of documents. */
export async function signUp(page: Page, person: Person): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("Workspace").fill(person.workspace);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(
    page.getByRole("heading", { name: "Check your mail" }),
  ).toBeVisible();

  await followMail(
    page,
    person,
    "Confirm your address for Sheaf",
    /\/verify\?token=/,
  );
  await page.getByRole("button", { name: "Confirm and go on" }).click();
  await expect(page).toHaveURL(/\/documents$/);
  await expect(
    page.getByRole("heading", { name: "Documents", exact: true }),
  ).toBeVisible();
}

/** Signs in on the page that is open, which is the sign-in page. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
