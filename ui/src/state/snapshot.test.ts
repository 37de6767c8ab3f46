// Updates: each kind of change, and what is next, old or after a gap.
import { describe, expect, it } from 'vitest';
import type { Change } from '../host/view';
import { message, snapshot } from './sample';
import { applyUpdate, orderOf } from './snapshot';

const update = (seq: number, change: Change) => ({ conversation: 'c', seq, change });

describe('orderOf', () => {
  const change: Change = { change: 'unread', to: 1 };

  it('tells the next update from old ones and from gaps', () => {
    expect(orderOf(4, update(5, change))).toBe('next');
    expect(orderOf(4, update(4, change))).toBe('old');
    expect(orderOf(4, update(1, change))).toBe('old');
    expect(orderOf(4, update(6, change))).toBe('gap');
  });
});

describe('applyUpdate', () => {
  const fault = { code: 'wrong_key', class: 'refused', detail: null } as const;
  const changes: [Change, string][] = [
    [{ change: 'phase', to: { phase: 'closing', by: 'Maya', text: null } }, 'phase'],
    [{ change: 'link', to: { link: 'restoring' } }, 'link'],
    [{ change: 'people', to: [] }, 'people'],
    [{ change: 'typing', to: [] }, 'typing'],
    [{ change: 'history', to: 'loading' }, 'history'],
    [{ change: 'guard', to: { text: 'ok', by: null } }, 'guard'],
    [{ change: 'memory', to: { memory: 'asking' } }, 'memory'],
    [{ change: 'unread', to: 3 }, 'unread'],
    [{ change: 'fault', to: fault }, 'fault'],
  ];

  it.each(changes)('replaces one field: %o', (change, field) => {
    const before = snapshot([message('a')]);
    const after = applyUpdate(before, update(2, change));
    expect(after).toEqual({ ...before, seq: 2, [field]: change.to });
    expect(after.items).toBe(before.items);
  });

  it('edits the timeline', () => {
    const after = applyUpdate(snapshot([message('a')]), update(2, { change: 'items', to: { removed: ['a'], put: [{ after: null, item: message('b') }] } }));
    expect(after.items.map((item) => item.id)).toEqual(['b']);
    expect(after.seq).toBe(2);
  });
});
