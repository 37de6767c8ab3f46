import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { behindFrame, NextFrame } from './frame';

describe('the next frame', () => {
  let paint: (() => void) | null;

  beforeEach(() => {
    vi.useFakeTimers();
    paint = null;
    vi.stubGlobal('requestAnimationFrame', (frame: () => void) => {
      paint = frame;
      return 1;
    });
    vi.stubGlobal('cancelAnimationFrame', () => (paint = null));
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is painted before what waits for it, and only the newest of that is done', () => {
    const done: string[] = [];
    const frame = new NextFrame();
    frame.do(() => done.push('old'));
    frame.do(() => done.push('new'));
    paint?.();
    expect(done).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(done).toEqual(['new']);
    vi.advanceTimersByTime(1_000);
    expect(done).toEqual(['new']);
  });

  it('is not waited for in a window that nobody sees', () => {
    const done: string[] = [];
    new NextFrame().do(() => done.push('done'));
    vi.advanceTimersByTime(100);
    expect(done).toEqual(['done']);
    expect(paint).toBeNull();
  });

  it('is painted before what is to be read aloud, all of which is done in its order', () => {
    const frames: (() => void)[] = [];
    vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
    const said: string[] = [];
    for (const words of ['one', 'two', 'three']) behindFrame(() => said.push(words));
    frames.forEach((frame) => frame());
    expect(said).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(said).toEqual(['one', 'two', 'three']);
    vi.advanceTimersByTime(1_000);
    expect(said).toHaveLength(3);
  });

  it('can be given up', () => {
    const done: string[] = [];
    const frame = new NextFrame();
    frame.do(() => done.push('done'));
    frame.stop();
    vi.advanceTimersByTime(1_000);
    expect(done).toEqual([]);
  });
});
