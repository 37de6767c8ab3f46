// What a screen reader is told. Only complete messages and changes that matter; never history, ticks, typing or our own
// words a second time. The regions themselves are drawn once, by parts/Announcer.svelte.
import type { Person } from '../host/view';
import { t } from '../i18n/catalogue';
import { behindFrame } from './frame';
import { nameOf } from './wording';

/** One thing said. */
export interface Said {
  id: number;
  text: string;
}

/** More messages than this within `BURST` are told as a number. */
const MANY = 3;
/** How long a burst is, in milliseconds. */
const BURST = 2000;
/** How long the person has to rest before something that follows their typing is said, in milliseconds. */
const REST = 700;
/** How many sayings stay in a region; a reader has long read the older ones. */
const KEPT = 6;

/** Collects what is to be said, by urgency. */
export class Announcer {
  /** New messages of the open chat. */
  log = $state.raw<Said[]>([]);
  /** Changes that may wait their turn. */
  status = $state.raw<Said[]>([]);
  /** What must be heard at once. */
  alert = $state.raw<Said[]>([]);
  /** Puts off what may wait until a frame was painted: whoever looks need not wait for whoever listens. */
  readonly #later: (work: () => void) => void;
  #next = 0;
  #recent: number[] = [];
  #held: Person[] = [];
  #resting: ReturnType<typeof setTimeout> | undefined;
  #release: ReturnType<typeof setTimeout> | undefined;

  constructor(later: (work: () => void) => void = behindFrame) {
    this.#later = later;
  }

  /** Says something when the reader is done with what it reads. */
  say(text: string): void {
    this.#later(() => {
      this.status = this.#with(this.status, text);
    });
  }

  /** Says something once nothing newer of this kind came for a while: what a search found, as it is typed. */
  sayAtRest(text: string): void {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.say(text), REST);
  }

  /** Says something at once. */
  warn(text: string): void {
    this.#later(() => {
      this.alert = this.#with(this.alert, text);
    });
  }

  /** Tells messages that just came. A burst is told as its number, when it is over. */
  messages(came: readonly { from: Person; text: string }[], now: number = Date.now()): void {
    this.#recent = this.#recent.filter((at) => now - at < BURST);
    const burst = this.#held.length > 0 || this.#recent.length + came.length > MANY;
    for (const { from, text } of came) {
      this.#recent.push(now);
      if (burst) this.#held.push(from);
      else this.#tell(text);
    }
    if (burst) this.#release ??= setTimeout(() => this.#tellHeld(), BURST);
  }

  #tell(text: string): void {
    this.#later(() => {
      this.log = this.#with(this.log, text);
    });
  }

  #tellHeld(): void {
    const last = this.#held.at(-1);
    const count = this.#held.length;
    this.#held = [];
    this.#release = undefined;
    if (last) this.say(t('say-several', { count, name: nameOf(last) }));
  }

  #with(said: Said[], text: string): Said[] {
    return [...said.slice(1 - KEPT), { id: this.#next++, text }];
  }
}
