// Files in the real window: two panes, a tree there and back, what is replaced, what is removed.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { By, Key } from "selenium-webdriver";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { startLab } from "./support/lab.mjs";
import { addHost, goToFolder, makeVault, openHost } from "./support/screens.mjs";

const PASSPHRASE = "copper kettle under nine slow bells";
/** A name that would drive what shows it, and is a name like any other. */
const HOSTILE = "a\u001b[2J\u202eb <b>c";

test("files go there and back between two panes", async (context) => {
  const home = await makeHome();
  const lab = await startLab(join(home.folder, "lab"));
  const picked = join(home.folder, "picked");
  const desktop = await Desktop.open(home, [], [picked]);
  const step = steps(context, desktop);
  const here = join(home.env.HOME, "work");
  try {
    await mkdir(join(here, "site", "deep"), { recursive: true });
    await mkdir(picked);
    await writeFile(join(here, "site", "index.html"), "<h1>one</h1>\n");
    await writeFile(join(here, "site", "deep", HOSTILE), "kept\n");
    await writeFile(join(here, "note.txt"), "first\n");
    await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
    await addHost(desktop, lab, "plain-1", { keyText: lab.keyText });

    await step("both panes begin at home, and are walked by keys", async () => {
      await openHost(desktop, "plain-1", "files");
      await row("local", "work");
      await focus("local");
      await desktop.press("w");
      await desktop.press(Key.ENTER);
      await row("local", "site");
      await desktop.press(Key.TAB);
      assert.equal(await focused(), "pane-host-grid");
      await desktop.press(Key.TAB);
      assert.equal(await focused(), "pane-local-grid");
    });

    await step("a folder is made on the host", async () => {
      await focus("host");
      await desktop.press(Key.F7);
      await desktop.type("name-field", "box");
      await desktop.press(Key.ENTER);
      await desktop.gone("name-sheet");
      await row("host", "box");
      await desktop.press(Key.ENTER);
      await desktop.untilAttribute("pane-host-grid", "aria-label", (label) => label.endsWith("/box"));
    });

    await step("a tree is copied there by a key", async () => {
      await focus("local");
      await desktop.press("s");
      await desktop.press(Key.F5);
      await row("host", "site");
      await ended("done");
      assert.equal(await lab.ask("plain-1", "cat box/site/index.html box/site/deep/*"), "<h1>one</h1>\nkept\n");
      await desktop.picture("files");
    });

    await step("a file is dragged there", async () => {
      const actions = desktop.driver.actions();
      const from = await row("local", "note.txt");
      const to = await desktop.shown("pane-host-grid");
      await actions.move({ origin: from }).press().move({ origin: from, x: 20, y: 0 }).move({ origin: to }).release().perform();
      await row("host", "note.txt");
      assert.equal(await lab.ask("plain-1", "cat box/note.txt"), "first\n");
    });

    await step("what is there already is shown before it is replaced", async () => {
      await writeFile(join(here, "note.txt"), "second, and longer\n");
      await desktop.click("pane-local-refresh");
      await (await row("local", "note.txt")).click();
      await desktop.press(Key.F5);
      await desktop.shown("clashes");
      assert.match(await desktop.script("return document.querySelector('[data-testid=\"clashes\"]').textContent"), /note\.txt.*19\sB.*6\sB/);
      await desktop.picture("file-clash");
      assert.equal(await desktop.isEnabled("copy-go"), false, "nothing would be copied");
      await desktop.click("clash-all-replace");
      await desktop.click("copy-go");
      await desktop.until("it arrived", async () => (await lab.ask("plain-1", "cat box/note.txt")) === "second, and longer\n");
    });

    await step("a tree comes back into a folder that the system's dialog gave", async () => {
      await desktop.click("file-choose-folder");
      await desktop.untilAttribute("pane-local-grid", "aria-label", (label) => label.endsWith("/picked"));
      await (await row("host", "site")).click();
      await desktop.click("file-get");
      await row("local", "site");
      await ended("done");
      assert.equal(await readFile(join(picked, "site", "deep", HOSTILE), "utf8"), "kept\n");
    });

    await step("names of the host are text", async () => {
      await goToFolder(desktop, "host", (await lab.ask("plain-1", "cd box/site/deep && pwd -P")).trim());
      const [name] = await desktop.script("return [...document.querySelectorAll('[data-testid=\"pane-host-row\"]')].map((row) => row.innerText)");
      assert.match(name, /<b>c/);
      assert.doesNotMatch(name, /\u202e|\u001b/);
      await desktop.press(Key.BACK_SPACE);
      await row("host", "deep");
      await desktop.press(Key.BACK_SPACE);
      await row("host", "note.txt");
    });

    await step("the queue is there on other screens, and is cleared by hand", async () => {
      await desktop.click("nav-fleet");
      await openHost(desktop, "plain-1", "files");
      await row("host", "note.txt");
      assert.equal((await desktop.driver.findElements(By.css('[data-testid="copy-item"]'))).length, 4);
      await desktop.click("queue-clear");
      await desktop.gone("copy-queue");
    });

    await step("neither a key nor two clicks remove anything; the sheet does, and says what goes", async () => {
      await (await row("host", "site")).click();
      await desktop.press(Key.DELETE);
      await desktop.press(Key.ENTER);
      await desktop.gone("remove-files");
      assert.equal(await lab.ask("plain-1", "ls -d box/site"), "box/site\n");
      await focus("host");
      await desktop.press(Key.DELETE);
      await desktop.click("remove-go");
      await desktop.reads("remove-error", /site/);
      await desktop.click("remove-recursive");
      await desktop.picture("file-remove");
      await desktop.click("remove-go");
      await desktop.gone("remove-files");
      await desktop.until("it is gone from the pane", async () => (await rows("host", "site")).length === 0);
      assert.equal(await lab.ask("plain-1", "ls box"), "note.txt\n");
    });

    await step("the journal has it all", async () => {
      const { entries } = (await desktop.invoke("rpc", { command: "journal_list", request: {} })).answer;
      const keys = entries.map((entry) => entry.event.key);
      for (const key of ["folder-made", "file-put", "file-get", "file-removed"]) assert.ok(keys.includes(`journal.${key}`), key);
      assert.deepEqual(desktop.complaints(), []);
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }

  function rows(side, name) {
    return desktop.driver.findElements(By.css(`[data-testid="pane-${side}-row"][data-name="${name}"]`));
  }

  function row(side, name) {
    return desktop.until(`${name} is in the pane`, async () => (await rows(side, name))[0]);
  }

  async function focus(side) {
    await desktop.script(`document.querySelector('[data-testid="pane-${side}-grid"]').focus()`);
  }

  function focused() {
    return desktop.script("return document.activeElement.dataset.testid");
  }

  /** Every copy came to this end. */
  function ended(state) {
    return desktop.until(`the copies are ${state}`, async () => {
      const states = await desktop.script("return [...document.querySelectorAll('[data-testid=\"copy-item\"]')].map((item) => item.dataset.state)");
      return states.length > 0 && states.every((one) => one === state);
    });
  }
});
