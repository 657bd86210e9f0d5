// What the tests do over and over, in a person's order.

import assert from "node:assert/strict";
import { Key } from "selenium-webdriver";

/** Makes a vault and writes its words down. */
export async function makeVault(desktop, { path, name, passphrase }) {
  await desktop.click("new-vault");
  await desktop.type("new-vault-path", path);
  await desktop.type("new-vault-name", name);
  await desktop.type("new-vault-passphrase", passphrase);
  await desktop.type("new-vault-passphrase-again", passphrase);
  await desktop.click("new-vault-create");
  const words = await desktop.entries("recovery-words");
  await desktop.picture("recovery-words");
  await desktop.click("recovery-words-done");
  await desktop.shown("nav-fleet");
  return words;
}

/** Adds a host of the lab and accepts the key it shows, if it is the right one. Without a key or a password, with the first secret there is. */
export async function addHost(desktop, lab, name, { keyText, password, user, stage }) {
  const host = lab.host(name);
  await desktop.click("add-host");
  await desktop.type("add-host-name", name);
  await desktop.type("add-host-address", host.address);
  await desktop.type("add-host-port", String(host.port));
  await desktop.type("add-host-user", user ?? host.user);
  if (stage) await desktop.choose("add-host-stage", stage);
  if (keyText) {
    await desktop.choose("add-host-identity", "new-key");
    await desktop.paste("add-host-key-text", keyText);
  }
  if (password) {
    await desktop.choose("add-host-identity", "new-password");
    await desktop.type("add-host-password", password);
  }
  await desktop.click("add-host-next");
  assert.equal(await desktop.text("add-host-fingerprint"), host.host_key_fingerprint);
  await desktop.picture("fingerprint");
  await desktop.click("add-host-accept");
  await desktop.shown("add-host-passed");
  await desktop.click("add-host-done");
  await desktop.gone("add-host-dialog");
}

/** Opens the vault that the door offers. */
export async function unlock(desktop, passphrase) {
  await desktop.type("unlock-passphrase", passphrase);
  await desktop.click("unlock-submit");
  await desktop.shown("nav-fleet");
}

/** Stores a password among the secrets. */
export async function addSecret(desktop, { name, value, stage }) {
  await desktop.click("nav-secrets");
  await desktop.click("secret-add");
  await desktop.type("secret-add-name", name);
  await desktop.click("secret-add-kind-password");
  await desktop.type("secret-add-password", value);
  if (stage) await desktop.choose("secret-add-stage", stage);
  await desktop.click("secret-add-store");
  await desktop.shown(`secret-${name}`);
}

/** Opens a host's page from the fleet. */
export async function openHost(desktop, name, section) {
  await desktop.click("nav-fleet");
  await desktop.click(`host-row-${name}`);
  await desktop.click(`host-section-${section}`);
}

/** Reads the plan on the screen, starts it, and waits for the end of its job. */
export async function runPlan(desktop, state) {
  await desktop.click("plan-run");
  await desktop.untilAttribute("job-state", "data-state", (read) => !["queued", "running"].includes(read));
  assert.equal(await desktop.attribute("job-state", "data-state"), state);
}

/** Goes to a folder in one of the two panes of files, `local` or `host`, by its path. */
export async function goToFolder(desktop, side, path) {
  await desktop.shown(`pane-${side}-grid`);
  await desktop.script(`document.querySelector('[data-testid="pane-${side}-grid"]').focus()`);
  await desktop.press("/");
  await desktop.shown(`pane-${side}-path`);
  // It begins with the slash.
  await desktop.press(path.slice(1));
  await desktop.press(Key.ENTER);
  await desktop.untilAttribute(`pane-${side}-grid`, "aria-label", (label) => label.endsWith(path));
}
