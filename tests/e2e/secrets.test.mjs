// Secrets as they come and go: from another program's file and to one, what is weak, what is thrown away.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { commandLine } from "./support/cli.mjs";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { startLab } from "./support/lab.mjs";
import { addHost, makeVault } from "./support/screens.mjs";

const run = promisify(execFile);
const PASSPHRASE = "brass weathervane over the old dairy";
const MASTER = "a-kettle-of-nine-herrings";
const MAIL = "Quarry-Lantern-58-Otter";
const WEAK = "sunshine1";
const SEED = "JBSWY3DPEHPK3PXP";

/** Runs the real keepassxc-cli on a database, its password and what else it asks for on standard input. */
async function keepass(typed, ...args) {
  const running = run("keepassxc-cli", args);
  running.child.stdin.end(`${typed.join("\n")}\n`);
  return (await running).stdout;
}

/** A database as the person before kept it. */
async function makeDatabase(path) {
  await keepass([MASTER, MASTER], "db-create", "--set-password", "-t", "100", path);
  await keepass([MASTER], "mkdir", path, "Servers");
  await keepass([MASTER, MAIL], "add", "-q", "-p", "-u", "postmaster", "--url", "https://mail.example.org", path, "Servers/mail");
  await keepass([MASTER, WEAK], "add", "-q", "-p", "-u", "admin", path, "Servers/router");
}

test("a database of another program comes in, is looked at, and goes out again", async (context) => {
  const home = await makeHome();
  const lab = await startLab(join(home.folder, "lab"));
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);
  const beffroi = commandLine(home);
  const database = join(home.folder, "before.kdbx");
  const exported = join(home.folder, "after.kdbx");
  /** The rows of the preview: what each would become, and how it stands. */
  const standings = () => desktop.script("return [...document.querySelectorAll('[data-testid^=\"import-row-\"]')].map((row) => row.dataset.standing)");
  const read = async () => {
    await desktop.click("secret-import");
    await desktop.type("import-path", database);
    await desktop.click("import-read");
  };
  try {
    await step("a vault", async () => {
      await makeDatabase(database);
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await addHost(desktop, lab, "plain-1", { keyText: lab.keyText });
      await desktop.click("nav-secrets");
    });

    await step("the file asks for its password, and a wrong one is refused", async () => {
      await read();
      await desktop.type("import-password", "not-the-one");
      await desktop.click("import-read");
      await desktop.shown("import-error");
      await desktop.picture("import-wrong-password");
    });

    await step("what it holds is shown before anything is written", async () => {
      await desktop.type("import-password", MASTER);
      await desktop.click("import-read");
      await desktop.shown("import-table");
      assert.deepEqual(await standings(), ["new", "new"]);
      const page = await desktop.page();
      for (const value of [MAIL, WEAK, MASTER]) assert.ok(!page.includes(value), "a value is in the page");
      await desktop.click("import-tab-weak");
      await desktop.until("the weak one alone", async () => (await standings()).length === 1);
      await desktop.click("import-tab-all");
      assert.equal((await beffroi("secret", "list")).data.secrets.length, 1, "only the key of the host");
    });

    await step("it is taken in", async () => {
      await desktop.click("import-apply");
      await desktop.shown("import-done");
      await desktop.picture("import-done");
      await desktop.click("import-close");
      await desktop.shown("secret-Servers/mail");
      await desktop.shown("secret-Servers/router");
    });

    await step("the same file again changes nothing", async () => {
      await read();
      await desktop.type("import-password", MASTER);
      await desktop.click("import-read");
      await desktop.shown("import-table");
      assert.deepEqual(await standings(), ["same", "same"]);
      await desktop.click("import-back");
      await desktop.click("import-cancel");
      await desktop.gone("import-wizard");
    });

    await step("what stands beside a value is changed, and gives one-time codes", async () => {
      await desktop.click("secret-Servers/mail");
      await desktop.reads("beside", /postmaster/);
      await desktop.click("beside-edit");
      await desktop.type("beside-notes", "The relay of the whole house.");
      await desktop.type("beside-totp", SEED);
      await desktop.click("beside-save");
      await desktop.gone("beside-dialog");
      await desktop.click("one-time-show");
      await desktop.reads("one-time-code", /^\d{3}\s?\d{3}$/);
      assert.ok(!(await desktop.page()).includes(SEED), "the seed is in the page");
    });

    await step("what is weak is told", async () => {
      await desktop.click("secret-panel-close");
      await desktop.reads("health-weak", /^1$/);
      await desktop.shown("health-Servers/router");
      await desktop.click("health-close");
    });

    await step("it goes to the other program, after the vault was opened once more", async () => {
      await desktop.click("secret-export-open");
      await desktop.type("export-path", exported);
      await desktop.type("export-password", MASTER);
      await desktop.type("export-again", MASTER);
      await desktop.type("secret-export-passphrase", PASSPHRASE);
      await desktop.click("secret-export-do");
      await desktop.shown("export-done");
      await desktop.picture("export-done");
      await desktop.click("export-close");
      const shown = await keepass([MASTER], "export", "--format", "csv", exported);
      assert.ok(shown.includes(MAIL) && shown.includes(WEAK));
    });

    await step("what is removed lies in the trash, and comes back", async () => {
      await desktop.click("secret-remove-Servers/router");
      await desktop.click("secret-remove-confirm");
      await desktop.gone("secret-remove-dialog");
      await desktop.click("secret-trash");
      await desktop.click("trash-restore-Servers/router");
      await desktop.shown("trash-empty");
      await desktop.dismiss("trash-dialog");
      await desktop.shown("secret-Servers/router");
      assert.ok((await beffroi("secret", "get", "Servers/router")).out.includes(WEAK));
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
  for (const secret of [MAIL, WEAK, MASTER, PASSPHRASE, SEED]) assert.ok(!desktop.said().includes(secret), "a secret was logged");
});
