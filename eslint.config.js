// What eslint adds to the type check: habits that lead to mistakes, and which globals a file may use.
import js from "@eslint/js";
import globals from "globals";

const rules = {
  "array-callback-return": "error",
  "consistent-return": "error",
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "func-style": "off",
  "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
  "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
  "no-await-in-loop": "off",
  "no-constant-binary-expression": "error",
  "no-duplicate-imports": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-promise-executor-return": "off",
  "no-self-compare": "error",
  "no-shadow": "error",
  "no-template-curly-in-string": "error",
  "no-throw-literal": "error",
    "no-unused-vars": ["error", { caughtErrors: "none" }],
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "require-atomic-updates": "off",
};

export default [
  { ignores: ["**/node_modules/", ".venv*/", "services/gateway/static/vendor/", "var/", "**/*.cjs", "docs/", "build/", "demos/", "tests/e2e/", "tests/corpus*"] },
  js.configs.recommended,
  { rules, linterOptions: { reportUnusedDisableDirectives: "error" } },
  { files: ["services/gateway/static/js/**/*.js"], languageOptions: { globals: globals.browser } },
  // Runs before anything else and must not be a module, or the page would flash in the wrong colours.
  { files: ["services/gateway/static/js/theme.js"], languageOptions: { sourceType: "script", globals: globals.browser } },
  { files: ["tests/js/**/*.js", "js-tools/*.js", "eslint.config.js"], languageOptions: { globals: globals.node } },
];
