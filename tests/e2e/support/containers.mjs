// Machines of one test: containers of the full lab, which may be changed in any way.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const LABS = fileURLToPath(new URL("../../lab", import.meta.url));
const LAB = join(LABS, "lab");
// The stand-in for YunoHost, to the root of a machine.
const ADMINISTERED = `tar -c --exclude=__pycache__ -C "$1/yunohost" bin seeds ynh_standin -C "$1/full" yunohost.py nginx.py certificates.sh | \
  ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -i "$2" "root@$3" \
  'mkdir -p /opt/standin && tar -x -C /opt/standin && install /opt/standin/yunohost.py /usr/bin/yunohost'`;

/** Why there can be no containers here; null when there can. */
export async function noContainers() {
  const { stdout } = await run(LAB, ["full", "possible"]);
  return stdout.trim() || null;
}

/**
 * @param {string} folder where the lab lives; `down` removes it
 * @param {string[]} names the hosts that are wanted
 * @returns {Promise<{host: (name: string) => {address: string, port: number, user: string, host_key_fingerprint: string}, keyText: string, password: (name: string, user: string) => Promise<string>, root: (name: string, script: string) => Promise<string>, restart: (name: string) => Promise<void>, administered: (name: string) => Promise<void>, down: () => Promise<void>}>}
 *   its hosts; the key that opens them; the password of an account; `root` runs a script there past the SSH server, `restart` starts that server anew, `administered` makes a Debian a YunoHost
 */
export async function startContainers(folder, names) {
  const { stdout } = await run(LAB, ["full", "up", ...names, "--dir", folder, "--json"]);
  const described = JSON.parse(stdout);
  return {
    host: (name) => described.hosts.find((one) => one.name === name),
    keyText: await readFile(described.client_key, "utf8"),
    password: async (name, user) => {
      const { accounts } = described.hosts.find((one) => one.name === name);
      return (await readFile(accounts.find((account) => account.user === user).password_file, "utf8")).trim();
    },
    root: async (name, script) => (await run(LAB, ["full", "exec", "--dir", folder, name, "--", "sh", "-c", script])).stdout,
    restart: async (name) => void (await run(LAB, ["full", "sshd", "--dir", folder, name])),
    administered: async (name) => void (await run("sh", ["-c", ADMINISTERED, "sh", LABS, described.client_key, described.hosts.find((one) => one.name === name).address])),
    down: async () => void (await run(LAB, ["full", "down", "--dir", folder])),
  };
}
