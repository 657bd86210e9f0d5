// Accessibility as axe-core measures it, in the page that the window shows.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const SOURCE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// WCAG 2.1, levels A and AA; the contrasts among them.
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

// What comes up is measured once it is there: halfway its colours are mixed with what is under it.
const STILL = `const done = arguments[0];
  const passing = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity);
  Promise.allSettled(passing.map((one) => one.finished)).then(() => done());`;

/**
 * Waits until nothing is read any more, and what comes up is there.
 *
 * @param {import("./desktop.mjs").Desktop} desktop
 */
export async function atRest(desktop) {
  await desktop.until("nothing is busy", () => desktop.script("return ![...document.querySelectorAll('[aria-busy=\"true\"]')].some((one) => one.checkVisibility())"));
  await desktop.driver.executeAsyncScript(STILL);
}

/**
 * What breaks a rule on the screen now, one line for each element: the rule, the element, and what is wrong with it.
 *
 * @param {import("./desktop.mjs").Desktop} desktop
 * @returns {Promise<string[]>}
 */
export async function violations(desktop) {
  if (!(await desktop.script("return typeof window.axe === 'object'"))) await desktop.script(SOURCE);
  const found = await desktop.driver.executeAsyncScript(
    "const [rules, done] = arguments; axe.run(document, { runOnly: rules, resultTypes: ['violations'] }).then(({ violations }) => done({ violations }), (error) => done({ error: String(error) }))",
    RULES,
  );
  if (found.error) throw new Error(`axe: ${found.error}`);
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary.replace(/\s+/g, " ").slice(0, 300)}`));
}
