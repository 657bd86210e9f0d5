// What the administrators of a YunoHost do, in the real window: applications, people, backups, and a way to what it keeps for itself.

import assert from "node:assert/strict";
import { once } from "node:events";
import { access, mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { commandLine } from "./support/cli.mjs";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { startLab } from "./support/lab.mjs";
import { addHost, makeVault, openHost, runPlan } from "./support/screens.mjs";

const PASSPHRASE = "two herons on a mended fence";
const PASSWORD = "Larch-Tramway-62-Orbit";
const HOSTS = ["ynh-1", "ynh-slow"];
const MANIFEST = `packaging_format = 2
id = "workshop"
name = "Workshop"
version = "1.0~ynh1"
[install.domain]
type = "domain"
[install.path]
type = "path"
default = "/workshop"
[install.password]
type = "password"
`;
const PERSON = { name: "ada", fullname: "Ada Reed", login: "ada" };

/** Makes the folder of a package. */
async function packageIn(folder) {
  await mkdir(join(folder, "scripts"), { recursive: true });
  await writeFile(join(folder, "manifest.toml"), MANIFEST);
  await writeFile(join(folder, "scripts", "install"), "#!/bin/bash\n");
  return folder;
}

test("applications, people, backups and tunnels of a YunoHost", async (context) => {
  const home = await makeHome();
  const lab = await startLab(join(home.folder, "lab"));
  const stick = join(home.folder, "stick");
  const report = join(home.folder, "ada.json");
  await mkdir(stick);
  const folder = await packageIn(join(home.folder, "workshop_ynh"));
  const desktop = await Desktop.open(home, [], [folder, report, stick]);
  const step = steps(context, desktop);
  const beyond = createServer((request, response) => response.end(`beyond: ${request.url}`)).listen(0, "127.0.0.1");
  await once(beyond, "listening");
  const accounts = async (host) => Object.keys(JSON.parse(await lab.ask(host, "yunohost user list --output-as json")).users);
  const apps = async () => JSON.parse(await lab.ask("ynh-1", "yunohost app list --output-as json")).apps.map((app) => app.id);

  try {
    await step("two YunoHosts are added", async () => {
      await lab.quick("ynh-slow");
      await lab.ask("ynh-1", "yunohost domain add third.example");
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await addHost(desktop, lab, HOSTS[0], { keyText: lab.keyText });
      await addHost(desktop, lab, HOSTS[1], {});
    });

    await step("a package of this machine is sent, asked for by its form, and installed by a plan", async () => {
      await openHost(desktop, "ynh-1", "apps");
      await desktop.click("app-from-folder");
      await desktop.choose("app-answer-domain", "third.example");
      await desktop.type("app-answer-password", PASSWORD);
      await desktop.click("app-force");
      await desktop.picture("app-form");
      await desktop.click("app-install-plan");
      await desktop.reads("plan-sheet", /yunohost app install/);
      assert.ok(!(await desktop.page()).includes(PASSWORD), "the password is not on the page");
      await desktop.picture("app-plan");
      await runPlan(desktop, "changed");
      assert.ok((await apps()).includes("workshop"));
      await openHost(desktop, "ynh-1", "apps");
      await desktop.shown("app-workshop");
    });

    await step("a person gets an account on both, with a card", async () => {
      await desktop.click("nav-people");
      await desktop.click("people-add");
      await desktop.type("person-name", PERSON.name);
      await desktop.type("person-fullname", PERSON.fullname);
      await desktop.type("person-on", HOSTS.join(" or "));
      await desktop.click("person-store");
      await runPlan(desktop, "changed");
      for (const host of HOSTS) await desktop.until(`an account on ${host}`, async () => (await accounts(host)).includes(PERSON.login));
    });

    await step("a person leaves: the plan says from where, and the report what was done", async () => {
      await desktop.click("nav-people");
      await desktop.click("people-refresh");
      await desktop.click("people-tab-people");
      await desktop.click(`person-${PERSON.name}`);
      await desktop.shown("person-account-ynh-slow");
      await desktop.click("person-leave");
      await desktop.picture("offboard");
      await desktop.click("person-offboard-plan");
      await desktop.reads("plan-sheet", /yunohost user delete ada/);
      await desktop.picture("offboard-plan");
      // First the sessions end, then the accounts go.
      await runPlan(desktop, "done");
      for (const host of HOSTS) await desktop.until(`nothing of it on ${host}`, async () => !(await accounts(host)).includes(PERSON.login));
      await desktop.click("nav-people");
      await desktop.click("people-tab-people");
      await desktop.click(`person-${PERSON.name}`);
      await desktop.click("person-report");
      await desktop.until("the report is written", () => access(report).then(() => true, () => false));
      const { data: checked } = await commandLine(home)("person", "report", "--verify", report);
      assert.deepEqual(checked.report.accounts.map((account) => [account.host, account.removed]), HOSTS.map((host) => [host, true]));
    });

    await step("a backup is brought here, and what it holds comes back after it was lost", async () => {
      await lab.ask("ynh-1", "yunohost backup create --name harvest --apps roundcube");
      await openHost(desktop, "ynh-1", "backups");
      await desktop.click("backup-pull-harvest");
      const [id] = await desktop.until("it is here", async () => {
        const kept = await readdir(stick);
        return kept.length === 1 && (await desktop.isShown(`backup-restore-${kept[0]}`)) && kept;
      });
      await desktop.picture("backup-here");
      await lab.ask("ynh-1", "yunohost app remove roundcube");
      assert.ok(!(await apps()).includes("roundcube"));
      await desktop.click(`backup-restore-${id}`);
      await desktop.click("backup-restore-plan");
      await desktop.reads("plan-sheet", /roundcube/);
      await runPlan(desktop, "changed");
      assert.ok((await apps()).includes("roundcube"));
    });

    await step("a tunnel leads to what only the host reaches, until it is closed", async () => {
      await openHost(desktop, "ynh-1", "tunnels");
      await desktop.type("tunnel-port", String(beyond.address().port));
      await desktop.click("tunnel-open");
      await desktop.shown("tunnels");
      const port = await desktop.script("return document.querySelector('[data-testid^=\"tunnel-close-\"]').dataset.testid.slice('tunnel-close-'.length)");
      await desktop.picture("tunnel");
      assert.equal(await (await fetch(`http://127.0.0.1:${port}/quay`, { headers: { connection: "close" } })).text(), "beyond: /quay");
      await desktop.click(`tunnel-close-${port}`);
      await desktop.gone("tunnels");
      await assert.rejects(fetch(`http://127.0.0.1:${port}/quay`));
    });
  } finally {
    await desktop.close();
    beyond.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
  for (const secret of [PASSPHRASE, PASSWORD]) assert.ok(!desktop.said().includes(secret), "a secret was logged");
});
