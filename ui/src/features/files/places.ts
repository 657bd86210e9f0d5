/** Where one was: the panes begin there again. Of this run of the window only; nothing of a host is kept anywhere. */
const places = new Map<string, string>();
let local = '';

export function placeOf(vault: string | null, host: string): string {
  return places.get(`${vault} ${host}`) ?? '';
}

export function localPlace(): string {
  return local;
}

export function keepPlaces(vault: string | null, host: string, onHost: string, here: string): void {
  places.set(`${vault} ${host}`, onHost);
  local = here;
}

/** Forgets where one was on the hosts of vaults that are open no more. */
export function forgetPlaces(open: readonly string[]): void {
  for (const place of places.keys()) if (!open.some((vault) => place.startsWith(`${vault} `))) places.delete(place);
  if (open.length === 0) local = '';
}
