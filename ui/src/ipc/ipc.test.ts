import { describe, expect, it } from 'vitest';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { toApiError } from './errors';
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
