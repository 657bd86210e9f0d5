import { describe, expect, it } from 'vitest';
import type { StageInfo } from '$generated/api';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { spokenOf, timeLeft, unsealedOf } from './countdown';
import { toApiError } from './errors';
import { watchPresence } from './presence';
import { Resource } from './resource.svelte';
import { Session } from './session.svelte';

describe('a resource', () => {
  it('reads once more when asked while reading, and no oftener', async () => {
    let readings = 0;
    const resource = new Resource(() => Promise.resolve(++readings));
    await Promise.all([resource.load(), resource.load(), resource.load(), resource.load()]);
    expect(readings).toBe(2);
    expect(resource.value).toBe(2);
  });

  it('drops an answer that comes after it was cleared', async () => {
    const resource = new Resource(() => Promise.resolve('of the vault before'));
    const loading = resource.load();
    resource.clear();
    await loading;
    expect(resource.value).toBeNull();
  });

  it('keeps its value when a later reading fails', async () => {
    let fails = false;
    const resource = new Resource(() => (fails ? Promise.reject(new Error('no')) : Promise.resolve(1)));
    await resource.load();
    fails = true;
    await resource.load();
    expect(resource.value).toBe(1);
    expect(resource.error?.code).toBe('internal');
  });
});

describe('errors', () => {
  it('pass through, and a fault of the page becomes one', () => {
    expect(toApiError({ code: 'vault-locked', values: {} })).toEqual({ code: 'vault-locked', values: {} });
    expect(toApiError({ code: 'vault-locked' }).values).toEqual({});
    expect(toApiError(new Error('oops'))).toEqual({ code: 'internal', values: { what: 'oops' } });
    expect(toApiError('text')).toEqual({ code: 'internal', values: { what: 'text' } });
  });
});

describe('the session', () => {
  it('finds the vault that is open already, and forgets all of it when it is locked', async () => {
    installPlatform(new FakeBackend({ open: true }));
    const session = new Session();
    await session.begin();
    expect(session.door).toBe('open');
    await session.hosts.load();
    expect(session.hosts.value).toHaveLength(15);
    await session.lock();
    expect(session.door).toBe('closed');
    expect(session.hosts.value).toBeNull();
  });

  it('stays at the door when no vault is open', async () => {
    installPlatform(new FakeBackend());
    const session = new Session();
    await session.begin();
    expect(session.door).toBe('closed');
    expect(session.doorError).toBeNull();
  });
});

describe('several vaults', () => {
  it('are told apart by every call', async () => {
    const backend = new FakeBackend({ open: 2 });
    installPlatform(backend);
    const session = new Session();
    await session.begin();
    const [first, second] = session.open;
    if (!first || !second) throw new Error('two vaults are open');
    expect(session.current).toBe(first.id);
    await session.hosts.load();
    session.enter(second.id);
    expect(session.hosts.value, 'nothing of the vault before is shown').toBeNull();
    await session.hosts.load();
    expect(session.hosts.value).toHaveLength(4);
    expect(new Set(backend.calls.filter((call) => call.command === 'host_list').map((call) => call.vault))).toEqual(new Set([first.id, second.id]));
    expect(backend.calls.filter((call) => call.command === 'vault_list').every((call) => call.vault === null)).toBe(true);
  });

  it('leave the other one when one is locked', async () => {
    installPlatform(new FakeBackend({ open: 2 }));
    const session = new Session();
    await session.begin();
    const [first, second] = session.open;
    await session.lock();
    expect(session.door).toBe('open');
    expect(session.current).toBe(second?.id);
    expect(session.open.map((vault) => vault.id)).not.toContain(first?.id);
  });

  it('are all locked with one request, which names none', async () => {
    const backend = new FakeBackend({ open: 2 });
    installPlatform(backend);
    const session = new Session();
    await session.begin();
    await session.lockAll();
    expect(backend.calls.filter((call) => call.command === 'vault_lock').map((call) => call.vault)).toEqual([null]);
    expect(session.door).toBe('closed');
    expect(session.current).toBeNull();
  });

  it('stay open while one goes to the door to open another', async () => {
    installPlatform(new FakeBackend({ open: true }));
    const session = new Session();
    await session.begin();
    session.leave();
    expect(session.door).toBe('closed');
    expect(session.open).toHaveLength(1);
  });

  it('leave nothing in the stores of the browser', async () => {
    installPlatform(new FakeBackend({ open: 2 }));
    const session = new Session();
    await session.begin();
    await session.hosts.load();
    expect(sessionStorage).toHaveLength(0);
    expect(Object.keys(localStorage).filter((key) => !/^beffroi\.(?:language|theme|density)$/.test(key))).toEqual([]);
    expect(history.state).toBeNull();
  });
});

describe('the countdown', () => {
  const stage = (name: string, seconds: number | null, more: Partial<StageInfo> = {}): StageInfo => ({ name, protected: true, open: seconds !== null, seconds_left: seconds, policy: { typed_confirmation: true, refuse_warnings: false, unsealed_s: 900, freeze: null }, hosts: 1, secrets: 1, ...more });

  it('runs for protected stages that are unsealed, the next to seal first', () => {
    expect(unsealedOf([stage('dev', null, { protected: false, open: true }), stage('staging', 3000), stage('prod', 60), stage('lab', null)], 1000)).toEqual([
      { stage: 'prod', until: 61_000, whole: 900_000 },
      { stage: 'staging', until: 3_001_000, whole: 3_000_000 },
    ]);
  });

  it('is written in minutes and seconds, rounded up, and ends at zero', () => {
    expect(timeLeft(761_000, 0)).toBe('12:41');
    expect(timeLeft(59_001, 0)).toBe('01:00');
    expect(timeLeft(1, 0)).toBe('00:01');
    expect(timeLeft(0, 0)).toBe('00:00');
    expect(timeLeft(0, 5000)).toBe('00:00');
    expect(timeLeft(28_800_000, 0)).toBe('8:00:00');
  });

  it('speaks at two minutes and at the sealing, and not in between', () => {
    const prod = { stage: 'prod', until: 200_000, whole: 900_000 };
    expect(spokenOf([prod], [prod], 10_000, 11_000)).toEqual([]);
    expect(spokenOf([prod], [prod], 79_500, 80_500)).toEqual([{ stage: 'prod', what: 'soon' }]);
    expect(spokenOf([prod], [prod], 80_500, 81_500)).toEqual([]);
    expect(spokenOf([prod], [], 199_500, 200_500)).toEqual([{ stage: 'prod', what: 'sealed' }]);
    expect(spokenOf([], [], 200_500, 201_500)).toEqual([]);
  });

  it('says nothing of a stage that is unsealed for a minute only: whoever did it knows', () => {
    const short = { stage: 'prod', until: 60_000, whole: 60_000 };
    expect(spokenOf([], [short], 0, 1000)).toEqual([]);
  });
});

describe('presence', () => {
  it('is told at most every 15 seconds, and no more once nobody listens', () => {
    const backend = new FakeBackend();
    installPlatform(backend);
    const target = new EventTarget();
    const sign = (kind: string, at: number): void => {
      const event = new Event(kind);
      Object.defineProperty(event, 'timeStamp', { value: at });
      target.dispatchEvent(event);
    };
    const stop = watchPresence(target);
    for (const at of [1000, 1500, 9000, 15_999]) sign('pointermove', at);
    expect(backend.stirred).toBe(1);
    sign('keydown', 16_000);
    expect(backend.stirred).toBe(2);
    stop();
    sign('keydown', 90_000);
    expect(backend.stirred).toBe(2);
  });
});
