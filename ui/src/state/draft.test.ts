// The words of a composer: kept when it rests, gone only when the core has them, never doubled.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Draft, KEEP_AFTER, SLOW_AFTER } from './draft.svelte';

let kept: string[];
let draft: Draft;
const keep = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  kept = [];
  keep.mockReset().mockImplementation((text: string) => {
    kept.push(text);
    return Promise.resolve(true);
  });
  draft = new Draft(keep);
  draft.open('');
});
afterEach(() => vi.useRealTimers());

/** Types as a person does. */
async function type(text: string): Promise<void> {
  for (let i = 1; i <= text.length; i++) {
    draft.text = text.slice(0, i);
    draft.changed();
    await vi.advanceTimersByTimeAsync(80);
  }
}

/** A promise that the test settles. */
function later() {
  let settle: (taken: boolean) => void = () => {};
  const promise = new Promise<boolean>((resolve) => (settle = resolve));
  return { settle, hand: vi.fn(() => promise) };
}

describe('words that are being written', () => {
  it('are kept once the composer rests, not at every key', async () => {
    await type('meter');
    expect(kept).toEqual([]);
    await vi.advanceTimersByTimeAsync(KEEP_AFTER);
    expect(kept).toEqual(['meter']);
  });

  it('are kept at once when the composer is left, and then not again', async () => {
    await type('meter');
    await draft.flush();
    await draft.flush();
    await vi.advanceTimersByTimeAsync(2 * KEEP_AFTER);
    expect(kept).toEqual(['meter']);
  });

  it('are kept as empty when they were taken back', async () => {
    await type('a');
    await draft.flush();
    draft.text = '';
    await draft.flush();
    expect(kept).toEqual(['a', '']);
  });

  it('are tried again if they could not be kept', async () => {
    keep.mockResolvedValueOnce(false);
    await type('a');
    await draft.flush();
    expect(kept).toEqual([]);
    await draft.flush();
    expect(kept).toEqual(['a']);
  });

  it('are kept in their order, the newest last', async () => {
    const first = later();
    keep.mockImplementationOnce((text: string) => {
      kept.push(text);
      return first.hand();
    });
    draft.text = 'one';
    void draft.flush();
    draft.text = 'one two';
    void draft.flush();
    expect(kept).toEqual(['one']);
    first.settle(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(kept).toEqual(['one', 'one two']);
  });

  it('begin as the core kept them, unless newer ones are there', () => {
    draft.open('from before');
    expect(draft.text).toBe('');
    const other = new Draft(keep);
    other.open('from before');
    expect(other.text).toBe('from before');
    const third = new Draft(keep);
    third.text = 'newer';
    third.open('from before');
    expect(third.text).toBe('newer');
  });
});

describe('words that are sent', () => {
  it('stay in the composer until the core has them', async () => {
    const { settle, hand } = later();
    draft.text = 'hello';
    const sending = draft.send('hello', hand);
    await vi.advanceTimersByTimeAsync(0);
    expect(draft.text).toBe('hello');
    settle(true);
    expect(await sending).toBe(true);
    expect(draft.text).toBe('');
  });

  it('stay if the core does not take them, and can be sent again', async () => {
    draft.text = 'hello';
    expect(await draft.send('hello', () => Promise.resolve(false))).toBe(false);
    expect(draft.text).toBe('hello');
    expect(draft.sending).toBe(false);
    expect(await draft.send('hello', () => Promise.resolve(true))).toBe(true);
    expect(draft.text).toBe('');
  });

  it('are not kept as a draft as well: a restart would show them twice', async () => {
    await type('hello');
    const { settle, hand } = later();
    const sending = draft.send('hello', hand);
    await draft.flush();
    await vi.advanceTimersByTimeAsync(2 * KEEP_AFTER);
    expect(kept).toEqual([]);
    settle(true);
    await sending;
    await draft.flush();
    expect(kept).toEqual([]);
  });

  it('come after a draft that is still on its way', async () => {
    const keeping = later();
    keep.mockImplementationOnce(keeping.hand);
    draft.text = 'hello';
    void draft.flush();
    const hand = vi.fn(() => Promise.resolve(true));
    const sending = draft.send('hello', hand);
    await vi.advanceTimersByTimeAsync(0);
    expect(hand).not.toHaveBeenCalled();
    keeping.settle(true);
    await sending;
    expect(hand).toHaveBeenCalledOnce();
  });

  it('are sent once, however often it is asked', async () => {
    const { settle, hand } = later();
    draft.text = 'hello';
    const sending = draft.send('hello', hand);
    expect(await draft.send('hello', hand)).toBe(false);
    settle(true);
    await sending;
    expect(hand).toHaveBeenCalledOnce();
  });

  it('leave what was written behind them', async () => {
    const { settle, hand } = later();
    draft.text = 'hello';
    const sending = draft.send('hello', hand);
    draft.text = 'hello and more';
    settle(true);
    await sending;
    expect(draft.text).toBe(' and more');
  });

  it('stay if the core asks about them first', async () => {
    draft.text = 'Thanks!';
    expect(await draft.send('Thanks!', () => Promise.resolve(true), () => true)).toBe(true);
    expect(draft.text).toBe('Thanks!');
  });

  it('are told to be slow only after a moment', async () => {
    const { settle, hand } = later();
    draft.text = 'hello';
    const sending = draft.send('hello', hand);
    await vi.advanceTimersByTimeAsync(SLOW_AFTER - 1);
    expect(draft.slow).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(draft.slow).toBe(true);
    settle(true);
    await sending;
    expect(draft.slow).toBe(false);
  });
});
