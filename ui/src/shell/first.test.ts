import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { fleetDesk } from '$features/fleet';
import { firstSteps, Settings, telling, zoom } from '$features/settings';
import { Unlock } from '$features/vault';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import FirstSteps from './FirstSteps.svelte';
import { chapterOf, hostSections, plainRoute, vaultSections, type Route } from './routes';
import { placeBeside } from './tour-place';
import Tour from './Tour.svelte';
import { chapterNames } from '$features/guide';

async function begin(backend: FakeBackend): Promise<void> {
  installPlatform(backend);
  session.leave();
  await session.begin();
  if (session.current !== null) await Promise.all([session.vault.load(), session.hosts.load(), session.stages.load()]);
}

describe('first steps', () => {
  const went: Route[] = [];
  const shown = (): ReturnType<typeof render> => render(FirstSteps, { go: (route: Route) => went.push(route) });

  beforeEach(() => {
    firstSteps.show();
    went.length = 0;
    fleetDesk.adding = false;
  });

  it('begin at the door of a machine without a vault', async () => {
    await begin(new FakeBackend({ vaults: false }));
    render(Unlock);
    expect((await screen.findByTestId('first-progress')).textContent).toContain('Step 1 of 3');
  });

  it('go on from what is in the vault: a host is next', async () => {
    await begin(new FakeBackend({ open: 1, hosts: 0 }));
    shown();
    expect(screen.getByTestId('first-count').textContent).toBe('2 of 3');
    await fireEvent.click(screen.getByTestId('first-host'));
    expect(went).toEqual([{ screen: 'fleet' }]);
    expect(fleetDesk.adding).toBe(true);
  });

  it('are put off and taken up again, also by another page', async () => {
    await begin(new FakeBackend({ open: 1, hosts: 0 }));
    shown();
    await fireEvent.click(screen.getByTestId('first-later'));
    expect(screen.queryByTestId('first-host')).toBeNull();
    expect(localStorage.getItem('beffroi.first-steps')).toBe('later');
    await fireEvent.click(screen.getByTestId('first-resume'));
    expect(screen.getByTestId('first-host')).toBeTruthy();
  });

  it('are over when a host was read, and stay away once closed', async () => {
    await begin(new FakeBackend({ open: 1 }));
    shown();
    await waitFor(() => { expect(screen.getByTestId('first-steps').getAttribute('data-done')).toBe('3'); });
    await fireEvent.click(screen.getByTestId('first-close'));
    firstSteps.begin();
    expect(firstSteps.state).toBe('closed');
  });
});

describe('the tour', () => {
  it('is walked through, back, and left at any time', async () => {
    let closed = 0;
    render(Tour, { onclose: () => { closed += 1; } });
    const stop = (): string | null | undefined => screen.getByTestId('tour').querySelector('[data-stop]')?.getAttribute('data-stop');
    expect(stop()).toBe('lintel');
    await fireEvent.click(screen.getByTestId('tour-next'));
    expect(stop()).toBe('rail');
    await fireEvent.keyDown(screen.getByTestId('tour'), { key: 'ArrowLeft' });
    expect(stop()).toBe('lintel');
    for (let at = 0; at < 5; at += 1) await fireEvent.click(screen.getByTestId('tour-next'));
    expect(stop()).toBe('lock');
    expect(closed).toBe(0);
    await fireEvent.click(screen.getByTestId('tour-next'));
    await fireEvent.click(screen.getByTestId('tour-skip'));
    expect(closed).toBe(2);
  });

  it('keeps its words inside the window, whatever they are about', () => {
    const page = { width: 512, height: 350 };
    const card = { width: 380, height: 170 };
    for (const box of [{ left: 0, top: 0, width: 512, height: 28 }, { left: 0, top: 130, width: 48, height: 100 }, { left: 480, top: 326, width: 32, height: 24 }, { left: 48, top: 28, width: 464, height: 298 }]) {
      const { left, top } = placeBeside(box, card, page);
      expect(left >= 0 && top >= 0 && left + card.width <= page.width && top + card.height <= page.height, JSON.stringify(box)).toBe(true);
    }
  });
});

describe('help', () => {
  it('has a chapter about every screen', () => {
    const routes: Route[] = [...(['fleet', 'yunohost', 'activity', 'runs', 'recipes', 'journal', 'people', 'secrets', 'certificates', 'reports', 'stages', 'terminal', 'settings', 'guide'] as const).map((screen) => plainRoute(screen)), ...hostSections.map((section): Route => ({ screen: 'host', host: 'h', section })), ...vaultSections.map((section): Route => ({ screen: 'vault', section }))];
    for (const route of routes) expect(chapterNames(), JSON.stringify(route)).toContain(chapterOf(route));
  });
});

describe('settings', () => {
  let backend: FakeBackend;
  beforeEach(async () => {
    backend = new FakeBackend({ open: 1 });
    await begin(backend);
  });

  it('change the size of the text in steps, within its bounds', async () => {
    await zoom.choose(100);
    await zoom.step(1);
    expect(backend.zoom).toBe(110);
    for (let at = 0; at < 20; at += 1) await zoom.step(1);
    expect(backend.zoom).toBe(200);
    for (let at = 0; at < 20; at += 1) await zoom.step(-1);
    expect(backend.zoom).toBe(50);
    backend.zoom = 140;
    await zoom.step(-1);
    expect(backend.zoom).toBe(125);
  });

  it('show what is set, and set it', async () => {
    render(Settings);
    await waitFor(() => { expect(screen.getByTestId('about-version').textContent).toBe('0.1.0'); });
    await fireEvent.click(screen.getByTestId('settings-zoom-in'));
    await waitFor(() => { expect(screen.getByTestId('settings-zoom').textContent).toBe('110%'); });
    await fireEvent.change(screen.getByTestId('settings-idle'), { target: { value: '300' } });
    expect((await backend.desk()).idle_lock_s).toBe(300);
    await fireEvent.click(screen.getByTestId('settings-notices-off').querySelector('input') ?? document.body);
    expect(telling.how).toBe('off');
    telling.choose('plain');
    for (let at = 0; at < 4; at += 1) await fireEvent.click(screen.getByTestId('settings-window'));
    expect(backend.windows).toBe(4);
  });
});

describe('a lock that happened by itself', () => {
  it('is said at the door, and to the system without a name', async () => {
    const backend = new FakeBackend();
    backend.lockedItself = Date.now();
    await begin(backend);
    render(Unlock);
    expect(await screen.findByTestId('locked-itself')).toBeTruthy();
    expect(backend.announced.map((one) => one.title)).toEqual(['Beffroi locked its vaults by itself']);
  });
});
