// A YunoHost on a real machine, in the real window: its catalog, a certificate of one's own, and changes of the way in.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { noContainers, startContainers } from "./support/containers.mjs";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { addHost, makeVault, openHost, runPlan } from "./support/screens.mjs";

const PASSPHRASE = "a lantern in the second boathouse";
const PASSWORD = "Larch-Tramway-62-Orbit";
const HOST = "deb-1";
const DOMAIN = "atelier-dubois.example";
const BANNED = "203.0.113.9";
const NEW_PORT = 2222;
const beside = (path) => fileURLToPath(new URL(path, import.meta.url));
const why = await noContainers();

/** A catalog of what the stand-in can install. */
async function catalogAt(path) {
  const [catalog, seed] = await Promise.all(["../fixtures/yunohost/12.1.25/catalog.json", "../lab/yunohost/seeds/demo.json"].map(async (file) => JSON.parse(await readFile(beside(file), "utf8"))));
  const like = (id, { manifest, ...more }) => ({ ...catalog.apps.hextris, ...more, id, manifest: { packaging_format: 2, id, description: {}, ...manifest } });
  const apps = Object.fromEntries(Object.entries(seed.app_catalog).map(([id, packed]) => [id, like(id, packed)]));
  await writeFile(path, JSON.stringify({ ...catalog, apps }));
  return path;
}

/** Whether what the host shows under the domain is vouched for by this authority. */
async function isTaken(address, ca) {
  const socket = connect({ host: address, port: 443, servername: DOMAIN, ca, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { authorized } = socket;
  socket.destroy();
  return authorized;
}

test("the catalog, a certificate and the way in of a YunoHost", { skip: why ?? false }, async (context) => {
  const home = await makeHome();
  const lab = await startContainers(join(home.folder, "lab"), [HOST]);
  const authority = join(home.folder, "authority.pem");
  const desktop = await Desktop.open(home, [], [await catalogAt(join(home.folder, "apps.json")), authority]);
  const step = steps(context, desktop);
  const { address } = lab.host(HOST);

  try {
    await step("it is added", async () => {
      await lab.administered(HOST);
      await lab.root(HOST, "sh /opt/standin/certificates.sh");
      await lab.root(HOST, `yunohost firewall open ${NEW_PORT} SSH; yunohost domain add third.example`);
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await addHost(desktop, lab, HOST, { user: "root", keyText: lab.keyText });
    });

    await step("a catalog of this machine is put where there is none", async () => {
      await openHost(desktop, HOST, "apps");
      await desktop.click("apps-catalog");
      await desktop.click("catalog-keep");
      await desktop.reads("plan-sheet", /default\.json/);
      await desktop.picture("catalog-plan");
      await runPlan(desktop, "done");
    });

    await step("an application is found in it, asked for by its form, and installed by a plan", async () => {
      await openHost(desktop, HOST, "apps");
      await desktop.click("apps-catalog");
      await desktop.type("catalog-search", "wiki");
      await desktop.gone("catalog-oldchat");
      await desktop.picture("catalog");
      await desktop.click("catalog-install-dokuwiki");
      await desktop.choose("app-answer-domain", "third.example");
      await desktop.type("app-answer-password", PASSWORD);
      await desktop.picture("app-form");
      await desktop.click("app-install-plan");
      await desktop.reads("plan-sheet", /yunohost app install dokuwiki/);
      assert.ok(!(await desktop.page()).includes(PASSWORD), "the password is not on the page");
      await runPlan(desktop, "changed");
      assert.match(await lab.root(HOST, "yunohost app list --output-as json"), /"dokuwiki"/);
      await openHost(desktop, HOST, "apps");
      await desktop.shown("app-dokuwiki");
    });

    await step("a certificate is signed here and brought there, and whoever trusts the authority takes it", async () => {
      await desktop.click("nav-certificates");
      await desktop.click("ca-make-first");
      await desktop.type("ca-make-name", "Atelier");
      await desktop.type("ca-make-permitted", DOMAIN);
      await desktop.click("ca-make-do");
      await desktop.click("ca-save-Atelier");
      await desktop.click("ca-issue");
      await desktop.type("ca-issue-names", DOMAIN);
      await desktop.choose("ca-issue-host", HOST);
      await desktop.click("ca-issue-do");
      await desktop.shown("ca-panel");
      await desktop.picture("certificate");
      const ca = await desktop.until("the authority is written", () => readFile(authority).catch(() => false));
      assert.equal(await isTaken(address, ca), false, "what the host signed itself is nobody's");
      await desktop.click("ca-push");
      await desktop.reads("plan-sheet", /key\.pem/);
      assert.doesNotMatch(await desktop.page(), /PRIVATE KEY/);
      await desktop.picture("certificate-plan");
      await runPlan(desktop, "changed");
      assert.equal(await isTaken(address, ca), true);
      await desktop.click("nav-certificates");
      await desktop.untilAttribute(`ca-${DOMAIN}`, "data-state", (state) => state === "there");
    });

    await step("who is banned is let in again", async () => {
      await lab.root(HOST, `systemctl start fail2ban; until fail2ban-client ping >/dev/null 2>&1; do sleep 0.1; done; fail2ban-client set sshd banip ${BANNED}`);
      await openHost(desktop, HOST, "rescue");
      await desktop.click(`unban-${BANNED}`);
      await runPlan(desktop, "done");
      assert.ok(!(await lab.root(HOST, "fail2ban-client status sshd")).includes(BANNED));
    });

    await step("SSH moves to another port by a plan that gets in there before it lets go, and the record follows", async () => {
      await openHost(desktop, HOST, "operations");
      await desktop.type("ynh-search", "settings set");
      await desktop.click("ynh-do-settings-set");
      await desktop.type("ynh-setting", "security.ssh.ssh_port");
      await desktop.type("ynh-value", String(NEW_PORT));
      await desktop.click("ynh-plan");
      await desktop.shown("plan-step-4");
      await desktop.picture("lifeline-plan");
      await runPlan(desktop, "changed");
      await openHost(desktop, HOST, "connection");
      await desktop.reads("host-ways", new RegExp(`:${NEW_PORT}`));
      await desktop.click("host-test");
      await desktop.shown("host-test-passed");
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
  for (const secret of [PASSPHRASE, PASSWORD]) assert.ok(!desktop.said().includes(secret), "a secret was logged");
});
