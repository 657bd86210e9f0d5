// What a person sees when things are not as they should be.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { startLab } from "./support/lab.mjs";
import { addHost, makeVault } from "./support/screens.mjs";

const PASSPHRASE = "seven wet anvils beside a canal";

test("trouble is told, and does not spread", async (context) => {
  const home = await makeHome();
  const lab = await startLab(join(home.folder, "lab"));
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);
  const path = join(home.folder, "acme.beffroi");
  try {
    await step("two hosts are added, the second with the key of the first", async () => {
      await makeVault(desktop, { path, name: "Acme", passphrase: PASSPHRASE });
      await addHost(desktop, lab, "plain-1", { keyText: lab.keyText });
      await addHost(desktop, lab, "ynh-1", {});
    });

    await step("an address where nobody answers is said so", async () => {
      await desktop.click("add-host");
      await desktop.type("add-host-name", "nobody");
      await desktop.type("add-host-address", "127.0.0.1");
      await desktop.type("add-host-port", "1");
      await desktop.type("add-host-user", "root");
      await desktop.click("add-host-next");
      await desktop.reads("add-host-error", /127\.0\.0\.1/);
      await desktop.dismiss("add-host-dialog");
    });

    await step("a wrong passphrase opens nothing", async () => {
      await desktop.click("lock");
      await desktop.type("unlock-passphrase", "not the passphrase at all");
      await desktop.click("unlock-submit");
      await desktop.shown("unlock-error");
      assert.equal(await desktop.isShown("nav-fleet"), false);
    });

    await step("the right one still does, and every connection is made anew", async () => {
      await desktop.type("unlock-passphrase", PASSPHRASE);
      await desktop.click("unlock-submit");
      await desktop.shown("host-row-plain-1");
    });

    await step("a host whose key changed is refused, and the other still answers", async () => {
      await lab.rekey("ynh-1");
      await desktop.click("fleet-refresh");
      await desktop.reads("host-row-ynh-1", /key/);
      assert.doesNotMatch(await desktop.text("host-row-plain-1"), /key/);
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
});
