// Real machines in the window: one that is known by a password gets a key of its own, and later another one; a job outlives the
// window that began it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { noContainers, startContainers } from "./support/containers.mjs";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { addHost, makeVault, openHost, unlock } from "./support/screens.mjs";

const PASSPHRASE = "four boats under the low bridge";
const HOST = "deb-1";
const ACCOUNT = "admin";
const JOB = "echo begun; until [ -e /tmp/go ]; do sleep 0.1; done; echo ended well";
const why = await noContainers();

test("a host is enrolled, and a job outlives the window", { skip: why ?? false }, async (context) => {
  const home = await makeHome();
  const lab = await startContainers(join(home.folder, "lab"), [HOST]);
  const vault = join(home.folder, "acme.beffroi");
  const password = await lab.password(HOST, ACCOUNT);
  const keys = `/home/${ACCOUNT}/.ssh/authorized_keys`;
  let desktop = await Desktop.open(home);
  let step = steps(context, desktop);
  const holds = (id, pattern) => desktop.until(`${id} holds ${pattern}`, async () =>
    pattern.test(await desktop.script("return document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.textContent ?? ''", id)));

  try {
    await step("it is added with a password", async () => {
      await makeVault(desktop, { path: vault, name: "Acme", passphrase: PASSPHRASE });
      await addHost(desktop, lab, HOST, { user: ACCOUNT, password });
      await desktop.click("nav-secrets");
      await desktop.shown("secrets-table");
    });

    await step("it gets a key of its own, and the password is forgotten", async () => {
      const before = await lab.root(HOST, `cat ${keys}`);
      await openHost(desktop, HOST, "connection");
      await desktop.click("host-enrol");
      await desktop.shown("host-enrol-steps");
      assert.equal(await lab.root(HOST, `cat ${keys}`), before, "a plan changes nothing");
      await desktop.picture("enrol-plan");
      await desktop.click("host-enrol-do");
      await desktop.shown("host-enrol-done");
      await desktop.picture("enrol-done");
      const after = await lab.root(HOST, `cat ${keys}`);
      assert.equal(after.trim().split("\n").length, before.trim().split("\n").length + 1);
      await desktop.dismiss("host-enrol-dialog");
      await desktop.click("host-test");
      await desktop.shown("host-test-passed");
    });

    await step("the key is changed, and the old one opens nothing any more", async () => {
      const before = await lab.root(HOST, `cat ${keys}`);
      await desktop.click("nav-secrets");
      const shown = await desktop.until("its key", () => desktop.script("return [...document.querySelectorAll('[data-testid^=\"secret-\"]')].map((row) => row.dataset.testid).find((id) => /^secret-deb-1/.test(id))"));
      await desktop.click(shown);
      await desktop.click("secret-rotate");
      await desktop.shown(`rotate-${HOST}`);
      assert.equal(await lab.root(HOST, `cat ${keys}`), before, "a plan changes nothing");
      await desktop.picture("rotate-plan");
      await desktop.click("rotate-begin");
      await desktop.gone("rotate-dialog");
      const [was, is] = [before, await lab.root(HOST, `cat ${keys}`)].map((text) => text.trim().split("\n"));
      assert.equal(is.length, was.length);
      assert.equal(is.filter((line) => !was.includes(line)).length, 1, "one key instead of another");
      await openHost(desktop, HOST, "connection");
      await desktop.click("host-test");
      await desktop.shown("host-test-passed");
    });

    await step("a job is begun there, and the window closed", async () => {
      await desktop.click("nav-fleet");
      await desktop.click(`host-tick-${HOST}`);
      await desktop.click("selection-run");
      await desktop.type("run-command-text", JOB);
      await desktop.click("run-command-job");
      await desktop.click("plan-run");
      await holds("job-output", /begun/);
      await desktop.picture("job-running");
    });

    await desktop.close();
    assert.deepEqual(desktop.complaints(), []);
    assert.ok(!desktop.said().includes(password) && !desktop.said().includes(PASSPHRASE), "a secret was logged");
    desktop = await Desktop.open(home);
    step = steps(context, desktop);

    await step("and is followed to its end by the next one", async () => {
      await desktop.click("vault-acme");
      await unlock(desktop, PASSPHRASE);
      await desktop.click("nav-activity");
      await holds("job-output", /begun/);
      assert.equal(await desktop.attribute("job-state", "data-state"), "running");
      if (await desktop.isShown("job-attach")) await desktop.click("job-attach");
      await lab.root(HOST, "touch /tmp/go");
      await desktop.untilAttribute("job-state", "data-state", (state) => state === "done");
      await holds("job-output", /begun[^]*ended well/);
      await desktop.picture("job-followed");
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
});
