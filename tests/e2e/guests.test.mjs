// Guests of a real host in the window: they are found in one reading, changed by plans, entered as hosts are, and deleted by name.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { atRest, violations } from "./support/axe.mjs";
import { noContainers, startContainers } from "./support/containers.mjs";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { addHost, makeVault, runPlan } from "./support/screens.mjs";

const PASSPHRASE = "nine barrels in the winter barn";
const HOST = "lxc-1";
const WEB = `${HOST}/web`;
const OLD = `${HOST}/old`;
const why = await noContainers();

test("guests are found, changed, entered and deleted", { skip: why ?? false }, async (context) => {
  const home = await makeHome();
  const lab = await startContainers(join(home.folder, "lab"), [HOST]);
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);
  const stateOf = (guest) => lab.root(HOST, `lxc-info -n ${guest} -s -H`).then((text) => text.trim());
  const found = [];
  /** A picture of the screen, and what breaks a rule on it. */
  const look = async (name) => {
    await atRest(desktop);
    await desktop.picture(name);
    found.push(...(await violations(desktop)).map((line) => `${name}: ${line}`));
  };
  /** Goes to the guests and reads them anew until one is in a state. */
  const becomes = async (guest, state) => {
    await desktop.click("nav-guests");
    await desktop.click(`guests-refresh-${HOST}`);
    await desktop.untilAttribute(`guest-${guest}`, "data-state", (read) => read === state);
  };

  try {
    await step("a host that keeps guests is read", async () => {
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await addHost(desktop, lab, HOST, { user: "root", keyText: lab.keyText });
      await desktop.click("nav-guests");
      await desktop.shown("guests-look");
      await look("guests-empty");
      await desktop.click("guests-look");
      assert.equal(await desktop.attribute(`guest-${WEB}`, "data-state"), "running");
      assert.equal(await desktop.attribute(`guest-${OLD}`, "data-state"), "stopped");
      await look("guests");
    });

    await step("one that does not run is started by a plan", async () => {
      await desktop.click(`guest-${OLD}`);
      await desktop.shown("guest-panel");
      await look("guest-panel");
      await desktop.click("guest-start");
      await desktop.shown("plan-sheet");
      assert.equal(await stateOf("old"), "STOPPED", "a plan changes nothing");
      await runPlan(desktop, "changed");
      assert.equal(await stateOf("old"), "RUNNING");
      await becomes(OLD, "running");
    });

    await step("a limit is set", async () => {
      await desktop.click(`guest-${WEB}`);
      await desktop.click("guest-set");
      await desktop.type("guest-memory", "192");
      await look("guest-limits");
      await desktop.click("guest-change-plan");
      await runPlan(desktop, "changed");
      assert.match(await lab.root(HOST, "cat /var/lib/lxc/web/config"), /^lxc\.cgroup2?\.memory\.(max|limit_in_bytes) = 201326592$/m);
    });

    await step("it is entered as a host is", async () => {
      await desktop.click("nav-guests");
      await desktop.click(`guest-${WEB}`);
      await desktop.click("guest-open");
      await desktop.shown("screen-host");
      await desktop.until("it is the page of the guest", () => desktop.script("return document.querySelector(`[data-testid=\"host-name\"]`).textContent === arguments[0]", WEB));
      await desktop.click("host-refresh");
      await desktop.click("host-section-survey");
      await desktop.until("it was read", () => desktop.script("return /OpenRC of the lab/.test(document.querySelector('main').textContent)"));
      await look("guest-as-host");
      await desktop.click("host-section-processes");
      await desktop.shown("processes");
      await desktop.until("they were read", () => desktop.isEnabled("processes-refresh"));
      await look("guest-processes");
      await desktop.click("nav-fleet");
      await desktop.shown(`host-row-${WEB}`);
    });

    await step("its ways are drawn", async () => {
      await desktop.click("nav-guests");
      await desktop.click(`guest-${WEB}`);
      await desktop.click("guest-ways-open");
      await desktop.until("they were looked for", () => desktop.script("return document.querySelector('[data-testid=\"guest-ways-none\"], [data-testid^=\"guest-hop-\"]') !== null"));
      await look("guest-ways");
      await desktop.click("guest-publish-open");
      await desktop.type("guest-publish-name", "shop.example.org");
      await look("guest-publish");
      await desktop.dismiss("guest-publish");
      await desktop.click("guest-ways-close");
    });

    await step("a specification is held against rules, and images are listed", async () => {
      await desktop.click("guests-create");
      await desktop.shown("guest-finding-0");
      await look("guest-spec");
      await desktop.dismiss("guest-spec");
      await desktop.click("guests-images");
      await desktop.shown("guest-images-list");
      await look("guest-images");
      for (const way of ["guest", "build"]) {
        await desktop.click(`guest-image-way-${way}`);
        await look(`guest-images-${way}`);
      }
      await desktop.dismiss("guest-image");
    });

    await step("one is stopped, and deleted once its name was typed", async () => {
      await desktop.click(`guest-${OLD}`);
      await desktop.click("guest-stop");
      await desktop.click("guest-force");
      await desktop.click("guest-change-plan");
      await runPlan(desktop, "changed");
      await becomes(OLD, "stopped");
      await desktop.click(`guest-${OLD}`);
      await desktop.click("guest-delete");
      await look("guest-delete");
      await desktop.click("guest-change-plan");
      await desktop.shown("plan-confirm");
      assert.equal(await desktop.isEnabled("plan-run"), false);
      await desktop.type("plan-confirm", OLD);
      await runPlan(desktop, "changed");
      assert.doesNotMatch(await lab.root(HOST, "lxc-ls -1"), /^old$/m);
      await desktop.click("nav-guests");
      await desktop.click(`guests-refresh-${HOST}`);
      await desktop.gone(`guest-${OLD}`);
    });

    await step("nothing of it breaks a rule", () => { assert.deepEqual(found, []); });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
});
