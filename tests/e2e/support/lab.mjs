// A lab of one test: real SSH servers on 127.0.0.1, in a folder of their own.

import { execFile } from "node:child_process";
import { appendFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const LAB = fileURLToPath(new URL("../../lab/lab", import.meta.url));

/**
 * @param {string} folder where the lab lives; `down` removes it
 * @returns {Promise<{host: (name: string) => {address: string, port: number, user: string, host_key_fingerprint: string}, keyText: string, ask: (name: string, command: string) => Promise<string>, rekey: (name: string) => Promise<void>, quick: (name: string) => Promise<void>, halt: (name: string) => Promise<void>, revive: () => Promise<void>, down: () => Promise<void>}>}
 *   its hosts; the key that opens them; `ask` runs a command by OpenSSH, past Beffroi; `rekey` gives a host another key;
 *   `quick` has a slow host make its changes at once; `halt` takes a host away with all its connections, `revive` brings back those that were
 */
export async function startLab(folder) {
  const { stdout } = await run(LAB, ["up", "--dir", folder, "--speed", "0", "--json"]);
  const described = JSON.parse(stdout);
  const host = (name) => {
    const found = described.hosts.find((one) => one.name === name);
    if (!found) throw new Error(`no host ${name} in the lab`);
    return found;
  };
  return {
    host,
    keyText: await readFile(described.client_key, "utf8"),
    async ask(name, command) {
      const { address, port, user } = host(name);
      const options = ["-F", "/dev/null", "-i", described.client_key, "-o", `UserKnownHostsFile=${join(folder, "known_hosts")}`, "-o", "BatchMode=yes"];
      return (await run("ssh", [...options, "-p", String(port), `${user}@${address}`, command])).stdout;
    },
    async rekey(name) {
      const place = join(folder, "hosts", name);
      process.kill(Number(await readFile(join(place, "sshd.pid"), "ascii")));
      await Promise.all(["host_key", "host_key.pub"].map((file) => rm(join(place, file))));
      await run(LAB, ["up", "--dir", folder, "--speed", "0"]);
    },
    quick: (name) => appendFile(join(folder, "hosts", name, "home", ".bashrc"), "export BEFFROI_LAB_SLOW_SECONDS=0\n"),
    async halt(name) {
      const server = (await readFile(join(folder, "hosts", name, "sshd.pid"), "ascii")).trim();
      const children = await run("ps", ["-o", "pid=", "--ppid", server]).then(({ stdout: listed }) => listed.split(/\s+/).filter((pid) => pid !== ""), () => []);
      for (const pid of [server, ...children]) {
        try {
          process.kill(Number(pid));
        } catch (error) {
          if (error.code !== "ESRCH") throw error;
        }
      }
    },
    revive: async () => void (await run(LAB, ["up", "--dir", folder, "--speed", "0"])),
    down: async () => void (await run(LAB, ["down", "--dir", folder])),
  };
}
