// Half-filled forms: there again while the program runs, and gone with what they were for.
import { describe, expect, it } from 'vitest';
import { Filled } from './filled';

describe('a half-filled entry form', () => {
  it('stays while its chat has not begun, also when a start fails', () => {
    const filled = new Filled();
    filled.entry = { firstname: 'Sam' };
    filled.seen({ phase: 'fresh' });
    filled.seen({ phase: 'joining' });
    filled.seen({ phase: 'fresh' });
    expect(filled.entry).toEqual({ firstname: 'Sam' });
  });

  it('goes once the chat has begun', () => {
    const filled = new Filled();
    filled.entry = { firstname: 'Sam' };
    filled.seen({ phase: 'open' });
    expect(filled.entry).toBeNull();
  });
});

describe('half-given answers', () => {
  it('are kept by item, and go with what was sent', () => {
    const filled = new Filled();
    filled.answersTo('one')['number'] = ['4711'];
    filled.marksOf('one').set(0, ['bill']);
    filled.answersTo('two')['number'] = ['4712'];
    expect(filled.answersTo('one')).toEqual({ number: ['4711'] });
    expect(filled.marksOf('one').get(0)).toEqual(['bill']);
    filled.sent('one');
    expect(filled.answersTo('one')).toEqual({});
    expect(filled.marksOf('one').size).toBe(0);
    expect(filled.answersTo('two')).toEqual({ number: ['4712'] });
  });
});
