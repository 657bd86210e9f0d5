// The vault in the real window: stages, several vaults at once, locking, the command line beside it, and its keeping.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Key } from "selenium-webdriver";
import { commandLine, secretFile } from "./support/cli.mjs";
import { binary, Desktop, environmentOf, makeHome, steps } from "./support/desktop.mjs";
import { startLab } from "./support/lab.mjs";
import { addHost, addSecret, goToFolder, makeVault, openHost, runPlan, unlock } from "./support/screens.mjs";

const PASSPHRASE = "copper kettle under nine slow bells";
const OTHER = "seven wet anvils beside a canal";
const PASSWORD = "Larch-Tramway-62-Orbit";

/** Whether this path is there. */
const exists = (path) => access(path).then(() => true, () => false);

/** Whether a process runs: one that ended and was not yet waited for does not. */
const runs = (pid) => readFile(`/proc/${pid}/stat`, "utf8").then((stat) => !/\) [ZX] /.test(stat), () => false);

/** The seconds of a time such as `1:02:03` or `14:59` in a text. */
function secondsIn(text) {
  const [, hours, minutes, seconds] = /(?:(\d+):)?(\d+):(\d\d)/.exec(text) ?? [];
  return Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** What is owed at the end of every test: nothing in the console, no secret in what was logged. */
function nothingWasSaid(desktop, ...secrets) {
  assert.deepEqual(desktop.complaints(), []);
  for (const secret of secrets) assert.ok(!desktop.said().includes(secret), "a secret was logged");
}

test("a stage is protected, worked in, sealed and unsealed", async (context) => {
  const home = await makeHome();
  const lab = await startLab(join(home.folder, "lab"));
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);
  const beffroi = commandLine(home);
  const sent = join(home.folder, "out", "motd");
  let secret = "";
  let secretPath = "";
  const stage = (state) => desktop.untilAttribute("stage-prod", "data-state", (read) => read === state);
  try {
    await step("a stage is added", async () => {
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await desktop.click("nav-stages");
      await desktop.untilAttribute("stage-dev", "data-state", (read) => read === "unprotected");
      assert.equal(await desktop.isShown("stage-dev-protect"), false, "dev is open whenever the vault is");
      await desktop.click("stage-add");
      await desktop.type("stage-add-name", "prod");
      await desktop.picture("stage-add");
      await desktop.click("stage-add-do");
      await stage("unprotected");
    });

    await step("it is protected, and its secret is shown once", async () => {
      await desktop.click("stage-prod-protect");
      await desktop.shown("stage-protect-do");
      await desktop.picture("stage-protect");
      await desktop.click("stage-protect-do");
      secret = await desktop.text("stage-secret-once");
      secretPath = await secretFile(home, "prod.secret", secret);
      await desktop.picture("stage-secret-once");
      await desktop.press(Key.ESCAPE);
      assert.equal(await desktop.text("stage-secret-once"), secret, "Escape does not lose it");
      await desktop.click("stage-secret-written");
      await desktop.gone("stage-protect");
      await stage("unsealed");
      assert.ok(!(await desktop.page()).includes(secret));
    });

    await step("a secret and a host are put there", async () => {
      await addSecret(desktop, { name: "backup/password", value: PASSWORD, stage: "prod" });
      await desktop.click("nav-fleet");
      await addHost(desktop, lab, "ynh-1", { keyText: lab.keyText, stage: "prod" });
      await desktop.reads("host-row-ynh-1", /12\.1/);
    });

    await step("a plan there wants a name typed, to the letter", async () => {
      await openHost(desktop, "ynh-1", "people");
      await desktop.untilAttribute("lintel", "data-stage", (read) => read === "prod");
      await desktop.click("user-add");
      await desktop.type("user-add-username", "ondine");
      await desktop.type("user-add-fullname", "Ondine Dufour");
      await desktop.type("user-add-password", PASSWORD);
      await desktop.click("user-add-plan");
      await desktop.shown("plan-confirm");
      for (const wrong of ["ynh", "PROD", "prod "]) {
        await desktop.type("plan-confirm", wrong);
        assert.equal(await desktop.isEnabled("plan-run"), false, wrong);
      }
      await desktop.picture("plan-wrong-name");
      await desktop.type("plan-confirm", "prod");
      await desktop.until("the plan can be run", () => desktop.isEnabled("plan-run"));
      await desktop.press(Key.ENTER);
      assert.equal(await desktop.isShown("plan-run"), true, "Enter does not run it");
      assert.deepEqual((await desktop.invoke("rpc", { command: "job_list", request: {} })).answer.jobs, []);
      await desktop.picture("plan-typed-name");
      await runPlan(desktop, "changed");
      assert.match(await lab.ask("ynh-1", "yunohost user info ondine --output-as json"), /Ondine Dufour/);
    });

    await step("so does a command that is run at once", async () => {
      await desktop.click("nav-fleet");
      await desktop.click("host-tick-ynh-1");
      await desktop.click("selection-run");
      await desktop.type("run-command-text", "echo reached-$((6*7))");
      await desktop.click("run-command-now");
      await desktop.type("run-command-confirm", "pro");
      assert.equal(await desktop.isEnabled("run-command-now"), false);
      await desktop.type("run-command-confirm", "ynh-1");
      await desktop.press(Key.ENTER);
      assert.equal(await desktop.isShown("run-results"), false, "Enter does not run it");
      await desktop.picture("run-typed-name");
      await desktop.click("run-command-now");
      await desktop.reads("run-results", /reached-42/);
      await desktop.dismiss("run-command");
      await desktop.click("host-tick-ynh-1");
    });

    await step("and a file that is copied there", async () => {
      await mkdir(dirname(sent));
      await writeFile(sent, "Restricted.\n");
      await openHost(desktop, "ynh-1", "files");
      await goToFolder(desktop, "local", dirname(sent));
      await desktop.shown("pane-host-row-up");
      await desktop.click("pane-local-row");
      await desktop.press(Key.F5);
      assert.equal(await desktop.isEnabled("copy-go"), false);
      await desktop.type("copy-confirm", "prod");
      await desktop.press(Key.ENTER);
      assert.equal(await desktop.isShown("copy-sheet"), true, "Enter does not copy it");
      await desktop.picture("file-typed-name");
      await desktop.click("copy-go");
      await desktop.untilAttribute("copy-item", "data-state", (state) => state === "done");
      assert.equal(await lab.ask("ynh-1", "cat motd"), "Restricted.\n");
    });

    await step("it is sealed from its chip, and nothing of it is to be seen", async () => {
      await openHost(desktop, "ynh-1", "people");
      await desktop.reads("user-ondine", /Ondine Dufour/);
      await desktop.click("stage-chip-prod");
      await desktop.shown("stage-seal");
      await desktop.picture("stage-unsealed");
      await desktop.click("stage-seal");
      await desktop.gone("stage-chip-prod");
      await desktop.shown("host-sealed");
      await desktop.until("nothing of the host is on the page", async () => !/ondine|Ondine/.test(await desktop.page()));
      await desktop.picture("host-sealed");
      await desktop.click("nav-fleet");
      await desktop.untilAttribute("host-row-ynh-1", "data-sealed", (read) => read === "true");
      assert.doesNotMatch(await desktop.text("host-row-ynh-1"), /12\.1/);
      await desktop.picture("fleet-sealed");
      await desktop.click("nav-activity");
      await desktop.shown("job-unseal");
      assert.doesNotMatch(await desktop.page(), /ondine/i);
      await desktop.picture("activity-sealed");
      await desktop.click("nav-secrets");
      await desktop.reads("rail-stage-prod", /sealed/);
      assert.equal(await desktop.attribute("secret-backup/password", "data-sealed"), "true");
      assert.equal(await desktop.isEnabled("secret-remove-backup/password"), false, "what is sealed is not removed");
      await desktop.picture("secrets-sealed");
      await desktop.click("nav-stages");
      await stage("sealed");
    });

    await step("what asks for it is refused, by its own code", async () => {
      const refused = await beffroi("--vault", "Acme", "run", "--on", "ynh-1", "--confirm", "prod", "--", "true");
      assert.notEqual(refused.code, 0);
      assert.match(refused.out + refused.err, /sealed/);
      assert.match((await desktop.invoke("rpc", { command: "host_test", request: { host: "ynh-1" } })).refused.code, /stage-sealed/);
    });

    await step("a wrong secret does not unseal it, the right one does, and its time runs", async () => {
      await desktop.click("stage-prod-unseal");
      await desktop.type("stage-unseal-secret", "not-the-secret-of-this-stage");
      await desktop.click("stage-unseal-do");
      await desktop.shown("stage-unseal-error");
      await desktop.picture("stage-unseal-wrong");
      await desktop.type("stage-unseal-secret", secret);
      await desktop.choose("stage-unseal-for", "900");
      await desktop.click("stage-unseal-do");
      await stage("unsealed");
      const first = secondsIn(await desktop.text("stage-chip-prod"));
      assert.ok(first > 0 && first <= 900, String(first));
      await desktop.until("the chip counts down", async () => secondsIn(await desktop.text("stage-chip-prod")) < first);
    });

    await step("the output of its jobs comes and goes with it", async () => {
      await desktop.click("nav-activity");
      await desktop.reads("job-output", /ondine/);
      await desktop.click("stage-chip-prod");
      await desktop.click("stage-seal");
      await desktop.until("nothing of the output is on the page", async () => !/ondine/i.test(await desktop.page()));
      await desktop.click("job-unseal");
      await desktop.type("stage-unseal-secret", secret);
      await desktop.click("stage-unseal-do");
      await desktop.reads("job-output", /ondine/);
      await desktop.click("nav-stages");
    });

    await step("it is sealed and unsealed by the command line, and seals itself", async () => {
      assert.equal((await beffroi("--vault", "Acme", "stage", "seal", "prod")).code, 0);
      await desktop.gone("stage-chip-prod");
      const unsealed = await beffroi("--vault", "Acme", "--stage-secret", `prod=${secretPath}`, "stage", "unseal", "prod", "--for", "12s");
      assert.equal(unsealed.code, 0, unsealed.err);
      const first = secondsIn(await desktop.text("stage-chip-prod"));
      assert.ok(first > 0 && first <= 12, String(first));
      await desktop.picture("stage-chip-soon");
      await desktop.until("the chip counts down", async () => secondsIn(await desktop.text("stage-chip-prod")) < first);
      await desktop.click("nav-fleet");
      await desktop.gone("stage-chip-prod");
      await desktop.untilAttribute("host-row-ynh-1", "data-sealed", (read) => read === "true");
      await desktop.click("nav-stages");
      await stage("sealed");
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  nothingWasSaid(desktop, PASSPHRASE, PASSWORD, secret);
});

test("several vaults are open at once, and locked one by one or all together", async (context) => {
  const home = await makeHome();
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);
  const beffroi = commandLine(home);
  const secretsOf = async (vault) => (await beffroi("--vault", vault, "secret", "list")).data.secrets.map((secret) => secret.name);
  let words = [];
  try {
    await step("two vaults are made, and both stay open", async () => {
      words = await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await addSecret(desktop, { name: "acme/token", value: PASSWORD });
      await desktop.click("open-another");
      await desktop.shown("unlock-back");
      await desktop.picture("door-with-one-open");
      await makeVault(desktop, { path: join(home.folder, "brick.beffroi"), name: "Brick", passphrase: OTHER });
      await addSecret(desktop, { name: "brick/token", value: PASSWORD });
      await desktop.shown("open-vault-Acme");
      await desktop.shown("open-vault-Brick");
    });

    await step("one turns from one to the other, and each shows its own", async () => {
      assert.equal(await desktop.isShown("secret-acme/token"), false);
      await desktop.click("open-vault-Acme");
      await desktop.click("nav-secrets");
      await desktop.shown("secret-acme/token");
      await desktop.gone("secret-brick/token");
    });

    await step("the command line asks the window, and needs no passphrase", async () => {
      const status = await beffroi("agent", "status");
      assert.equal(status.code, 0, status.err);
      assert.match(status.out, /"desktop"/);
      assert.deepEqual(await secretsOf("Acme"), ["acme/token"]);
      assert.deepEqual(await secretsOf("Brick"), ["brick/token"]);
      assert.deepEqual((await beffroi("--vault", "Brick", "host", "list")).data.hosts, []);
    });

    await step("what the command line changes is seen in the window", async () => {
      const stored = await beffroi("--vault", "Acme", "secret", "set", "acme/second", "--from-file", await secretFile(home, "second", PASSWORD));
      assert.equal(stored.code, 0, stored.err);
      await desktop.shown("secret-acme/second");
    });

    await step("a second start brings the window to the front and ends well", async () => {
      const again = spawn(binary("BEFFROI_DESKTOP"), [], { env: environmentOf(home), stdio: "ignore" });
      const [code] = await once(again, "exit");
      assert.equal(code, 0);
      await desktop.shown("secret-acme/token");
      assert.equal((await beffroi("agent", "status")).data.vaults.length, 2, "what was open still is");
    });

    await step("one is locked: the page is destroyed, and the other stays", async () => {
      const isAnother = await desktop.mark();
      await desktop.click("lock-vault-Acme");
      await isAnother();
      await desktop.shown("nav-fleet");
      await desktop.gone("open-vault-Acme");
      await desktop.click("nav-secrets");
      await desktop.shown("secret-brick/token");
      assert.doesNotMatch(await desktop.page(), /acme\/token|acme\/second/);
      assert.deepEqual(await secretsOf("Brick"), ["brick/token"]);
      const locked = await beffroi("--vault", "Acme", "secret", "list");
      assert.notEqual(locked.code, 0);
      assert.match(locked.out + locked.err, /flag-missing|vault-locked/);
    });

    await step("it is opened again by its recovery words, beside the other", async () => {
      await desktop.click("open-another");
      await desktop.click("vault-acme");
      await desktop.click("unlock-way-recovery");
      await desktop.paste("unlock-words", words.join(" "));
      await desktop.picture("unlock-recovery");
      await desktop.click("unlock-submit");
      await desktop.shown("open-vault-Acme");
      await desktop.shown("open-vault-Brick");
      await desktop.click("nav-secrets");
      await desktop.shown("secret-acme/token");
    });

    await step("all are locked: nothing of them is left in the page", async () => {
      const isAnother = await desktop.mark();
      await desktop.click("lock");
      await isAnother();
      await desktop.shown("unlock-passphrase");
      assert.doesNotMatch(await desktop.page(), /acme\/token|acme\/second|brick\/token/);
      assert.ok(!(await desktop.page()).includes(words.join(" ")));
      assert.equal(await desktop.script("return history.length"), 1);
      assert.deepEqual((await beffroi("agent", "status")).data.vaults, []);
    });

    await step("they are locked when nobody is there", async () => {
      await desktop.click("vault-acme");
      await unlock(desktop, PASSPHRASE);
      await desktop.click("nav-vault");
      await desktop.click("vault-section-locking");
      await desktop.shown("idle-lock");
      await desktop.picture("vault-locking");
      const isAnother = await desktop.mark();
      assert.deepEqual(await desktop.invoke("set_idle_lock", { seconds: 2 }), { answer: null });
      await isAnother();
      await desktop.shown("unlock-passphrase");
      assert.deepEqual((await beffroi("agent", "status")).data.vaults, []);
      assert.deepEqual(await desktop.invoke("set_idle_lock", { seconds: 3600 }), { answer: null });
      assert.equal((await desktop.invoke("set_idle_lock", { seconds: 9 * 3600 })).refused.code, "invalid-request");
    });

    await step("the command line locks it in the window", async () => {
      await desktop.click("vault-acme");
      await unlock(desktop, PASSPHRASE);
      const isAnother = await desktop.mark();
      assert.equal((await beffroi("vault", "lock", "Acme")).code, 0);
      await isAnother();
      await desktop.shown("unlock-passphrase");
    });
  } finally {
    await desktop.close();
    await home.remove();
  }
  nothingWasSaid(desktop, PASSPHRASE, OTHER, PASSWORD);
});

test("an agent that holds the keys gives way to the window", async (context) => {
  const home = await makeHome();
  const beffroi = commandLine(home);
  const passphrase = ["--passphrase-file", await secretFile(home, "passphrase", PASSPHRASE)];
  const path = join(home.folder, "acme.beffroi");
  assert.equal((await beffroi(...passphrase, "vault", "create", path, "--name", "Acme")).code, 0);
  const unlocked = await beffroi(...passphrase, "vault", "unlock", path);
  assert.equal(unlocked.code, 0, unlocked.err);
  const agent = (await beffroi("agent", "status")).data;
  assert.equal(agent.vaults.length, 1);
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);
  try {
    await step("the agent is gone, and what it had open is locked", async () => {
      await desktop.untilAttribute("vault-acme", "data-open", (read) => read === "false");
      const status = (await beffroi("agent", "status")).data;
      assert.equal(status.kind, "desktop");
      assert.notEqual(status.pid, agent.pid);
      assert.deepEqual(status.vaults, []);
      await desktop.until("the agent has ended", async () => !(await runs(agent.pid)));
    });

    await step("the window opens it, and the command line asks the window from then on", async () => {
      await unlock(desktop, PASSPHRASE);
      assert.deepEqual((await beffroi("host", "list")).data.hosts, []);
    });
  } finally {
    await desktop.close();
    await home.remove();
  }
  nothingWasSaid(desktop, PASSPHRASE);
});

test("a vault is kept: its ways in, copies, identity, checks and journal", async (context) => {
  const home = await makeHome();
  const copies = join(home.folder, "copies");
  const exported = join(home.folder, "journal.jsonl");
  const restored = join(home.folder, "restored.beffroi");
  await mkdir(copies);
  const desktop = await Desktop.open(home, [], [copies, exported]);
  const step = steps(context, desktop);
  const section = async (name) => {
    await desktop.click("nav-vault");
    await desktop.click(`vault-section-${name}`);
  };
  const slots = async () => (await desktop.invoke("rpc", { command: "slot_list", request: {} })).answer.slots;
  try {
    await step("its health is said, and every check holds", async () => {
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await addSecret(desktop, { name: "acme/token", value: PASSWORD });
      await section("overview");
      await desktop.until("what is found", async () => (await desktop.entries("vault-health")).length > 2);
      await desktop.click("vault-verify");
      assert.equal(await desktop.attribute("vault-report", "data-intact"), "true");
    });

    await step("a way in is added only by one who can open it", async () => {
      await section("ways");
      await desktop.click("slot-add-open");
      await desktop.type("slot-add-new-passphrase", OTHER);
      await desktop.type("slot-add-new-passphrase-again", OTHER);
      await desktop.type("slot-add-label", "Second desk");
      await desktop.type("slot-add-passphrase", "not the passphrase at all");
      await desktop.click("slot-add-do");
      await desktop.shown("slot-add-error");
      await desktop.picture("slot-add-refused");
      assert.equal((await slots()).length, 2);
      await desktop.type("slot-add-passphrase", PASSPHRASE);
      await desktop.click("slot-add-do");
      await desktop.gone("slot-add");
      await desktop.reads("slots", /Second desk/);
      assert.ok(!(await desktop.page()).includes(OTHER));
    });

    await step("it opens the vault", async () => {
      await desktop.click("vault-lock");
      await desktop.shown("unlock-passphrase");
      await unlock(desktop, OTHER);
    });

    await step("it is removed, and opens nothing from then on", async () => {
      await section("ways");
      const added = (await slots()).find((slot) => slot.label === "Second desk");
      await desktop.click(`slot-remove-${added.id}`);
      await desktop.type("slot-remove-passphrase", PASSPHRASE);
      await desktop.picture("slot-remove");
      await desktop.click("slot-remove-do");
      await desktop.gone(`slot-${added.id}`);
      await desktop.picture("slots");
      await desktop.click("vault-lock");
      await desktop.type("unlock-passphrase", OTHER);
      await desktop.click("unlock-submit");
      await desktop.shown("unlock-error");
      await unlock(desktop, PASSPHRASE);
    });

    await step("it is copied into a folder, and the copy is checked", async () => {
      await section("copies");
      await desktop.click("vault-copy");
      await desktop.shown("copy-done");
      assert.equal(await desktop.attribute("copy-report", "data-intact"), "true");
      assert.equal((await readdir(copies)).length, 1);
    });

    await step("a restoration is rehearsed, and nothing is written", async () => {
      await desktop.click("vault-restore");
      const [copy] = await readdir(copies);
      await desktop.type("restore-source", join(copies, copy));
      await desktop.type("restore-destination", restored);
      await desktop.type("restore-passphrase", PASSPHRASE);
      await desktop.picture("restore");
      await desktop.click("restore-rehearse");
      await desktop.shown("restore-rehearsed");
      assert.equal(await desktop.attribute("vault-report", "data-intact"), "true");
      assert.equal(await exists(restored), false);
      await desktop.picture("restore-rehearsed");
      await desktop.dismiss("restore-dialog");
    });

    await step("the identity that was made with it has a card and a fingerprint", async () => {
      await section("identities");
      await desktop.reads("identities", /SHA256:\S{43}/);
      await desktop.shown("identity-export");
    });

    await step("the journal is verified, chain by chain", async () => {
      await desktop.click("nav-journal");
      await desktop.click("journal-verify");
      assert.equal(await desktop.untilAttribute("journal-state", "data-intact", () => true), "true");
      await desktop.shown("journal-chains");
    });

    await step("an exported journal is checked, and a changed one is found out", async () => {
      await desktop.click("journal-export");
      await desktop.until("the journal is exported", () => exists(exported));
      await desktop.click("journal-check");
      await desktop.type("journal-check-path", exported);
      await desktop.click("journal-check-do");
      assert.equal(await desktop.attribute("journal-check-result", "data-intact"), "true");
      await desktop.shown("journal-check-chains");
      await desktop.picture("journal-check");
      const changed = join(home.folder, "changed.jsonl");
      await writeFile(changed, (await readFile(exported, "utf8")).replace("acme/token", "acme/tokem"));
      await desktop.type("journal-check-path", changed);
      await desktop.click("journal-check-do");
      await desktop.untilAttribute("journal-check-result", "data-intact", (read) => read === "false");
      await desktop.picture("journal-check-broken");
      await desktop.dismiss("journal-check-dialog");
    });
  } finally {
    await desktop.close();
    await home.remove();
  }
  nothingWasSaid(desktop, PASSPHRASE, OTHER, PASSWORD);
});
