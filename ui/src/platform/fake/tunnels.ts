import type { TunnelRow } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { allowAtOnce } from './runs';
import type { FakeVault } from './vault';

export type Leading = 'tunnel_open' | 'tunnel_list' | 'tunnel_watch' | 'tunnel_close';

/** Tunnels through the hosts of a vault. */
export function leadingRooms(): Rooms<Leading> {
  const vaults = new WeakMap<FakeVault, TunnelRow[]>();
  const tunnelsOf = (vault: FakeVault): TunnelRow[] => {
    const tunnels = vaults.get(vault) ?? [];
    vaults.set(vault, tunnels);
    return tunnels;
  };
  return {
    tunnel_open: ({ host: name, port, end, web_admin, typed }, vault) => {
      const host = vault.host(name);
      if (host.sealed) throw refuse('stage-sealed', { stage: host.stage }, name);
      if (host.trouble) throw host.trouble;
      allowAtOnce([host], typed ?? null, vault);
      const tunnels = tunnelsOf(vault);
      if (port && tunnels.some((tunnel) => tunnel.port === port)) throw refuse('port-taken', { port: String(port), reason: 'Address already in use (os error 98)' }, name);
      const here = port || 40_000 + tunnels.length;
      const row: TunnelRow = {
        tunnel: vault.fresh('tunnel'), host: name, stage: host.stage, port: here, end: web_admin ? '127.0.0.1:443' : end ? `${end.address}:${String(end.port)}` : null, opened_ms: Date.now(), open: 0, served: 0, error: null, closed: false,
        web_admin: web_admin ? `https://127.0.0.1:${String(here)}/yunohost/admin/` : null,
      };
      tunnels.push(row);
      return row;
    },
    tunnel_list: (_, vault) => ({ tunnels: tunnelsOf(vault) }),
    tunnel_watch: ({ tunnel }, vault) => {
      const found = tunnelsOf(vault).find((row) => row.tunnel === tunnel);
      if (!found) throw refuse('tunnel-not-found', { tunnel });
      return found;
    },
    tunnel_close: ({ tunnel }, vault) => {
      vaults.set(vault, tunnelsOf(vault).filter((row) => row.tunnel !== tunnel));
      return {};
    },
  };
}
