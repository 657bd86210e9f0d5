// The remote engine in the window: ways in, graded tests, runs on many hosts, recipes, what changed, what lies there.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { startLab } from "./support/lab.mjs";
import { addHost, makeVault, openHost, runPlan } from "./support/screens.mjs";

const PASSPHRASE = "nine tin drums under a quiet weir";
const HOSTS = ["plain-1", "ynh-1", "ynh-slow"];
const RECIPE = `name = "say"
description = "Says a word, <b>plainly</b>"

[[parameters]]
name = "word"
type = "choice"
choices = ["bonjour", "hello"]

[[parameters]]
name = "times"
type = "integer"
min = 1
max = 3
default = 1

[[steps]]
title = "Say it"
command = "for n in $(seq {times}); do echo {word}; done"
`;

test("hosts are reached, tested, run on, compared and left", async (context) => {
  const home = await makeHome();
  const lab = await startLab(join(home.folder, "lab"));
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);
  try {
    await step("three hosts are added, the others with the key of the first", async () => {
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await addHost(desktop, lab, HOSTS[0], { keyText: lab.keyText });
      for (const name of HOSTS.slice(1)) await addHost(desktop, lab, name, {});
    });

    await step("a host gets a second way, and the test says why the first does not lead there", async () => {
      const { address, port } = lab.host("plain-1");
      await openHost(desktop, "plain-1", "connection");
      await desktop.click("host-edit");
      await desktop.type("host-way-0-port", "1");
      await desktop.click("host-edit-add-way");
      await desktop.type("host-way-1-address", address);
      await desktop.type("host-way-1-port", String(port));
      await desktop.type("host-edit-tags", "lab quiet");
      await desktop.picture("edit-host");
      await desktop.click("host-edit-save");
      await desktop.gone("host-edit-dialog");
      await desktop.reads("host-ways", new RegExp(`:${port}`));
      await desktop.click("host-test");
      await desktop.shown("host-test-passed");
      const read = await desktop.text("test-steps");
      for (const part of [/refused/, /SHA256:/, /SSH-2\.0-/]) assert.match(read, part);
      await desktop.reads("host-keys", /SHA256:/);
    });

    await step("a command runs on all of them, and the one that died is said so", async () => {
      await lab.halt("ynh-slow");
      await run("echo the same everywhere");
      await holds("run-group-unreachable", /ynh-slow/);
      await holds("run-group-ok", /plain-1, ynh-1/);
      await desktop.reads("run-progress", /3 of 3/);
    });

    await step("it runs again only where it did not succeed", async () => {
      await lab.revive();
      await desktop.click("run-retry");
      await desktop.click("run-retry-confirm");
      await desktop.reads("run-progress", /1 of 1/);
      await holds("run-group-ok", /ynh-slow/);
      assert.equal(await desktop.isShown("run-group-unreachable"), false);
      await desktop.click("run-command-close");
    });

    await step("who differs is shown against most", async () => {
      await run("test $(basename $HOME) = ynh-1 && echo odd || echo even");
      await desktop.shown("run-group-ok");
      await desktop.click("run-command-close");
      await desktop.click("nav-runs");
      await holds("run-list", /echo the same everywhere/);
    });

    await step("a recipe is written, planned with its values, and run", async () => {
      await desktop.click("nav-recipes");
      await desktop.click("recipe-add");
      await desktop.paste("recipe-text", RECIPE);
      await desktop.click("recipe-store");
      await desktop.shown("recipe-panel");
      assert.match(await desktop.text("recipe-panel"), /<b>plainly<\/b>/);
      await desktop.type("recipe-on", "plain-1 or ynh-1");
      assert.equal(await desktop.isEnabled("recipe-plan"), false);
      await desktop.choose("recipe-value-word", "bonjour");
      await desktop.type("recipe-value-times", "2");
      await desktop.click("recipe-plan");
      await holds("recipe-planned", /bonjour/);
      await desktop.picture("recipe-plan");
      await desktop.click("recipe-run");
      await desktop.untilAttribute("run-view", "data-running", (running) => running === "false");
      await holds("run-output", /bonjour[^]*bonjour/);
    });

    await step("all that was read is there, and two surveys are compared", async () => {
      await openHost(desktop, "plain-1", "survey");
      await holds("survey-system", /Linux|Debian/);
      await desktop.click("host-refresh");
      await desktop.until("it was read anew", () => desktop.isEnabled("host-refresh"));
      await desktop.click("host-section-changes");
      await holds("diff-between", /Between/);
    });

    await step("the host says that a job left nothing, and cleaning asks first", async () => {
      await desktop.click("nav-fleet");
      await select(["plain-1"]);
      await desktop.click("selection-run");
      await desktop.type("run-command-text", "echo left behind");
      await desktop.click("run-command-job");
      await desktop.shown("plan-run");
      await runPlan(desktop, "done");
      await openHost(desktop, "plain-1", "ledger");
      await desktop.click("ledger-ask");
      await desktop.untilAttribute("ledger", "data-asked", (asked) => asked === "true");
      await holds("ledger", /Nothing lies there/);
      await desktop.picture("ledger");
      await desktop.click("ledger-clean");
      await desktop.choose("ledger-older", "0");
      await desktop.click("ledger-clean-confirm");
      await desktop.gone("ledger-clean-dialog");
    });

    await step("everything is there in French as well", async () => {
      await desktop.click("lang-switch");
      await desktop.reads("host-section-changes", /Ce qui a changé/);
      await desktop.click("host-section-connection");
      await desktop.reads("host-test", /Essayer/);
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
  assert.ok(!desktop.said().includes(PASSPHRASE), "a secret was logged");

  /** What an element holds as text, cut off on the screen or not. */
  function content(id) {
    return desktop.script("return document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.textContent ?? ''", id);
  }

  /** Waits until an element holds a text. */
  async function holds(id, pattern) {
    await desktop.until(`${id} holds ${pattern}`, async () => pattern.test(await content(id)));
  }

  /** Selects exactly these hosts in the fleet. */
  async function select(names) {
    for (const name of HOSTS) {
      const on = (await desktop.attribute(`host-row-${name}`, "aria-selected")) === "true";
      if (on !== names.includes(name)) await desktop.click(`host-tick-${name}`);
    }
  }

  /** Runs a command on every host of the fleet, and waits for the end. */
  async function run(command) {
    await desktop.click("nav-fleet");
    await select(HOSTS);
    await desktop.click("selection-run");
    await desktop.type("run-command-text", command);
    await desktop.click("run-command-now");
    await desktop.untilAttribute("run-view", "data-running", (running) => running === "false");
  }
});
