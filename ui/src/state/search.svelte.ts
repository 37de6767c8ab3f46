// A search as it is typed: in all chats or in one. Only the answer to what the field holds is ever shown, and until it is
// there the answer before it stays, so that nothing flickers.
import type { Host } from '../host/host';
import type { SearchHit, SearchView } from '../host/view';
import { failureText } from './wording';

/** The hits of one conversation, under its company's name. */
export interface HitGroup {
  conversation: string;
  company: string;
  hits: SearchHit[];
}

const NOTHING: SearchView = { hits: [], more: false };

/** One search. */
export class Search {
  /** What the field holds. */
  text = $state('');
  /** What was found, in the order of the host. */
  hits = $state.raw<readonly SearchHit[]>([]);
  /** True if there are more than `hits`. */
  more = $state(false);
  /** The words that `hits` answers; null before the first answer. */
  answered = $state<string | null>(null);
  /** The sentence for what the search failed with. */
  failure = $state<string | null>(null);
  /** Place in `hits` of the one that was gone to; -1 for none. */
  at = $state(-1);

  /** The hits by conversation, in the order in which each conversation was first found. */
  readonly groups: readonly HitGroup[] = $derived(grouped(this.hits));
  /** True if an answer is there and holds nothing. */
  readonly nothing: boolean = $derived(this.answered !== null && this.hits.length === 0 && this.failure === null);

  #host: Host;
  #conversation: string | null;
  #heard: (search: Search) => void;
  #number = 0;

  /** Searches one conversation, or all with null. `heard` is called after each answer. */
  constructor(host: Host, conversation: string | null, heard: (search: Search) => void = () => {}) {
    this.#host = host;
    this.#conversation = conversation;
    this.#heard = heard;
  }

  /** The hit that was gone to. */
  get current(): SearchHit | undefined {
    return this.hits[this.at];
  }

  /** Looks for other words. */
  async type(text: string): Promise<void> {
    if (await this.#look(text)) this.#heard(this);
  }

  /** Looks for words of which one find is on screen already. */
  async goTo(text: string, item: string): Promise<void> {
    if (await this.#look(text)) this.at = this.hits.findIndex((hit) => hit.item === item);
  }

  /** Looks again for the same words, because what is kept has changed. */
  async again(): Promise<void> {
    this.answered = null;
    await this.type(this.text);
  }

  /** Goes so many hits further, around the ends. */
  step(by: 1 | -1): SearchHit | undefined {
    const count = this.hits.length;
    if (count === 0) return undefined;
    this.at = this.at < 0 ? (by > 0 ? 0 : count - 1) : (this.at + by + count) % count;
    return this.current;
  }

  /** Goes to one hit. */
  choose(hit: SearchHit): void {
    this.at = this.hits.indexOf(hit);
  }

  /** Empties the field; an answer that is on its way is dropped. */
  clear(): void {
    this.text = '';
    this.#number++;
    this.#take(null, NOTHING);
  }

  /** True if the answer to these words is there, and they are still the ones that are looked for. */
  async #look(text: string): Promise<boolean> {
    this.text = text;
    const words = text.trim();
    const number = ++this.#number;
    if (words === this.answered && this.failure === null) return false;
    if (words === '') {
      this.#take(null, NOTHING);
      return false;
    }
    try {
      const found = await this.#host.search(words, this.#conversation);
      if (number !== this.#number) return false;
      this.#take(words, found);
    } catch (error) {
      if (number !== this.#number) return false;
      this.#take(words, NOTHING);
      this.failure = failureText(error, '');
    }
    return true;
  }

  #take(words: string | null, { hits, more }: SearchView): void {
    this.failure = null;
    this.answered = words;
    // In one chat the newest stands first: that is where the person is, and from there it goes back.
    this.hits = this.#conversation === null ? hits : hits.toSorted((a, b) => b.at - a.at);
    this.more = more;
    this.at = -1;
  }
}

function grouped(hits: readonly SearchHit[]): HitGroup[] {
  const groups = new Map<string, HitGroup>();
  for (const hit of hits) {
    const group = groups.get(hit.conversation);
    if (group) group.hits.push(hit);
    else groups.set(hit.conversation, { conversation: hit.conversation, company: hit.company, hits: [hit] });
  }
  return Array.from(groups.values());
}
