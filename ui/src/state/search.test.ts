// A search as it is typed: only the answer to what stands in the field counts, and nothing flickers before it is there.
import { describe, expect, it, vi } from 'vitest';
import type { Host } from '../host/host';
import type { SearchHit, SearchView } from '../host/view';
import { fault } from '../host/fake';
import { MAYA, NOON } from './sample';
import { Search } from './search.svelte';
import { foundText, standingText } from './wording';

const hit = (item: string, conversation = 'c', at = NOON): SearchHit => ({
  conversation, company: `company of ${conversation}`, item, at, from: MAYA, snippet: [{ text: item, found: true }],
});

/** A host whose answers come when the test says so. */
function slow() {
  const asked: { text: string; answer: (hits: SearchHit[], more?: boolean) => void; fail: (error: unknown) => void }[] = [];
  const search = vi.fn((text: string) => new Promise<SearchView>((answer, fail) => asked.push({ text, answer: (hits, more = false) => answer({ hits, more }), fail })));
  return { asked, search, host: { search } as unknown as Host };
}

const items = (search: Search) => search.hits.map((one) => one.item);

describe('a search', () => {
  it('drops answers to words that are no longer in the field, whatever their order', async () => {
    const { asked, host } = slow();
    const heard = vi.fn();
    const search = new Search(host, null, heard);
    const first = search.type('me');
    const second = search.type('meter');
    asked[1]?.answer([hit('meter')]);
    await second;
    asked[0]?.answer([hit('me'), hit('meter')]);
    await first;
    expect(items(search)).toEqual(['meter']);
    expect(search.answered).toBe('meter');
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('does not take what it was given for all there is', async () => {
    const { asked, host } = slow();
    const search = new Search(host, null);
    const first = search.type('me');
    asked[0]?.answer([hit('a'), hit('b')], true);
    await first;
    expect(foundText(search)).toBe('The 2 newest messages. There are more: add a word to narrow it down.');
    search.step(1);
    expect(standingText(search)).toBe('1 of more than 2');
    const second = search.type('met');
    asked[1]?.answer([hit('a')]);
    await second;
    expect(foundText(search)).toBe('1 message in 1 chat');
  });

  it('keeps showing the last answer until the next is there', async () => {
    const { asked, host } = slow();
    const search = new Search(host, null);
    const first = search.type('m');
    asked[0]?.answer([hit('a')]);
    await first;
    const second = search.type('me');
    expect(items(search)).toEqual(['a']);
    expect(search.nothing).toBe(false);
    asked[1]?.answer([]);
    await second;
    expect(search.nothing).toBe(true);
  });

  it('of nothing finds nothing and asks nobody', async () => {
    const { asked, search: ask, host } = slow();
    const search = new Search(host, null);
    const first = search.type('m');
    await search.type('  ');
    asked[0]?.answer([hit('a')]);
    await first;
    expect(items(search)).toEqual([]);
    expect(search.nothing).toBe(false);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('that was emptied stays empty', async () => {
    const { asked, host } = slow();
    const search = new Search(host, null);
    const typing = search.type('m');
    search.clear();
    asked[0]?.answer([hit('a')]);
    await typing;
    expect(items(search)).toEqual([]);
    expect(search.text).toBe('');
  });

  it('asks again for the same words after other ones', async () => {
    const { asked, search: ask, host } = slow();
    const search = new Search(host, null);
    const first = search.type('m');
    asked[0]?.answer([hit('a')]);
    await first;
    void search.type('me');
    // Back to the words that are on screen: the answer to the others must not replace them.
    const third = search.type('m');
    asked[1]?.answer([hit('b')]);
    await third;
    await Promise.resolve();
    expect(items(search)).toEqual(['a']);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('that fails says so in words', async () => {
    const { asked, host } = slow();
    const search = new Search(host, null);
    const typing = search.type('m');
    asked[0]?.fail(fault('archive_damaged'));
    await typing;
    expect(search.failure).toBe('What is kept on this computer can’t be read.');
    expect(search.nothing).toBe(false);
  });

  it('in all chats groups the hits by chat, in the order of the host', async () => {
    const { asked, host } = slow();
    const search = new Search(host, null);
    const typing = search.type('m');
    asked[0]?.answer([hit('1', 'b'), hit('2', 'a'), hit('3', 'b')]);
    await typing;
    expect(search.groups.map((group) => [group.company, group.hits.map((one) => one.item)])).toEqual([
      ['company of b', ['1', '3']],
      ['company of a', ['2']],
    ]);
  });

  it('in one chat begins with the newest and goes around the ends', async () => {
    const { asked, host } = slow();
    const search = new Search(host, 'c');
    const typing = search.type('m');
    asked[0]?.answer([hit('old', 'c', NOON - 2), hit('new', 'c', NOON), hit('between', 'c', NOON - 1)]);
    await typing;
    expect(search.step(1)?.item).toBe('new');
    expect(search.step(1)?.item).toBe('between');
    expect(search.step(1)?.item).toBe('old');
    expect(search.step(1)?.item).toBe('new');
    expect(search.step(-1)?.item).toBe('old');
  });
});
