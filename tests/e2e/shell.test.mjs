// What the shell owes the page and the person, whatever the screens show.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { Desktop, makeHome } from "./support/desktop.mjs";

let home, desktop;

before(async () => {
  home = await makeHome();
  desktop = await Desktop.open(home);
});

after(async () => {
  await desktop?.close();
  await home?.remove();
});

const invoke = (command, args) => desktop.invoke(command, args);

test("the window opens on the unlock screen", async () => {
  assert.equal(await desktop.driver.getTitle(), "Beffroi");
  assert.match(await desktop.driver.getCurrentUrl(), /^tauri:\/\/localhost\b/);
  await desktop.shown("new-vault");
  await desktop.picture("unlock");
});

test("each command has its own door", async () => {
  assert.deepEqual(await invoke("rpc", { command: "vault_list", request: {} }), { answer: { vaults: [] } });
  const secret = { command: "vault_unlock", request: { path: "/nowhere", with: { passphrase: "x" } } };
  assert.equal((await invoke("rpc", secret)).refused.code, "invalid-request");
  assert.equal((await invoke("rpc_secret", { command: "vault_list", request: {} })).refused.code, "invalid-request");
  assert.equal((await invoke("rpc", { command: "no_such", request: {} })).refused.code, "invalid-request");
});

test("the page may ask for what its window is allowed, and nothing else", async () => {
  for (const command of ["plugin:app|version", "plugin:window|close", "plugin:webview|create_webview_window", "plugin:event|emit", "plugin:path|resolve_directory"]) {
    assert.match((await invoke(command)).refused, /not allowed/, command);
  }
  assert.deepEqual(await invoke("copy_text", { text: "SHA256:abc" }), { answer: null });
});

test("the page reaches nothing outside and runs nothing it did not bring", async () => {
  const refused = await desktop.driver.executeAsyncScript(
    `const done = arguments[0];
     const broken = [];
     document.addEventListener("securitypolicyviolation", (event) => broken.push(event.effectiveDirective));
     const paragraph = document.createElement("p");
     paragraph.setAttribute("style", "color: red");
     let ran = true;
     try { eval("1"); } catch { ran = false; }
     const opened = window.open("https://example.org/");
     location.href = "https://example.org/";
     fetch("https://example.org/").then(() => "answered", () => "refused").then((fetched) =>
       setTimeout(() => done({ broken, ran, opened: opened !== null, fetched, color: paragraph.style.color, at: location.protocol }), 300));`,
  );
  assert.equal(refused.ran, false);
  assert.equal(refused.opened, false);
  assert.equal(refused.fetched, "refused");
  assert.equal(refused.at, "tauri:");
  assert.ok(refused.broken.includes("connect-src"), refused.broken);
});

test("without a display it says so, and does not panic", async () => {
  const { code, said } = await new Promise((resolve) =>
    execFile(process.env.BEFFROI_DESKTOP, [], { env: { PATH: process.env.PATH } }, (error, out, said) => resolve({ code: error?.code, said })),
  );
  assert.equal(code, 1);
  assert.match(said, /no display/);
  assert.doesNotMatch(said, /panicked/);
});
