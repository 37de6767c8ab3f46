// The seam to the core: names of commands and events, and how arguments travel.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { insideWindow, tauriHost } from './tauri';
import type { NewDeployment, Settings } from './view';

const invoke = vi.fn((..._: unknown[]) => Promise.resolve(7 as unknown));
const window_ = window as unknown as Record<string, unknown>;

beforeEach(() => {
  invoke.mockClear();
  window_.__TAURI_INTERNALS__ = { invoke, transformCallback: () => 1 };
});
afterEach(() => {
  delete window_.__TAURI_INTERNALS__;
});

const host = tauriHost();
const deployment: NewDeployment = { id: null, service: 's', name: 'n', asynchronous: true, settings: { url: 'u' } };
const settings: Settings = { notify: 'full', show_typing: true, show_read: true, theme: 'dark', hiding_explained: false, keep: { keep: 'forever' } };

describe('the host of the real window', () => {
  it('is there when the window says so', () => {
    expect(insideWindow()).toBe(true);
    delete window_.__TAURI_INTERNALS__;
    expect(insideWindow()).toBe(false);
  });

  it.each([
    ['app_view', () => host.appView(), {}],
    ['snapshot', () => host.snapshot('c'), { conversation: 'c' }],
    ['command', () => host.command('c', { do: 'send', text: 'hi' }), { conversation: 'c', command: { do: 'send', text: 'hi' } }],
    ['media', () => host.media('c', 'i'), { conversation: 'c', item: 'i' }],
    ['watching', () => host.watching(null, true), { conversation: null, focused: true }],
    ['check_deployment', () => host.checkDeployment(deployment), { deployment }],
    ['add_deployment', () => host.addDeployment(deployment), { deployment }],
    ['deployment_details', () => host.deploymentDetails('d'), { deployment: 'd' }],
    ['remove_deployment', () => host.removeDeployment('d'), { deployment: 'd' }],
    ['open_conversation', () => host.openConversation('d'), { deployment: 'd' }],
    ['open_demo', () => host.openDemo(), {}],
    ['delete_conversation', () => host.deleteConversation('c'), { conversation: 'c' }],
    ['search', () => host.search('meter', null), { text: 'meter', conversation: null }],
    ['set_settings', () => host.setSettings(settings), { settings }],
    ['save_copy', () => host.saveCopy('c', 'html'), { conversation: 'c', format: 'html' }],
    ['open_link', () => host.openLink('c', 'i', 'https://a'), { conversation: 'c', item: 'i', href: 'https://a' }],
    ['hide_window', () => host.hideWindow(), {}],
    ['quit', () => host.quit(), {}],
  ] as const)('asks for %s', async (name, call, args) => {
    expect(await call()).toBe(7);
    expect(invoke.mock.calls[0]?.slice(0, 2)).toEqual([name, args]);
  });

  it('sends a picture as raw bytes, described in headers that are ASCII', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    await host.attach('c', 'Zähler.png', 'image/png', bytes);
    expect(invoke).toHaveBeenCalledExactlyOnceWith('attach', bytes, {
      headers: { conversation: 'c', name: 'Z%C3%A4hler.png', mime: 'image/png' },
    });
  });

  it.each(['update', 'app', 'show'])('hears %s', async (event) => {
    const listen = { update: host.onUpdate, app: host.onApp, show: host.onShow }[event];
    await listen?.(() => {});
    expect(invoke.mock.calls[0]?.[0]).toBe('plugin:event|listen');
    expect(invoke.mock.calls[0]?.[1]).toMatchObject({ event });
  });
});
