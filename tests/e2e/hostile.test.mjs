// A host that does all it can to be more than text: what it says on every screen stays what it is.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { noContainers, startContainers } from "./support/containers.mjs";
import { Desktop, makeHome, steps } from "./support/desktop.mjs";
import { addHost, makeVault, openHost, runPlan } from "./support/screens.mjs";

const PASSPHRASE = "seven crows on the salt wind";
const HOST = "deb-1";
// Markup that would run, a word read backwards, a title for the window, a cleared screen.
const TRICK = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>\u202etxet\u202c\u001b]0;taken\u0007\u001b[2J`;
const LINES = 300_000;
const why = await noContainers();

test("a hostile host stays text on every screen", { skip: why ?? false }, async (context) => {
  const home = await makeHome();
  const lab = await startContainers(join(home.folder, "lab"), [HOST]);
  const desktop = await Desktop.open(home);
  const step = steps(context, desktop);

  /** Nothing ran, nothing was drawn, nothing is hidden, and the strip says what it says. */
  const harmless = async (where) => {
    await desktop.picture(`hostile-${where}`);
    const seen = await desktop.script(`
      const page = document.documentElement.cloneNode(true);
      for (const terminal of page.querySelectorAll(".xterm")) terminal.remove();
      return {
        title: document.title,
        drawn: page.querySelectorAll("main img, main iframe, main object, main script, main style, dialog img, dialog script, a[href^='http']").length,
        hidden: ([page.textContent, ...[...page.querySelectorAll("[title], [aria-label]")].flatMap((one) => [one.title, one.ariaLabel])].join("").match(/[\\u0007\\u001b\\u202a-\\u202e\\u2066-\\u2069]/g) ?? []).length,
        strip: document.querySelector("[data-testid='lintel'] .name").textContent.trim(),
        rows: document.querySelectorAll("main *").length,
      }`);
    assert.equal(seen.title, "Beffroi", where);
    assert.equal(seen.drawn, 0, where);
    assert.equal(seen.hidden, 0, `${where}: characters that nobody sees`);
    assert.equal(seen.strip, "Development", where);
    assert.ok(seen.rows < 6_000, `${where}: ${seen.rows} elements`);
  };
  /** Waits until an element holds a text, on the screen or cut off. */
  const holds = (id, pattern) => desktop.until(`${id} holds ${pattern}`, async () =>
    pattern.test(await desktop.script("return document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.textContent ?? ''", id)));

  try {
    await step("it lies about itself wherever it can", async () => {
      const trick = Buffer.from(TRICK, "utf8").toString("base64");
      await lab.root(HOST, `
        trick=$(echo ${trick} | base64 -d)
        printf 'PRETTY_NAME="%s"\\nID=debian\\nVERSION_ID=12\\nNAME="%s"\\n' "$trick" "$(head -c 1000000 /dev/zero | tr '\\0' n)" >/etc/os-release.new
        rm -f /etc/os-release && mv /etc/os-release.new /etc/os-release
        printf '%s\\n' "$trick" >/etc/motd
        printf '%s\\n' "$trick" >/etc/banner
        printf 'Banner /etc/banner\\n' >/etc/ssh/sshd_config.d/banner.conf
        ssh-keygen -q -t ed25519 -N '' -C "$trick" -f /root/other && cat /root/other.pub >>/root/.ssh/authorized_keys
        printf '0 0 * * * root echo "%s"\\n' "$trick" >/etc/cron.d/trick
        printf '[Unit]\\nDescription=%s\\n[Service]\\nExecStart=/bin/false\\n' "$trick" >/etc/systemd/system/trick.service
        systemctl daemon-reload; systemctl start trick || true
        cd /root && : >"$(printf '%s' "$trick" | tr -d /)" && : >"$(head -c 255 /dev/zero | tr '\\0' w)" && : >"$(printf 'two\\nlines')"`);
      await lab.restart(HOST);
    });

    await step("it is added, tested and read", async () => {
      await makeVault(desktop, { path: join(home.folder, "acme.beffroi"), name: "Acme", passphrase: PASSPHRASE });
      await addHost(desktop, lab, HOST, { keyText: lab.keyText });
      await harmless("fleet");
      await openHost(desktop, HOST, "connection");
      await desktop.click("host-test");
      await desktop.shown("host-test-passed");
      await harmless("test");
      await desktop.click("host-section-overview");
      await harmless("overview");
      await desktop.click("host-section-survey");
      await holds("survey-system", /<img src=x/);
      await harmless("survey");
      await lab.root(HOST, "printf '# changed\\n' >>/etc/cron.d/trick; rm -f /etc/motd");
      await desktop.click("host-refresh");
      await desktop.until("it was read anew", () => desktop.isEnabled("host-refresh"));
      await desktop.click("host-section-changes");
      await holds("diff-between", /Between/);
      await harmless("changes");
    });

    await step("what it answers to a command is text", async () => {
      await desktop.click("nav-fleet");
      await desktop.click(`host-tick-${HOST}`);
      await desktop.click("selection-run");
      await desktop.type("run-command-text", "cat /etc/banner; cat /etc/banner >&2; head -c 900000 /dev/zero | tr '\\0' o");
      await desktop.click("run-command-now");
      await holds("run-output", /U\+202E/);
      await harmless("run");
      await desktop.click("run-command-close");
    });

    await step("and so is what a job says, whatever its length", async () => {
      await desktop.click("selection-run");
      await desktop.type("run-command-text", `cat /etc/banner; seq ${LINES}; cat /etc/banner`);
      await desktop.click("run-command-job");
      await desktop.shown("plan-run");
      await harmless("plan");
      await runPlan(desktop, "done");
      await holds("job-output", new RegExp(String(LINES)));
      await harmless("job");
    });

    await step("its files have names, however they are called", async () => {
      await openHost(desktop, HOST, "files");
      await harmless("files");
      await desktop.click("nav-journal");
      await harmless("journal");
    });
  } finally {
    await desktop.close();
    await lab.down();
    await home.remove();
  }
  assert.deepEqual(desktop.complaints(), []);
});
