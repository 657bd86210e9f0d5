import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { planDesk } from '$features/plan';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { guestsDesk } from './desk.svelte';
import Guests from './Guests.view.svelte';
import { brokenOf, wayLabel } from './ways';

const web = 'bench-01.ostrel.lan/shop-web';
let backend: FakeBackend;
const asked = (command: string): unknown => backend.calls.findLast((call) => call.command === command)?.request;
const press = (id: string): Promise<boolean> => fireEvent.click(screen.getByTestId(id));
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
const choose = (id: string, value: string): Promise<boolean> => fireEvent.change(screen.getByTestId(id), { target: { value } });

beforeEach(async () => {
  document.body.replaceChildren();
  Element.prototype.scrollIntoView = () => undefined;
  planDesk.reset();
  guestsDesk.reset();
  installPlatform(backend = new FakeBackend({ open: true }));
  session.leave();
  await session.begin();
  await waitFor(() => { expect(session.hosts.value).not.toBeNull(); });
  render(Guests, { onopenhost: () => undefined, onopenterminal: () => undefined, onopenfleet: () => undefined });
  await screen.findByTestId(`guest-${web}`);
});

describe('a specification', () => {
  beforeEach(async () => { await press('guests-create'); });

  it('is held against the rules of a stage while it is written, each finding with its line', async () => {
    await choose('guest-spec-host', 'bench-01.ostrel.lan');
    expect((await screen.findByTestId('guest-finding-0')).textContent).toMatch(/line 1.*not pinned/);
    await waitFor(() => { expect(screen.getByTestId('guest-finding-0').dataset['level']).toBe('warn'); });
    await choose('guest-spec-stage', 'prod');
    await waitFor(() => { expect(screen.getByTestId('guest-finding-0').dataset['level']).toBe('refuse'); });
    await type('guest-spec-text', 'image = "debian-12"\n[limits]\nmemroy = "1 GiB"\n');
    await waitFor(() => { expect(screen.getByTestId('guest-finding-0').textContent).toMatch(/line 3.*Is memory meant/); });
    await press('guest-finding-0');
    const area = screen.getByTestId<HTMLTextAreaElement>('guest-spec-text');
    expect(area.value.slice(area.selectionStart, area.selectionEnd)).toBe('memroy = "1 GiB"');
  });

  it('becomes a plan, and what was sent is dropped when it is not run', async () => {
    await choose('guest-spec-host', 'bench-01.ostrel.lan');
    await type('guest-spec-name', '2web');
    await type('guest-spec-folder', '/home/camille/guests');
    await screen.findByTestId('guest-finding-0');
    expect(screen.getByTestId<HTMLButtonElement>('guest-spec-plan').disabled).toBe(true);
    await type('guest-spec-name', 'web');
    await waitFor(() => { expect(screen.getByTestId<HTMLButtonElement>('guest-spec-plan').disabled).toBe(false); });
    await press('guest-spec-plan');
    await waitFor(() => { expect(planDesk.plan).not.toBeNull(); });
    expect(asked('guest_make_plan')).toMatchObject({ guest: 'bench-01.ostrel.lan/web', folder: '/home/camille/guests', rebuild: false });
    expect(backend.calls.some((call) => call.command === 'plan_run' || call.command === 'ynh_sent_drop')).toBe(false);
    planDesk.cancel();
    await waitFor(() => { expect(asked('ynh_sent_drop')).toEqual({ on: 'bench-01.ostrel.lan', path: '/var/lib/beffroi/sent/5f21' }); });
  });

  it('says that nothing is to be done where all is so already', async () => {
    await choose('guest-spec-host', 'bench-01.ostrel.lan');
    await type('guest-spec-name', 'shop-db');
    await press('guest-spec-choose');
    await waitFor(() => { expect(screen.getByTestId<HTMLInputElement>('guest-spec-folder').value).toBe('/media/camille/COPIES'); });
    await waitFor(() => { expect(screen.getByTestId<HTMLButtonElement>('guest-spec-plan').disabled).toBe(false); });
    await press('guest-spec-plan');
    await waitFor(() => { expect(screen.queryByTestId('guest-spec')).toBeNull(); });
    expect(planDesk.open).toBe(false);
  });
});

describe('images', () => {
  beforeEach(async () => {
    await press('guests-images');
    await choose('guest-images-host', 'bench-01.ostrel.lan');
  });

  it('are shown as text, and removed by a plan', async () => {
    await waitFor(() => { expect(screen.getByTestId('guest-images-list').textContent).toContain('alpineU+202E<b>3.22</b>'); });
    await press('guest-image-remove-debian-12');
    await waitFor(() => { expect(planDesk.plan).not.toBeNull(); });
    expect(asked('guest_image_remove')).toEqual({ host: 'bench-01.ostrel.lan', name: 'debian-12', driver: 'incus' });
  });

  it('are taken in from files that are chosen or dropped, held against a digest', async () => {
    backend.drag({ kind: 'dropped', x: 1, y: 1, paths: ['/home/camille/meta.tar.xz'] });
    await press('guest-image-choose');
    await waitFor(() => { expect(screen.getByTestId('guest-image-files').querySelectorAll('li')).toHaveLength(2); });
    await type('guest-image-sha256', 'ab');
    expect(screen.getByTestId<HTMLButtonElement>('guest-image-plan').disabled).toBe(true);
    await type('guest-image-sha256', 'AB'.repeat(32));
    await press('guest-image-plan');
    await waitFor(() => { expect(planDesk.plan).not.toBeNull(); });
    expect(asked('guest_image_import')).toEqual({ host: 'bench-01.ostrel.lan', files: ['/home/camille/meta.tar.xz', '/home/camille/file.txt'], sha256: 'ab'.repeat(32) });
  });
});

describe('the ways to a guest', () => {
  it('are drawn hop by hop, tested when asked, and the one that breaks is named with what to do', async () => {
    await press(`guest-${web}`);
    await fireEvent.click(await screen.findByTestId('guest-ways-open'));
    expect((await screen.findByTestId('guest-hop-guest')).dataset['state']).toBe('unclear');
    expect(asked('exposure')).toEqual({ guest: web, name: null, port: null, test: false });
    await press('guest-ways-test');
    await waitFor(() => { expect(screen.getByTestId('guest-hop-guest').dataset['state']).toBe('broken'); });
    expect(asked('exposure')).toMatchObject({ test: true });
    expect(screen.getByTestId('guest-way-broken').textContent).toMatch(/breaks here: Guest.*10\.0\.7\.21:8000/s);
    const drawn = screen.getByTestId('guest-ways');
    expect([...drawn.querySelectorAll('li')].map((hop) => hop.dataset['testid'])).toEqual(['name', 'router', 'firewall', 'entry', 'certificate', 'way', 'guest', 'process', 'answer'].map((hop) => `guest-hop-${hop}`));
    expect(drawn.querySelector('b')).toBeNull();
    expect(drawn.textContent).toContain('nginxU+202E');
    await press('guest-way-copy');
    await waitFor(() => { expect(backend.copied).toHaveLength(1); });
    await press('guest-way-1');
    await waitFor(() => { expect(screen.queryByTestId('guest-hop-router')).toBeNull(); });
    expect(screen.queryByTestId('guest-way-broken')).toBeNull();
  });

  it('are none where nothing leads there', async () => {
    await press('guest-bench-01.ostrel.lan/caisse');
    await fireEvent.click(await screen.findByTestId('guest-ways-open'));
    await screen.findByTestId('guest-ways-none');
  });

  it('are called by their name and port', () => {
    const way = { name: 'a\u202e.test', port: 443, by: 'nginx', ours: false, hops: [], culprit: 3 };
    expect([wayLabel(way), wayLabel({ ...way, name: null }), brokenOf(way)]).toEqual(['a[U+202E].test:443 (nginx)', '*:443 (nginx)', null]);
  });
});
