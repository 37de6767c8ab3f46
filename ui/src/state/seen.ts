// "Seen" means: at the bottom of a focused window for one second. This is that second.

/** How long words have to be on screen before they count as seen, in milliseconds. */
export const SEEN_AFTER = 1000;

/** What decides whether words are being looked at. */
export interface Looking {
  focused: boolean;
  atBottom: boolean;
  unread: number;
}

/** Waits for the second to pass undisturbed. */
export class SeenTimer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #seen: () => void;

  constructor(seen: () => void) {
    this.#seen = seen;
  }

  /** Takes in what is the case now. More unread words do not start the second again; looking away does. */
  update({ focused, atBottom, unread }: Looking): void {
    if (!focused || !atBottom || unread === 0) this.stop();
    else
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#seen();
      }, SEEN_AFTER);
  }

  /** Forgets a running second. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
