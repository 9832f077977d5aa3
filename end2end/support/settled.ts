import type { Page } from "@playwright/test";

/** Turns the page to light or dark, and waits until the colours have stopped moving. */
export async function turn(
  page: Page,
  colorScheme: "light" | "dark",
): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await page.evaluate(async () => {
    // Transitions begin with the frame after the change.
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    await frame();
    const moving = document
      .getAnimations()
      .filter(
        (animation) =>
          animation.effect?.getComputedTiming().endTime !== Infinity,
      );
    await Promise.allSettled(moving.map((animation) => animation.finished));
  });
}
