// When the connection strip is shown and what is said of it: only an outage of more than three seconds is worth a word,
// once when it is noticed and once when it is over.
import type { LinkView } from '../host/view';

/** How long a connection may be away before anybody is told, in milliseconds. */
export const PATIENCE = 3000;

/** Watches one connection. */
export class Outage {
  /** True while the strip is shown. */
  shown = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #noticed: () => void;
  #over: () => void;

  /** `noticed` is called when the strip appears, `over` when the connection is back after that. */
  constructor(noticed: () => void, over: () => void) {
    this.#noticed = noticed;
    this.#over = over;
  }

  /** Takes in where the connection stands. Further failed tries do not start the patience again. */
  see(link: LinkView): void {
    if (link.link === 'down') {
      if (!this.shown) this.#timer ??= setTimeout(() => this.#show(), PATIENCE);
      return;
    }
    // A strip stays while the chat is being picked up again: that is still the same outage.
    if (link.link === 'restoring' && this.shown) return;
    this.stop();
    if (this.shown) {
      this.shown = false;
      if (link.link === 'up') this.#over();
    }
  }

  /** Forgets a running patience. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #show(): void {
    this.#timer = undefined;
    this.shown = true;
    this.#noticed();
  }
}
