import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const GRAVE = ["serious", "critical"];

/** Fails when axe finds a serious or critical problem on the page. */
export async function expectAccessible(
  page: Page,
  what: string,
): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations
    .filter((violation) => GRAVE.includes(violation.impact ?? ""))
    .map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map((node) => node.failureSummary ?? node.html),
    }));
  expect.soft(grave, what).toEqual([]);
}
