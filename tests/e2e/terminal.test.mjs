// Terminals in the window: a shell on a host, what a hostile host may not do, pasting, the link that is lost, leaving by keyboard.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Key } from "selenium-webdriver";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { startLab } from "./support/lab.mjs";
import { addHost, makeVault, openHost } from "./support/screens.mjs";

const PASSPHRASE = "nine tin drums under a quiet weir";
// A title, the clipboard, a link, a colour asked for, a setting asked for, the title asked for, too many lines, a colour outside the palette.
const HOSTILE = [
  "\\033]0;PROD\\007", "\\033]52;c;cm0gLXJmIC8=\\007", "\\033]8;;https://example.org\\007link\\033]8;;\\007", "\\033]11;?\\007", "\\033P$q\"p\\033\\\\", "\\033[21t", "\\033[2147483647S",
  "\\033[38;2;200;90;40mtrue-colour\\033[0m",
].join("");

test("a shell on a host is used in the window, and the window stays the person's", async (context) => {
  const home = await makeHome();
  const lab = await startLab(join(home.folder, "lab"));
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);
  let asking = 0;
  try {
    await step("a terminal is opened from the host's page, and answers", async () => {
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await addHost(desktop, lab, "plain-1", { keyText: lab.keyText });
      await openHost(desktop, "plain-1", "overview");
      await desktop.click("host-terminal");
      await live();
      await desktop.reads("lintel", /plain-1/);
      await enter("PS1='$ '; clear; echo $((6 * 7))-sum");
      await draws(/^42-sum$/m);
    });

    await step("it has the size of its place, also when the text of the window becomes larger", async () => {
      const before = await size();
      await chord(Key.CONTROL, "+");
      await desktop.until("the host knows the new size", async () => {
        const now = await size();
        return now.rows < before.rows && now.cols < before.cols;
      });
      await chord(Key.CONTROL, "0");
      await desktop.until("the size is as it was", async () => (await size()).cols === before.cols);
    });

    await step("a hostile host gets neither the title, nor the clipboard, nor an answer", async () => {
      const title = await desktop.script("return document.title");
      await desktop.invoke("copy_text", { text: "mine" });
      await enter(`clear; printf '${HOSTILE}\\n'`);
      await draws(/link[^]*true-colour/);
      await enter("echo after-it");
      await draws(/^after-it$/m);
      assert.doesNotMatch(await drawn(), /rgb:|\$r|command not found|not found/);
      assert.equal(await desktop.script("return document.title"), title);
      assert.deepEqual(await desktop.script("return [document.querySelectorAll('.xterm a').length, document.querySelectorAll('style').length]"), [0, 0]);
      const [colour] = await desktop.script("return [...document.querySelectorAll('.xterm-rows span')].filter((span) => span.textContent.includes('true-colour')).map((span) => getComputedStyle(span).color)");
      assert.notEqual(colour, await desktop.script("return getComputedStyle(document.querySelector('.xterm-rows')).color"));
    });

    await step("what was copied is pasted: a word at once, lines only when they were seen", async () => {
      await enter("clear");
      await write("echo ");
      await chord(Key.CONTROL, Key.SHIFT, "v");
      await desktop.until("the clipboard is as it was", async () => /echo mine/.test(await drawn()));
      await press(Key.ENTER);
      await draws(/^mine$/m);
      await desktop.invoke("copy_text", { text: "echo first\necho second\n" });
      await chord(Key.CONTROL, Key.SHIFT, "v");
      await desktop.reads("terminal-paste-text", /echo first[^]*echo second/);
      assert.doesNotMatch(await drawn(), /first/);
      await desktop.click("terminal-paste-send");
      // A shell that asks to be told what is pasted waits for a key.
      await draws(/echo second/);
      await press(Key.ENTER);
      await draws(/^second$/m);
    });

    await step("a host that does not stop is drawn to its end", async () => {
      await enter("clear; yes | head -c 8000000 | tail -n 1; echo is-over");
      await draws(/^is-over$/m);
    });

    await step("what was shown is searched", async () => {
      await chord(Key.CONTROL, Key.SHIFT, "f");
      await desktop.type("terminal-search", "is-over");
      await desktop.reads("terminal-found", /\d/);
      await press(Key.ESCAPE);
      await desktop.gone("terminal-search");
    });

    await step("a shell's keys are the shell's, and it is left by keyboard", async () => {
      await chord(Key.CONTROL, "l");
      await chord(Key.CONTROL, "k");
      assert.equal(await desktop.isShown("palette"), false);
      assert.equal(await desktop.isShown("terminal"), true);
      await chord(Key.CONTROL, Key.SHIFT, "k");
      await desktop.dismiss("palette");
      await chord(Key.CONTROL, Key.F6);
      assert.equal(await desktop.script("return document.activeElement.getAttribute('role')"), "tab");
      await chord(Key.CONTROL, Key.F6);
      await chord(Key.CONTROL, Key.SHIFT, "t");
      await desktop.until("there are two", async () => (await desktop.script("return document.querySelectorAll('[role=tab]').length")) === 2);
      await live();
      await chord(Key.CONTROL, Key.SHIFT, "w");
      await desktop.click("terminal-close-confirm");
      await desktop.until("there is one", async () => (await desktop.script("return document.querySelectorAll('[role=tab]').length")) === 1);
      await live();
    });

    await step("when the link is lost, Enter reconnects", async () => {
      await lab.halt("plain-1");
      await desktop.shown("terminal-reconnect");
      await lab.revive();
      await press(Key.ENTER);
      await live();
      await enter("echo here-again");
      await draws(/^here-again$/m);
    });

    await step("an ended shell says how, and a locked vault leaves nothing of it", async () => {
      await enter("exit 3");
      await desktop.reads("terminal-ended", /3/);
      await desktop.click("terminal-again");
      await live();
      await enter("echo secret-$((40 + 2))-words");
      await draws(/^secret-42-words$/m);
      await chord(Key.CONTROL, Key.SHIFT, "l");
      await desktop.shown("unlock-passphrase");
      assert.ok(!(await desktop.page()).includes("secret-42-words"));
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
  assert.ok(!desktop.said().includes("secret-42-words"), "what a terminal shows was logged");

  /** What the terminal in front shows, row by row. */
  function drawn() {
    return desktop.script("const shown = document.querySelector('[data-testid=terminal]'); return shown ? [...shown.querySelectorAll('.xterm-rows > div')].map((row) => row.textContent.trimEnd()).join('\\n') : ''");
  }

  /** Waits until that is shown, and gives what matched. */
  async function draws(pattern) {
    let read = "";
    try {
      return await desktop.until(`the terminal shows ${pattern}`, async () => pattern.exec((read = await drawn())) ?? undefined);
    } catch (error) {
      throw new Error(`${error.message}; it shows:\n${read}`, { cause: error });
    }
  }

  async function live() {
    await desktop.untilAttribute("terminal-pane", "data-state", (state) => state === "live");
  }

  /** Types where the cursor is. */
  async function write(text) {
    await desktop.driver.actions().sendKeys(text).perform();
  }

  async function enter(text) {
    await write(text + Key.ENTER);
  }

  function press(key) {
    return desktop.press(key);
  }

  /** Presses the last key while the others are held. */
  async function chord(...keys) {
    const held = keys.slice(0, -1);
    const actions = desktop.driver.actions();
    for (const key of held) actions.keyDown(key);
    actions.sendKeys(keys.at(-1));
    for (const key of held.reverse()) actions.keyUp(key);
    await actions.perform();
  }

  /** The size that the host knows of. */
  async function size() {
    const asked = ++asking;
    await enter(`clear; echo ${asked}: $(stty size)`);
    const [, rows, cols] = await draws(new RegExp(`^${asked}: (\\d+) (\\d+)$`, "m"));
    return { rows, cols };
  }
});
