// What may wait for the next frame. A message changes the chat and the list beside it; both in one frame make the window wait for
// the message. So the list follows one frame later, and of several changes in between only the last one is shown.

/** After so long it is done without a frame: a window that nobody sees paints none. In milliseconds. */
const WITHOUT_FRAME = 100;

/** Does the newest of what it was given, once a frame has been painted. */
export class NextFrame {
  #work: (() => void) | null = null;
  #frame = 0;
  #limit: ReturnType<typeof setTimeout> | undefined;

  /** Does this behind the next frame, in place of what was waiting for it. */
  do(work: () => void): void {
    const waits = this.#work !== null;
    this.#work = work;
    if (waits) return;
    // A callback of the frame runs before it is painted; what is put off there runs behind it.
    this.#frame = requestAnimationFrame(() => setTimeout(() => this.#now()));
    this.#limit = setTimeout(() => this.#now(), WITHOUT_FRAME);
  }

  /** Forgets what was waiting. */
  stop(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#limit);
    this.#work = null;
  }

  #now(): void {
    const newest = this.#work;
    this.stop();
    newest?.();
  }
}
