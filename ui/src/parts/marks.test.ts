// Marking found words: the right ones, as ranges over what is drawn, with nothing drawn anew.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SearchHit } from '../host/view';
import { MAYA, NOON } from '../state/sample';
import { markFound, unmark } from './marks';

const marks = new Map<string, Set<Range>>();

beforeEach(() => {
  // The platform of the tests has no highlights; this is what it would be told.
  const global = globalThis as unknown as Record<string, unknown>;
  global.Highlight = class extends Set<Range> {
    constructor(...ranges: Range[]) {
      super(ranges);
    }
  };
  global.CSS = { escape: (text: string) => text, highlights: marks };
});
afterEach(() => marks.clear());

const hit = (item: string, ...found: string[]): SearchHit => ({
  conversation: 'c', company: 'T', item, at: NOON, from: MAYA, snippet: found.map((text) => ({ text, found: true })),
});

function draw(html: string): Element {
  document.body.innerHTML = `<ol><li data-item="a"><p>meter</p><div data-part="words">${html}</div></li></ol>`;
  return document.body;
}

const marked = () => Array.from(marks.get('found') ?? [], (range) => range.toString());

describe('found words', () => {
  it('are marked wherever they stand in the message, also in links, and not elsewhere', () => {
    const root = draw('The meter, see <a href="#">meter readings</a>: parameter');
    markFound(root, [hit('a', 'meter')]);
    expect(marked()).toEqual(['meter', 'meter']);
    expect(root.querySelector('mark')).toBeNull();
  });

  it('are marked inside of a stretch without spaces', () => {
    markFound(draw('電表讀數'), [hit('a', '讀數')]);
    expect(marked()).toEqual(['讀數']);
  });

  it('of messages that are not drawn change nothing, and marks can be taken away', () => {
    const root = draw('The meter');
    markFound(root, [hit('a', 'meter'), hit('elsewhere', 'meter')]);
    expect(marked()).toEqual(['meter']);
    unmark();
    expect(marks.has('found')).toBe(false);
    markFound(root, [hit('a', 'meter')]);
    markFound(root, []);
    expect(marks.has('found')).toBe(false);
  });
});
