// How the timeline is laid out.
import { describe, expect, it } from 'vitest';
import { personOf } from '../host/fake/conversation';
import type { Item, Person } from '../host/view';
import { GROUP_GAP, layout, unreadLine, type TimelineRow } from './rows';
import { MAYA, ME, NOON, TIDE, message } from './sample';

const MINUTE = 60_000;
const joined = (id: string, person: Person, at = NOON): Item => ({ id, at, replayed: false, content: { kind: 'joined', person } });

/** A layout as a line: `[` opens a group, `]` closes it. */
function sketch(rows: readonly TimelineRow[]): string {
  return rows
    .map((row) => {
      if (row.kind === 'entry') return `${row.first ? '[' : ''}${row.key}${row.last ? ']' : ''}`;
      return row.kind === 'unread' ? `new:${row.count}` : row.kind;
    })
    .join(' ');
}

describe('groups', () => {
  it('stand together while one sender writes within five minutes', () => {
    const items = [message('a'), message('b', MAYA, NOON + MINUTE), message('c', MAYA, NOON + MINUTE + GROUP_GAP)];
    expect(sketch(layout(items, null))).toBe('day [a b] [c]');
  });

  it('end where another sender writes', () => {
    expect(sketch(layout([message('a'), message('b', ME), message('c', TIDE), message('d', TIDE)], null))).toBe('day [a] [b] [c d]');
  });

  it('do not mix people of the same name', () => {
    const other = { ...MAYA, id: 'another' };
    expect(sketch(layout([message('a'), message('b', other)], null))).toBe('day [a] [b]');
  });

  it('end at events, days and the unread line', () => {
    const items = [message('a'), joined('j', MAYA), message('b'), message('c'), message('d', MAYA, NOON + 24 * 60 * MINUTE)];
    expect(sketch(layout(items, { before: 'c', count: 2 }))).toBe('day [a] event [b] new:2 [c] day [d]');
  });
});

describe('events', () => {
  it('are shown for people, not for the person, bots and machinery', () => {
    const items = [ME, TIDE, personOf('flow', 'automation'), personOf(null, 'system'), MAYA].map((one, i) => joined(`j${i}`, one));
    expect(layout(items, null).filter((row) => row.kind === 'event').map((row) => row.key)).toEqual(['j4']);
  });
});

describe('what cannot be shown', () => {
  const odd: Item = { id: 'x', at: NOON, replayed: false, content: { kind: 'unsupported', from: MAYA } };

  it('is a line of its own between the words of whoever sent it', () => {
    expect(sketch(layout([message('a'), odd, message('b')], null))).toBe('day [a] event [b]');
  });

  it('counts as unread, so that the line stands before it', () => {
    const items = [message('a'), message('b', ME), odd];
    const line = unreadLine(items, 1);
    expect(line).toEqual({ before: 'x', count: 1 });
    expect(sketch(layout(items, line))).toBe('day [a] [b] new:1 event');
  });
});

describe('the unread line', () => {
  const items = [message('a'), message('b', ME), message('c'), joined('j', MAYA), message('d')];

  it('stands before as many messages of the other side as are unread', () => {
    expect(unreadLine(items, 1)).toEqual({ before: 'd', count: 1 });
    expect(unreadLine(items, 2)).toEqual({ before: 'c', count: 2 });
    expect(unreadLine(items, 3)).toEqual({ before: 'a', count: 3 });
  });

  it('is not there if nothing is unread or not enough is loaded', () => {
    expect(unreadLine(items, 0)).toBeNull();
    expect(unreadLine(items, 9)).toBeNull();
  });
});

describe('a later layout', () => {
  it('keeps the rows that look the same', () => {
    const items = [message('a'), message('b', ME), message('c', ME)];
    const before = layout(items, null);
    const after = layout([...items, message('d')], null, new Map(before.map((row) => [row.key, row])));
    expect(after.slice(0, 4)).toEqual(before);
    for (const [i, row] of before.entries()) expect(after[i]).toBe(row);
  });

  it('makes new rows where a group changed', () => {
    const items = [message('a'), message('b')];
    const before = layout(items, null);
    const after = layout([...items, message('c')], null, new Map(before.map((row) => [row.key, row])));
    expect(sketch(after)).toBe('day [a b c]');
    expect(after[1]).toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
  });
});
