// The whole window: what goes on in a chat that was left, deleting, and choices that could not be kept.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeDriver, fault } from '../host/fake';
import type { Host } from '../host/host';
import { App } from './app.svelte';

let driver: FakeDriver;
let host: Host;
let app: App;

beforeEach(async () => {
  driver = new FakeDriver();
  driver.inbox();
  for (const one of driver.conversations.values()) one.lively = false;
  host = driver.host();
  app = new App(host);
  await app.start();
  await vi.waitFor(() => expect(app.conversation?.current).not.toBeNull());
});

const open = async (id: string) => {
  app.show(id);
  await vi.waitFor(() => expect(app.conversation?.current?.conversation).toBe(id));
  return app.conversation!;
};

describe('closing the window', () => {
  it('asks on a shared computer each time, because hiding leaves everything readable', async () => {
    const hidden = vi.spyOn(host, 'hideWindow');
    await app.set({ hiding_explained: true });
    await app.hide();
    expect(app.dialog).toBeNull();
    expect(hidden).toHaveBeenCalledOnce();
    await app.set({ keep: { keep: 'until_quit' } });
    for (let time = 0; time < 2; time++) {
      await app.hide();
      expect(app.dialog).toBe('hide');
      app.dialog = null;
    }
    expect(hidden).toHaveBeenCalledOnce();
  });
});

describe('a draft', () => {
  it('waits in its chat while another is open, and shows in the list', async () => {
    const chat = await open('tidewater-3');
    chat.draft.text = 'half a thought';
    await open('alder-2');
    expect(app.draftOf({ conversation: 'tidewater-3', draft: 'half a' })).toBe('half a thought');
    expect(app.conversation?.draft.text).toBe('');
    expect((await open('tidewater-3')).draft.text).toBe('half a thought');
  });

  it('that only the core knows of, after a restart, shows in the list as well', async () => {
    driver.conversations.get('alder-2')!.command({ do: 'draft', text: 'kept words' });
    driver.refresh();
    await vi.waitFor(() => expect(app.rows.find((row) => row.conversation === 'alder-2')?.draft).toBe('kept words'));
    const row = app.rows.find((one) => one.conversation === 'alder-2')!;
    expect(app.draftOf(row)).toBe('kept words');
    const chat = await open('alder-2');
    expect(app.draftOf(row)).toBe('');
    chat.draft.text = '';
    await open('tidewater-3');
    expect(app.draftOf(row)).toBe('');
  });

  it('that was emptied does not come back with a chat that is opened before the core knows', async () => {
    driver.conversations.get('alder-2')!.command({ do: 'draft', text: 'old' });
    const chat = await open('alder-2');
    expect(chat.draft.text).toBe('old');
    chat.draft.text = '';
    vi.spyOn(host, 'command').mockImplementation(() => new Promise(() => {}));
    await open('tidewater-3');
    expect((await open('alder-2')).draft.text).toBe('');
  });

  it('on its way when the chat is left is neither lost nor sent twice', async () => {
    driver.fullDisk(true);
    const chat = await open('tidewater-3');
    chat.draft.text = 'It waits.';
    const sending = chat.draft.send('It waits.', () => chat.send('It waits.'));
    await open('alder-2');
    const again = await open('tidewater-3');
    // Still waiting, so it cannot be sent a second time.
    expect(again.draft.text).toBe('It waits.');
    expect(again.draft.sending).toBe(true);
    driver.fullDisk(false);
    expect(await sending).toBe(true);
    expect(again.draft.text).toBe('');
    const sent = driver.conversations.get('tidewater-3')!.snapshot.items.filter((item) => JSON.stringify(item).includes('It waits.'));
    expect(sent).toHaveLength(1);
  });
});

describe('deleting a chat', () => {
  it('takes it off the list and opens the next', async () => {
    await open('tidewater-3');
    await app.delete('tidewater-3');
    expect(app.rows.map((row) => row.conversation)).toEqual(['alder-2', 'fernway-1']);
    expect(app.conversation?.id).toBe('alder-2');
  });

  it('that fails leaves everything and says so', async () => {
    const chat = await open('tidewater-3');
    driver.deleteFails = fault('disk_failed');
    await app.delete('tidewater-3');
    expect(app.conversation).toBe(chat);
    expect(chat.failure).toBe('Nothing could be written to this computer’s disk.');
    expect(app.deleting).toBeNull();
  });

  it('takes its messages out of what a search found', async () => {
    await app.openSearch();
    await app.search.type('meter');
    expect(app.search.hits).toHaveLength(1);
    await app.delete('tidewater-3');
    await vi.waitFor(() => expect(app.search.hits).toHaveLength(0));
  });
});

describe('a choice', () => {
  it('that could not be kept is not pretended', async () => {
    vi.spyOn(host, 'setSettings').mockRejectedValueOnce(fault('disk_failed'));
    await app.set({ keep: { keep: 'days', days: 7 } });
    expect(app.view?.settings.keep).toEqual({ keep: 'forever' });
    expect(app.failure).not.toBeNull();
  });
});
