// The command line of the person whose window is tested: same home, no terminal.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { binary, environmentOf } from "./desktop.mjs";

/**
 * @param {{folder: string, env: Record<string, string>}} home
 * @returns {(...args: string[]) => Promise<{code: number, out: string, err: string, data: any}>}
 *   runs `beffroi --json`; `data` is what it answers when it succeeds
 */
export function commandLine(home) {
  return async (...args) => {
    const process_ = spawn(binary("BEFFROI_CLI"), ["--json", ...args], { env: environmentOf(home), stdio: ["ignore", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) process_[name].setEncoding("utf8").on("data", (text) => (said[name] += text));
    const [code] = await once(process_, "close");
    return { code, out: said.stdout, err: said.stderr, data: code === 0 && said.stdout !== "" ? JSON.parse(said.stdout).data : undefined };
  };
}

/** Keeps a secret in a file of its own, for `--passphrase-file` and its like. */
export async function secretFile(home, name, secret) {
  const path = join(home.folder, name);
  await writeFile(path, `${secret}\n`, { mode: 0o600 });
  return path;
}
