// The main journey of the product, in the real window, on real SSH servers.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { startLab } from "./support/lab.mjs";
import { addHost, makeVault, openHost, runPlan } from "./support/screens.mjs";

const PASSPHRASE = "copper kettle under nine slow bells";
const PASSWORD = "Larch-Tramway-62-Orbit";

test("from an empty machine to an account on a YunoHost", async (context) => {
  const home = await makeHome();
  const lab = await startLab(join(home.folder, "lab"));
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);
  const path = join(home.folder, "acme.beffroi");
  try {
    await step("a vault is made, and gives its 24 words", async () => {
      const words = await makeVault(desktop, { path, name: "Acme", passphrase: PASSPHRASE });
      assert.equal(words.length, 24);
    });

    await step("a host is added once its key is accepted, tested and surveyed", async () => {
      await addHost(desktop, lab, "ynh-1", { keyText: lab.keyText });
      await desktop.reads("host-row-ynh-1", /12\.1/);
    });

    await step("a plan is shown, and can be left", async () => {
      await openHost(desktop, "ynh-1", "people");
      await addAccount("ondine", "Ondine Dufour");
      await desktop.reads("plan-sheet", /yunohost user create ondine --fullname 'Ondine Dufour'/);
      assert.doesNotMatch(await desktop.text("plan-sheet"), new RegExp(PASSWORD));
      await desktop.click("plan-cancel");
      await desktop.gone("plan-sheet");
      assert.doesNotMatch(await lab.ask("ynh-1", "yunohost user list --output-as json"), /ondine/);
    });

    await step("a plan is run, and its job followed to the end", async () => {
      await addAccount("ondine", "Ondine Dufour");
      await desktop.shown("plan-run");
      await desktop.picture("plan");
      await runPlan(desktop, "changed");
      await desktop.reads("job-output", /ondine/);
      assert.doesNotMatch(await desktop.text("job-output"), new RegExp(PASSWORD));
    });

    await step("the account is on the host, and on the screen", async () => {
      assert.match(await lab.ask("ynh-1", "yunohost user info ondine --output-as json"), /Ondine Dufour/);
      await openHost(desktop, "ynh-1", "people");
      await desktop.click("host-refresh");
      await desktop.reads("user-ondine", /Ondine Dufour/);
    });

    await step("the journal is intact", async () => {
      await desktop.click("nav-journal");
      await desktop.click("journal-verify");
      assert.equal(await desktop.untilAttribute("journal-state", "data-intact", () => true), "true");
    });

    await step("the language changes without anything being lost", async () => {
      const english = await desktop.text("nav-fleet");
      await desktop.click("lang-switch");
      await desktop.until("another language", async () => (await desktop.text("nav-fleet")) !== english);
      assert.equal(await desktop.driver.executeScript("return document.documentElement.lang"), "fr");
      assert.equal(await desktop.attribute("journal-state", "data-intact"), "true");
    });

    await step("the vault is locked: nothing of it stays on the page", async () => {
      await desktop.click("lock");
      await desktop.shown("unlock-passphrase");
      const page = await desktop.driver.executeScript("return document.documentElement.outerHTML");
      for (const word of ["ondine", "ynh-1", PASSPHRASE, PASSWORD]) assert.ok(!page.includes(word), word);
    });

    await step("it opens again", async () => {
      await desktop.type("unlock-passphrase", PASSPHRASE);
      await desktop.click("unlock-submit");
      await desktop.reads("host-row-ynh-1", /12\.1/);
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
  for (const secret of [PASSPHRASE, PASSWORD]) assert.ok(!desktop.said().includes(secret), "a secret was logged");

  async function addAccount(username, fullname) {
    await desktop.click("user-add");
    await desktop.type("user-add-username", username);
    await desktop.type("user-add-fullname", fullname);
    await desktop.type("user-add-password", PASSWORD);
    await desktop.click("user-add-plan");
  }
});
