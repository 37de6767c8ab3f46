// What may wait for the next frame. A message changes the chat, the list beside it and what a screen reader is told; all in one
// frame make the window wait for the message. So the rest follows behind that frame, and of several changes of the list in between
// only the last one is shown.

/** After so long it is done without a frame: a window that nobody sees paints none. In milliseconds. */
const WITHOUT_FRAME = 100;

/** Does this behind the next frame. Of several, each is done, in their order. Gives back what takes it back. */
export function behindFrame(work: () => void): () => void {
  const stop = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(limit);
    clearTimeout(behind);
  };
  const now = (): void => {
    stop();
    work();
  };
  let behind: ReturnType<typeof setTimeout> | undefined;
  // A callback of the frame runs before it is painted; what is put off there runs behind it.
  const frame = requestAnimationFrame(() => {
    behind = setTimeout(now);
  });
  const limit = setTimeout(now, WITHOUT_FRAME);
  return stop;
}

/** Does the newest of what it was given, once a frame has been painted. */
export class NextFrame {
  #work: (() => void) | null = null;
  #stop: (() => void) | null = null;

  /** Does this behind the next frame, in place of what was waiting for it. */
  do(work: () => void): void {
    this.#work = work;
    this.#stop ??= behindFrame(() => {
      const newest = this.#work;
      this.stop();
      newest?.();
    });
  }

  /** Forgets what was waiting. */
  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.#work = null;
  }
}
