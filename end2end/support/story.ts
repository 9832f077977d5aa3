import { test as base, expect, type Page } from "@playwright/test";

interface Options {
  /** What the console may say in this story: the answer 404 to a page that is not there, for one. */
  allowedErrors: RegExp | undefined;
}

interface Fixtures {
  /** Watches a page that a story opened by itself. */
  watch: (page: Page) => void;
}

/**
 * A story: a test that also fails when a page of it has an uncaught exception or writes an error to its console. That is
 * where a mismatch between the server's page and the browser's shows, and a broken content policy.
 */
export const test = base.extend<Options & Fixtures>({
  allowedErrors: [undefined, { option: true }],
  watch: async ({ allowedErrors }, use) => {
    const errors: string[] = [];
    const note = (error: string) => {
      if (!allowedErrors?.test(error)) errors.push(error);
    };
    await use((page) => {
      page.on("pageerror", (error) =>
        note(`${page.url()}: ${error.stack ?? error.message}`),
      );
      page.on("console", (message) => {
        if (message.type() === "error")
          note(
            `${page.url()}: ${message.text()} (${message.location().url ?? ""})`,
          );
      });
    });
    expect(errors, "errors of the pages").toEqual([]);
  },
  page: async ({ page, watch }, use) => {
    watch(page);
    await use(page);
  },
});

export { expect };
