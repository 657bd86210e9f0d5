// Every screen in every theme and both languages: photographed, measured with axe, and nothing of it out of the window.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { atRest, violations } from "./support/axe.mjs";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { startLab } from "./support/lab.mjs";
import { addHost, addSecret, makeVault, openHost, runPlan } from "./support/screens.mjs";

const PASSPHRASE = "six larks over a ploughed field";
const RECIPE = `name = "uptime"
description = "How long it has been up"

[[parameters]]
name = "times"
type = "integer"
min = 1
max = 3
default = 1

[[steps]]
title = "Ask"
command = "for n in $(seq {times}); do uptime; done"
`;
const BEFORE = "name,url,username,password,note\nmail,https://mail.example.org,postmaster,sunshine1,\nwiki,https://wiki.example.org,ada,sunshine1,relay\n";
const THEMES = ["light", "dark", "hc"];
const LANGUAGES = ["en", "fr"];
const HOST_SECTIONS = ["overview", "jobs", "survey", "changes", "hardening", "processes", "files", "tunnels", "rescue", "connection", "ledger"];
const YUNOHOST_SECTIONS = ["apps", "people", "services", "backups", "diagnosis", "upgrades", "dns", "ynhlogs", "facts", "operations"];
const VAULT_SECTIONS = ["overview", "ways", "identities", "copies", "parcels", "locking"];

test("every screen, in every theme and both languages", async (context) => {
  const home = await makeHome();
  const lab = await startLab(join(home.folder, "lab"));
  const desktop = await Desktop.open(home, [], [home.folder]);
  const step = steps(context, desktop);
  /** What is wrong, each with the screens it was found on. */
  const found = new Map();
  const note = (what, name) => found.set(what, [...(found.get(what) ?? []), name]);
  const look = async (name) => {
    await atRest(desktop);
    await desktop.picture(name);
    for (const line of await violations(desktop)) note(line, name);
    const [wide, room] = await desktop.script("return [document.documentElement.scrollWidth, window.innerWidth]");
    if (wide > room) note(`the page is ${wide} wide, the window ${room}`, name);
  };

  try {
    await step("the door", async () => {
      await desktop.shown("new-vault");
      await look("door");
    });

    await step("a vault with something in it", async () => {
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await look("empty-fleet");
      await addHost(desktop, lab, "plain-1", { keyText: lab.keyText });
      await addHost(desktop, lab, "ynh-1", {});
      await addSecret(desktop, { name: "mail", value: "lark and plough" });
      await writeFile(join(home.folder, "passwords.csv"), BEFORE);
      await desktop.click("secret-import");
      await desktop.type("import-path", join(home.folder, "passwords.csv"));
      await look("import-file");
      await desktop.click("import-read");
      await desktop.shown("import-table");
      await desktop.click("import-rules");
      await look("import-rules");
      await desktop.dismiss("import-rules-dialog");
      await desktop.click("import-apply");
      await desktop.shown("import-done");
      await look("import-done");
      await desktop.click("import-close");
      await desktop.click("secret-wiki");
      await desktop.click("beside-edit");
      await look("beside-edit");
      await desktop.dismiss("beside-dialog");
      await desktop.click("secret-export-open");
      await look("secret-export");
      await desktop.dismiss("secret-export");
      await desktop.click("secret-remove-wiki");
      await desktop.click("secret-remove-confirm");
      await desktop.gone("secret-remove-dialog");
      for (const [button, dialog] of [["secret-make-key", "make-key-dialog"], ["secret-templates", "templates-dialog"], ["secret-scan", "scan-dialog"]]) {
        await desktop.click(button);
        await look(dialog);
        await desktop.dismiss(dialog);
      }
      await desktop.click("secret-add");
      await desktop.choose("secret-add-template", "database");
      await look("secret-template");
      await desktop.dismiss("secret-add-dialog");
      await desktop.click("nav-vault");
      await desktop.click("vault-section-parcels");
      await desktop.click("parcel-new");
      await look("parcel-new");
      await desktop.dismiss("parcel-dialog");
      await desktop.click("nav-secrets");
      await desktop.click("secret-trash");
      await look("secret-trash");
      await desktop.dismiss("trash-dialog");
      await desktop.click("nav-fleet");
      await desktop.click("host-tick-plain-1");
      await desktop.click("selection-run");
      await desktop.type("run-command-text", "printf 'one\\ntwo\\n'");
      await look("run-command");
      await desktop.click("run-command-job");
      // It can be run once it lay open for a moment, and changes its colours then.
      await desktop.until("the plan can be run", () => desktop.isEnabled("plan-run"));
      await look("plan-sheet");
      await runPlan(desktop, "done");
      await desktop.click("nav-recipes");
      await desktop.click("recipe-add");
      await desktop.paste("recipe-text", RECIPE);
      await desktop.click("recipe-store");
      await desktop.shown("recipe-panel");
      await desktop.click("nav-certificates");
      await desktop.click("ca-make-first");
      await desktop.type("ca-make-name", "Atelier");
      await desktop.type("ca-make-permitted", "atelier-dubois.example");
      await desktop.click("ca-make-do");
      await desktop.click("ca-issue");
      await desktop.type("ca-issue-names", "atelier-dubois.example");
      await desktop.choose("ca-issue-host", "ynh-1");
      await look("issue-certificate");
      await desktop.click("ca-issue-do");
      await desktop.shown("ca-panel");
      await lab.ask("ynh-1", "yunohost backup create --name harvest --apps roundcube");
      await openHost(desktop, "ynh-1", "backups");
      await desktop.click("backup-pull-harvest");
      await desktop.until("it is here", () => desktop.script("return document.querySelector('[data-testid^=\"backup-restore-\"]') !== null"));
      await desktop.click("host-section-tunnels");
      await desktop.type("tunnel-port", "443");
      await desktop.click("tunnel-open");
      await desktop.shown("tunnels");
      await desktop.click("host-section-apps");
      await desktop.click("app-configure-nextcloud");
      await look("app-config");
      await desktop.dismiss("app-config");
      await desktop.click("nav-people");
      await desktop.click("people-add");
      await look("person-form");
      await desktop.type("person-name", "ada");
      await desktop.type("person-fullname", "Ada Reed");
      await desktop.click("person-store");
      await desktop.click("people-tab-people");
      await desktop.click("person-ada");
      await desktop.click("person-leave");
      await look("offboard");
      await desktop.dismiss("person-offboard");
      await desktop.click("people-tab-matrix");
    });

    for (const language of LANGUAGES) {
      for (const theme of THEMES) {
        await step(`${theme}, ${language}`, async () => {
          await desktop.click("nav-settings");
          await desktop.click(`settings-language-${language}`);
          await desktop.click(`settings-theme-${theme}`);
          const at = (screen) => look(`${screen}-${theme}-${language}`);
          await at("settings");
          for (const screen of ["fleet", "guests", "yunohost", "people", "activity", "runs", "recipes", "terminal", "journal", "reports", "secrets", "certificates", "stages", "guide"]) {
            await desktop.click(`nav-${screen}`);
            await desktop.shown(`screen-${screen}`);
            await at(screen);
          }
          for (const host of ["plain-1", "ynh-1"]) {
            await openHost(desktop, host, "overview");
            await at(`host-${host}`);
          }
          for (const section of [...HOST_SECTIONS.slice(1), ...YUNOHOST_SECTIONS]) {
            await desktop.click(`host-section-${section}`);
            await at(`host-${section}`);
          }
          await desktop.click("nav-secrets");
          await desktop.click("secret-import");
          await desktop.type("import-path", join(home.folder, "passwords.csv"));
          await desktop.click("import-read");
          await desktop.shown("import-table");
          await at("import-preview");
          await desktop.click("import-back");
          await desktop.click("import-cancel");
          await desktop.click("secret-plain-1/ssh");
          await desktop.click("secret-rotate");
          await at("secret-rotate");
          await desktop.dismiss("rotate-dialog");
          await at("secret-panel");
          await desktop.click("secret-panel-close");
          await desktop.click("nav-vault");
          for (const section of VAULT_SECTIONS) {
            await desktop.click(`vault-section-${section}`);
            await at(`vault-${section}`);
          }
        });
      }
    }
    await step("nothing of it breaks a rule", () => {
      assert.deepEqual([...found].map(([what, names]) => `${what} (${names.length}: ${names.slice(0, 3).join(", ")})`), []);
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
});
