// The figures of `window`: opens a vault in the real window by its recovery words, and measures the fleet inside the page.
// usage: BEFFROI_DESKTOP=… node window.mjs VAULT WORDS-FILE; prints one line of JSON, times in milliseconds.

import { readFile } from "node:fs/promises";
import { Desktop, makeHome } from "../e2e/support/desktop.mjs";

const [vault, wordsFile] = process.argv.slice(2);
const words = (await readFile(wordsFile, "utf8")).trim();
const home = await makeHome();
const desktop = await Desktop.open(home, ["--vault", vault]);
try {
  await desktop.click("unlock-way-recovery");
  await desktop.paste("unlock-words", words);
  await desktop.click("unlock-submit");
  await desktop.until("all hosts are there", async () => (await desktop.script("return document.querySelectorAll('[data-testid^=\"host-row-\"]').length")) > 10);
  // Far more than it takes, on a machine that draws slowly as well.
  await desktop.driver.manage().setTimeouts({ script: 300_000 });
  const found = await desktop.driver.executeAsyncScript(`
    const done = arguments[0];
    const rows = () => document.querySelectorAll('[data-testid^="host-row-"]');
    const frame = () => new Promise(requestAnimationFrame);
    const quantile = (list, at) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * at))];
    (async () => {
      // The search: words as they are typed, one character after the other, and taken away again.
      const field = document.querySelector('[data-testid="fleet-filter"]');
      const times = [];
      const type = async (text) => {
        await frame();
        const began = performance.now();
        field.value = text;
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        await Promise.resolve();
        await new Promise((resolve) => queueMicrotask(resolve));
        document.body.offsetHeight;
        times.push(performance.now() - began);
      };
      for (const word of ["host-0042", "customer-7", "prod", "tag:client-3 and not stage:prod", "zzz"]) {
        for (let end = 1; end <= word.length; end += 1) await type(word.slice(0, end));
        await type("");
      }
      await frame();
      // The way from the first row to the last.
      const scrolled = async (scroller, look) => {
        const frames = [];
        let before = await frame();
        for (let step = 1; step <= steps; step += 1) {
          scroller.scrollTop = ((scroller.scrollHeight - scroller.clientHeight) * step) / steps;
          const now = await frame();
          frames.push(now - before);
          before = now;
          look();
        }
        return frames;
      };
      const steps = 300;
      let scroller = rows()[0].parentElement;
      while (scroller && !(scroller.scrollHeight > scroller.clientHeight + 100 && /auto|scroll/.test(getComputedStyle(scroller).overflowY))) scroller = scroller.parentElement;
      const row = rows()[0].getBoundingClientRect().height;
      const seen = Math.ceil(scroller.clientHeight / row);
      let most = 0;
      const frames = await scrolled(scroller, () => { most = Math.max(most, rows().length); });
      // What drawing alone takes here: as many plain lines of the same words, all laid out beforehand, in a place of the same size.
      const words = [...rows()[0].querySelectorAll('[role="gridcell"]')].map((cell) => cell.textContent.trim()).join(" ");
      const plain = document.createElement("div");
      Object.assign(plain.style, { position: "fixed", inset: "auto 0 0 auto", width: scroller.clientWidth + "px", height: scroller.clientHeight + "px", overflow: "auto", contain: "strict", background: getComputedStyle(rows()[0]).backgroundColor });
      for (let line = 0; line < scroller.scrollHeight / row; line += 1) {
        const one = document.createElement("div");
        Object.assign(one.style, { height: row + "px", contain: "strict" });
        one.textContent = words + " " + line;
        plain.append(one);
      }
      document.body.replaceChildren(plain);
      await frame();
      await frame();
      const bare = await scrolled(plain, () => undefined);
      done({ search_p50: quantile(times, 0.5), search_p95: quantile(times, 0.95), frame_p95: quantile(frames, 0.95), frame_longest: Math.max(...frames), bare_p95: quantile(bare, 0.95), bare_longest: Math.max(...bare), frames: frames.length, rows: most, seen });
    })().catch((error) => done({ failed: String(error) }));`);
  if (found.failed) throw new Error(found.failed);
  console.log(JSON.stringify(found));
} finally {
  await desktop.close();
  await home.remove();
}
