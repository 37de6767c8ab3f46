// The second that words have to be on screen before they count as seen.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SEEN_AFTER, SeenTimer } from './seen';

const looking = { focused: true, atBottom: true, unread: 1 };
let seen: ReturnType<typeof vi.fn<() => void>>;
let timer: SeenTimer;

beforeEach(() => {
  vi.useFakeTimers();
  seen = vi.fn<() => void>();
  timer = new SeenTimer(seen);
});
afterEach(() => vi.useRealTimers());

describe('SeenTimer', () => {
  it('fires after one second, once', () => {
    timer.update(looking);
    vi.advanceTimersByTime(SEEN_AFTER - 1);
    expect(seen).not.toHaveBeenCalled();
    timer.update({ ...looking, unread: 2 });
    vi.advanceTimersByTime(1);
    vi.advanceTimersByTime(9000);
    expect(seen).toHaveBeenCalledTimes(1);
  });

  it.each([{ focused: false }, { atBottom: false }, { unread: 0 }])('does not fire if it stops being so: %o', (change) => {
    timer.update(looking);
    vi.advanceTimersByTime(900);
    timer.update({ ...looking, ...change });
    vi.advanceTimersByTime(9000);
    expect(seen).not.toHaveBeenCalled();
  });

  it('starts anew when it is so again', () => {
    timer.update(looking);
    vi.advanceTimersByTime(900);
    timer.update({ ...looking, focused: false });
    timer.update(looking);
    vi.advanceTimersByTime(900);
    expect(seen).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(seen).toHaveBeenCalledTimes(1);
  });
});
