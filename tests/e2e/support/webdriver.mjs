// WebKit's own driver, and a session with the desktop's real window through it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Builder, Capabilities } from "selenium-webdriver";

const DRIVER = process.env.BEFFROI_WEBDRIVER ?? "/usr/bin/WebKitWebDriver";
const START_MS = 30_000;

/** A TCP port that was free a moment ago. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts the desktop under the driver.
 *
 * @param {string} binary the desktop, built with the page inside
 * @param {string[]} args its arguments
 * @param {Record<string, string>} env what its environment is, whole
 * @returns {Promise<{driver: import("selenium-webdriver").WebDriver, said: () => string, stop: () => Promise<void>}>}
 *   the session; all that the desktop, WebKit and the page's console said; and the end of it
 */
export async function startSession(binary, args, env) {
  const port = await freePort();
  const process_ = spawn(DRIVER, [`--port=${port}`, "--host=127.0.0.1"], {
    env: { ...env, TAURI_WEBVIEW_AUTOMATION: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that the desktop goes when the driver goes.
    detached: true,
  });
  let said = "";
  for (const stream of [process_.stdout, process_.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (said += text));
  }
  const ended = once(process_, "exit");
  const kill = async () => {
    try {
      process.kill(-process_.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
    await ended;
  };
  try {
    await answers(`http://127.0.0.1:${port}/status`, () => process_.exitCode === null, () => said);
    const capabilities = new Capabilities({ browserName: "wry", "webkitgtk:browserOptions": { binary, args } });
    const builder = new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities);
    // The driver waits for ever for a desktop that died on its way up.
    const driver = await Promise.race([builder.build(), tooLate(`no window after ${START_MS / 1000} s`)]);
    return {
      driver,
      said: () => said,
      stop: async () => {
        try {
          await Promise.race([driver.quit(), tooLate(`the window is still there after ${START_MS / 1000} s`)]);
        } finally {
          await kill();
        }
      },
    };
  } catch (error) {
    await kill();
    throw new Error(`no session with ${binary}: ${error.message}\n${said}`, { cause: error });
  }
}

async function tooLate(what) {
  await pause(START_MS, undefined, { ref: false });
  throw new Error(what);
}

async function answers(address, lives, said) {
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await pause(50)) {
    if (!lives()) throw new Error(`${DRIVER} ended: ${said()}`);
    if (await fetch(address).then((response) => response.ok, () => false)) return;
  }
  throw new Error(`${DRIVER} does not answer`);
}
