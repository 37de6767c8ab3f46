// The timeline's reducer: placing, moving, replacing and removing.
import { describe, expect, it } from 'vitest';
import { applyItems } from './items';
import { message } from './sample';

const ids = (items: readonly { id: string }[]) => items.map((item) => item.id).join('');
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => message(id)) as [ReturnType<typeof message>, ReturnType<typeof message>, ReturnType<typeof message>, ReturnType<typeof message>];
const put = (after: string | null, item = d) => ({ removed: [], put: [{ after, item }] });

describe('applyItems', () => {
  it('puts a new item behind the one it follows', () => {
    expect(ids(applyItems([a, b, c], put('c')))).toBe('abcd');
    expect(ids(applyItems([a, b, c], put('a')))).toBe('adbc');
    expect(ids(applyItems([a, b, c], put(null)))).toBe('dabc');
    expect(ids(applyItems([], put(null)))).toBe('d');
  });

  it('puts an item whose predecessor is unknown at the end', () => {
    expect(ids(applyItems([a, b], put('nobody')))).toBe('abd');
  });

  it('replaces an item in its place', () => {
    const changed = { ...b, replayed: true };
    const next = applyItems([a, b, c], put('a', changed));
    expect(ids(next)).toBe('abc');
    expect(next[1]).toBe(changed);
    const first = { ...a, replayed: true };
    expect(applyItems([a, b], put(null, first))[0]).toBe(first);
  });

  it('moves an item that follows another one now', () => {
    expect(ids(applyItems([a, b, c], put('c', a)))).toBe('bca');
    expect(ids(applyItems([a, b, c], put(null, c)))).toBe('cab');
    expect(ids(applyItems([a, b, c], put('a', c)))).toBe('acb');
  });

  it('removes first, then puts', () => {
    expect(ids(applyItems([a, b, c], { removed: ['b'], put: [{ after: 'a', item: d }] }))).toBe('adc');
    expect(ids(applyItems([a, b, c], { removed: ['x'], put: [] }))).toBe('abc');
    const echo = applyItems([a, b], { removed: ['b'], put: [{ after: 'a', item: { ...b, at: b.at + 1 } }] });
    expect(echo.map((item) => item.at)).toEqual([a.at, b.at + 1]);
  });

  it('puts a page of history in front, in order', () => {
    const page = [a, b, c];
    const placed = page.map((item, i) => ({ after: page[i - 1]?.id ?? null, item }));
    expect(ids(applyItems([d], { removed: [], put: placed }))).toBe('abcd');
  });

  it('leaves the old list as it was', () => {
    const old = [a, b];
    applyItems(old, { removed: ['a'], put: [{ after: 'b', item: c }] });
    expect(ids(old)).toBe('ab');
  });

  it('gives the same list whether an edit comes whole or in parts', () => {
    const steps = [
      { after: null, item: c },
      { after: null, item: a },
      { after: 'a', item: b },
      { after: 'c', item: d },
      { after: 'd', item: a },
    ];
    const whole = applyItems([], { removed: [], put: steps });
    const parts = steps.reduce((items, step) => applyItems(items, { removed: [], put: [step] }), [] as readonly (typeof a)[]);
    expect(ids(whole)).toBe(ids(parts));
    expect(ids(whole)).toBe('bcda');
  });

  it('stays quick with thousands of items', () => {
    const many = Array.from({ length: 5000 }, (_, i) => message(`m${i}`));
    const began = performance.now();
    let items: readonly (typeof a)[] = many;
    for (let i = 0; i < 200; i++) items = applyItems(items, put(items.at(-1)?.id ?? null, message(`n${i}`)));
    expect(items.length).toBe(5200);
    expect((performance.now() - began) / 200).toBeLessThan(4);
  });
});
