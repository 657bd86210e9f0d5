// The desktop as a person has it: a window, things in it to read and to touch. Found by `data-testid`, never by text.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { By, Key } from "selenium-webdriver";
import { startSession } from "./webdriver.mjs";

// How long anything may take before the test gives up: far more than it ever takes.
const PATIENCE_MS = 60_000;
// So many characters of what the page reads stand beside a failure.
const READ_MOST = 2048;
// What is met while the page changes, or is taken away and comes up again: look once more.
const PASSING = ["StaleElementReferenceError", "NoSuchElementError", "ElementNotInteractableError", "ElementClickInterceptedError", "ElementNotSelectableError"];

/** A home folder for one test, thrown away at its end. */
export async function makeHome() {
  const folder = await mkdtemp(join(tmpdir(), "beffroi-e2e-"));
  const paths = { HOME: "home", XDG_CONFIG_HOME: "config", XDG_DATA_HOME: "data", XDG_STATE_HOME: "state", XDG_CACHE_HOME: "cache", XDG_RUNTIME_DIR: "run" };
  const env = {};
  for (const [name, part] of Object.entries(paths)) {
    env[name] = join(folder, part);
    await mkdir(env[name], { mode: 0o700 });
  }
  return { folder, env, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The environment of a program of this person, whole. */
export function environmentOf(home) {
  // With pictures wanted, the window draws as if there were a GPU: see `has_gpu` of the desktop.
  const kept = ["PATH", "DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "BEFFROI_SHOTS"];
  const env = Object.fromEntries(kept.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
  return { ...env, ...home.env, LANG: "en_GB.UTF-8" };
}

/** The program that a variable of the environment names. */
export function binary(variable) {
  const named = process.env[variable];
  if (!named) throw new Error(`${variable} must name the program; ./dev test sets it`);
  return named;
}

export class Desktop {
  #session;

  constructor(session) {
    this.#session = session;
  }

  /**
   * @param {Awaited<ReturnType<typeof makeHome>>} home
   * @param {string[]} args
   * @param {string[]} answers the paths that are chosen in the dialogs of the system, in order
   */
  static async open(home, args = [], answers = []) {
    const env = { ...environmentOf(home), RUST_BACKTRACE: "1", ...(answers.length > 0 ? { BEFFROI_DIALOG_ANSWERS: answers.join(delimiter) } : {}) };
    return new Desktop(await startSession(binary("BEFFROI_DESKTOP"), args, env));
  }

  get driver() {
    return this.#session.driver;
  }

  /** What stands between the tags of the first element with this id, once it is there and shown. */
  async text(id) {
    return this.until(`the text of ${id}`, async () => (await this.shown(id)).getText());
  }

  /** The texts of the entries of a list. */
  async entries(id) {
    return this.until(`the entries of ${id}`, async () => {
      const list = await this.shown(id);
      return Promise.all((await list.findElements(By.css("li"))).map((entry) => entry.getText()));
    });
  }

  /** The element, once it is there and shown. */
  async shown(id) {
    return this.until(`${id} is shown`, async () => {
      for (const element of await this.driver.findElements(By.css(`[data-testid="${id}"]`))) {
        if (await element.isDisplayed()) return element;
      }
    });
  }

  async isShown(id) {
    const { shown } = await this.until(`whether ${id} is shown`, async () => {
      const [element] = await this.driver.findElements(By.css(`[data-testid="${id}"]`));
      return { shown: element !== undefined && (await element.isDisplayed()) };
    });
    return shown;
  }

  async gone(id) {
    await this.until(`${id} is gone`, async () => !(await this.isShown(id)));
  }

  /** Whether a button can be pressed or a field filled. */
  async isEnabled(id) {
    const { enabled } = await this.until(`whether ${id} is enabled`, async () => ({ enabled: await (await this.shown(id)).isEnabled() }));
    return enabled;
  }

  async click(id) {
    await this.until(`${id} takes a click`, async () => {
      const element = await this.shown(id);
      if (!(await element.isEnabled())) return undefined;
      await element.click();
      return true;
    });
  }

  /** Leaves a dialog as Escape does. */
  async dismiss(id) {
    await this.driver.actions().sendKeys(Key.ESCAPE).perform();
    await this.gone(id);
  }

  /** Types into a field, over what it holds. */
  async type(id, text) {
    await this.until(`${id} takes text`, async () => {
      const field = await this.shown(id);
      await field.clear();
      await field.sendKeys(text);
      return true;
    });
  }

  /** Presses a key where the cursor is. */
  async press(key) {
    await this.driver.actions().sendKeys(key).perform();
  }

  /** Puts a text of several lines into a field at once, as a paste does. */
  async paste(id, text) {
    const field = await this.shown(id);
    await this.driver.executeScript(
      "const [field, text] = arguments; field.value = text; field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }))",
      field,
      text,
    );
  }

  /** Chooses an entry of a list by its value. */
  async choose(id, value) {
    await this.until(`${id} offers ${value}`, async () => {
      const list = await this.shown(id);
      await (await list.findElement(By.css(`option[value="${value}"]`))).click();
      return true;
    });
  }

  async attribute(id, name) {
    return this.until(`${name} of ${id}`, async () => (await this.shown(id)).getAttribute(name));
  }

  /** Waits until an attribute is one that `right` takes, and returns it. */
  async untilAttribute(id, name, right) {
    return this.until(`${name} of ${id}`, async () => {
      const read = await this.attribute(id, name);
      return read !== null && right(read) && read;
    });
  }

  /** Waits until `look` finds something. Elements that vanish while it looks are looked for again. */
  async until(what, look) {
    let last;
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await pause(50)) {
      try {
        const found = await look();
        if (found !== undefined && found !== false) return found;
      } catch (error) {
        if (!PASSING.includes(error.name)) throw error;
        last = error;
      }
    }
    throw new Error(`waited in vain: ${what}${last ? ` (${last.message})` : ""}`);
  }

  /** Waits until the element's text has `pattern`, and returns it. */
  async reads(id, pattern) {
    let read = "";
    try {
      return await this.until(`${id} reads ${pattern}`, async () => pattern.test((read = await this.text(id))) && read);
    } catch (error) {
      throw new Error(`${error.message}; it reads: ${read}`, { cause: error });
    }
  }

  /** Runs a script in the page, and gives what it returns. */
  script(text, ...args) {
    return this.driver.executeScript(text, ...args);
  }

  /** Everything that the page holds as text: what is drawn, what it keeps, and its address. */
  page() {
    return this.script("return JSON.stringify([document.documentElement.outerHTML, { ...localStorage }, { ...sessionStorage }, history.state, location.href])");
  }

  /** Calls a command of the shell from inside the page; what it answers, or how it refuses. */
  invoke(command, args = {}) {
    return this.driver.executeAsyncScript(
      `const [command, args, done] = arguments;
       window.__TAURI_INTERNALS__.invoke(command, args).then((answer) => done({ answer }), (refused) => done({ refused }));`,
      command,
      args,
    );
  }

  /** Leaves a mark that only this page has, and gives a wait until the page is another. */
  async mark() {
    await this.script("window.mark = document.documentElement; document.documentElement.dataset.mark = 'here'");
    return () => this.until("the page is another", async () => {
      const left = await this.script("return document.readyState === 'complete' && [window.mark === undefined, document.documentElement.dataset.mark === undefined]");
      return left && left.every(Boolean);
    });
  }

  /**
   * What a person reads now, shortened: what is on top and what is wrong first. A failure is understood from it where
   * nobody sees the picture.
   */
  async read() {
    const texts = await this.script(`
      const shown = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility()).map((element) => element.innerText);
      return [shown('[role="alert"]'), shown("dialog[open]"), shown(".toasts"), shown("main")].flat();
    `);
    const lines = texts.join("\n").split("\n").map((line) => line.trim()).filter((line) => line !== "");
    return [...new Set(lines)].join("\n").slice(0, READ_MOST);
  }

  /** Keeps a picture of the window in BEFFROI_SHOTS, when that is set. */
  async picture(name) {
    const folder = process.env.BEFFROI_SHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    // What is in the document may not be on the screen yet.
    await this.driver.executeAsyncScript("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))");
    await writeFile(join(folder, `${name}.png`), await this.driver.takeScreenshot(), "base64");
  }

  /**
   * Errors of the page's console, the content policy's refusals among them. Not those calls that were on their way when the
   * page was destroyed by a lock: WebKit drops them, and words it as if the shell's door had been refused.
   */
  complaints() {
    const dropped = /Fetch API cannot load ipc:\/\/localhost\/\w+ due to access control checks\.$/;
    return this.#session.said().split("\n").filter((line) => /CONSOLE (\w+ )?ERROR|panicked at/.test(line) && !dropped.test(line.trimEnd()));
  }

  /** All that the desktop said on standard output and error. */
  said() {
    return this.#session.said();
  }

  close() {
    return this.#session.stop();
  }
}

/**
 * A test of which every step starts where the one before ended: after a failure the others are not tried.
 *
 * @param {import("node:test").TestContext} context
 * @param {Desktop} desktop
 * @returns {(name: string, body: () => Promise<void>) => Promise<void>} runs one step; when it fails, keeps a picture and tells what the page reads
 */
export function steps(context, desktop) {
  let number = 0;
  return async (name, body) => {
    const label = `${String(++number).padStart(2, "0")}-${name.replace(/\W+/g, "-")}`;
    let failure;
    await context.test(name, async () => {
      try {
        await body();
        await desktop.picture(label);
      } catch (error) {
        failure = error;
        await desktop.picture(`failed-${label}`).catch(() => {});
        const read = await desktop.read().catch((unread) => `nothing (${unread.message})`);
        throw new Error(`${error.message}\n--- the page reads:\n${read}\n---`, { cause: error });
      }
    });
    if (failure) throw new Error(`stopped at: ${name}`);
  };
}
