import { tmpdir } from "node:os";
import { join } from "node:path";

import { defineConfig } from "@playwright/test";

import { freePort } from "./support/port.js";

// The workers load this file again, and must meet the same program.
process.env.SHEAF_STORIES_PORT ??= String(await freePort());
const port = process.env.SHEAF_STORIES_PORT;
// Where the simulator of Stripe listens.
process.env.SHEAF_STORIES_STRIPE_PORT ??= String(await freePort());
// What its operator signs in with is written there before it starts (`support/serve.sh`).
process.env.SHEAF_STORIES_OPERATOR ??= join(
  tmpdir(),
  `sheaf-stories-operator.${process.pid}`,
);

// `localhost`, because a browser keeps Secure cookies of plain HTTP for that name alone.
const baseURL = `http://localhost:${port}`;

export default defineConfig({
  testDir: "stories",
  outputDir: "test-results",
  // The program, Postgres, a worker and the browsers share the cores.
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [
    ["list"],
    ["html", { open: "never", outputFolder: "playwright-report" }],
  ],
  grepInvert: process.env.SHEAF_SCREENSHOTS ? undefined : /@screenshots/,
  use: {
    baseURL,
    viewport: { width: 1280, height: 800 },
    // The server ends every request within twenty seconds. Whoever waits longer learns nothing, and what is tried again is tried again.
    navigationTimeout: 25_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.SHEAF_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
      ],
    },
  },
  webServer: {
    command: "sh support/serve.sh",
    url: `${baseURL}/readyz`,
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
    stdout: "ignore",
    stderr: "pipe",
    env: {
      SHEAF_ADDRESS: `127.0.0.1:${port}`,
      SHEAF_URL: baseURL,
      SHEAF_LOG: "warn",
      // No load balancer has to see that it stops.
      SHEAF_DRAIN_SECONDS: "0",
      // A file that is too large must be small enough to make.
      SHEAF_MAX_UPLOAD_MB: "5",
    },
  },
});
