// The words in the composer of one chat. They are kept a moment after each change, so that a restart finds them, and they
// leave the composer only when the core has taken them: a send that fails or waits for the disk neither loses nor doubles.
import type { Host } from '../host/host';

/** How long after the last change the words are kept, in milliseconds. */
export const KEEP_AFTER = 400;

/** After this long a send that is under way is worth a word, in milliseconds. */
export const SLOW_AFTER = 600;

/** The words of one composer. */
export class Draft {
  /** What the composer holds. */
  text = $state('');
  /** True while words are on their way to the core. */
  sending = $state(false);
  /** True once that takes long enough to be told. The composer can't be changed then. */
  slow = $state(false);

  #keepIt: (text: string) => Promise<boolean>;
  /** What the core keeps, as far as is known. */
  #kept = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Settles when nothing is being kept any more. */
  #keeping: Promise<void> = Promise.resolve();
  #busy = false;
  #opened = $state(false);

  /** `keepIt` hands words to the core to be kept, and tells whether it took them. */
  constructor(keepIt: (text: string) => Promise<boolean>) {
    this.#keepIt = keepIt;
  }

  /** True once it is known what the core kept. */
  get opened(): boolean {
    return this.#opened;
  }

  /** Begins with what the core kept, the first time: after that, what is here is newer. */
  open(kept: string): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#kept = kept;
    if (this.text === '') this.text = kept;
  }

  /** Empties the composer, whose chat is gone. */
  drop(): void {
    clearTimeout(this.#timer);
    this.text = '';
    this.#kept = '';
  }

  /** The composer changed: its words are kept once it rests. */
  changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), KEEP_AFTER);
  }

  /** Keeps the words now, for instance because the chat is left. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Words on their way are the core's; keeping them as well would show them again after a restart.
    if (this.sending || this.#busy) return this.#keeping;
    this.#busy = true;
    this.#keeping = this.#keep();
    return this.#keeping;
  }

  /**
   * Hands words over with `hand`. They stand in the composer until the core has them; what was written behind them in the
   * meantime stays. `holds` tells whether the core asks about these words first, so that they have to stay.
   */
  async send(words: string, hand: () => Promise<boolean>, holds: () => boolean = () => false): Promise<boolean> {
    if (this.sending) return false;
    clearTimeout(this.#timer);
    this.sending = true;
    const patience = setTimeout(() => {
      this.slow = true;
    }, SLOW_AFTER);
    const before = this.text;
    // A draft that is still on its way must not come after the words that replace it.
    await this.#keeping;
    const taken = await hand();
    clearTimeout(patience);
    this.sending = false;
    this.slow = false;
    if (!taken) {
      this.changed();
      return false;
    }
    this.#kept = '';
    if (!holds()) this.#take(before, words);
    if (this.text !== '') this.changed();
    return true;
  }

  /** The core may have dropped what it kept: the words are kept again. */
  keepAgain(): void {
    this.#kept = '';
    this.changed();
  }

  async #keep(): Promise<void> {
    while (this.text !== this.#kept && !this.sending) {
      const text = this.text;
      if (!(await this.#keepIt(text))) break;
      this.#kept = text;
    }
    this.#busy = false;
  }

  /** Takes the sent words out of the composer. */
  #take(before: string, words: string): void {
    if (this.text === before || this.text.trim() === words) this.text = '';
    else if (this.text.startsWith(before)) this.text = this.text.slice(before.length);
  }
}

/** The draft of one conversation. */
export function draftFor(host: Host, conversation: string): Draft {
  // What can't be kept is tried again at the next change; until then the words are on screen.
  return new Draft((text) => host.command(conversation, { do: 'draft', text }).then(() => true, () => false));
}
