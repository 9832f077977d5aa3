import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  {
    ignores: [
      "node_modules",
      "end2end/bench",
      "end2end/test-results",
      "end2end/playwright-report",
    ],
  },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    rules: {
      // A story that prints is a story that is being debugged.
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        {
          property: "waitForTimeout",
          message: "Wait for what you expect, not for time.",
        },
        {
          object: "test",
          property: "only",
          message: "Run one story with --grep.",
        },
      ],
    },
  },
);
