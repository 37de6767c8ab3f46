// The open conversation: a snapshot kept up to date by updates, and what the interface adds to it (unread line, strip,
// what a call failed with). Everything drawn comes from here; everything the person does goes through `command`.
import { Filled } from './filled';
import type { Host } from '../host/host';
import type { AppView, Command, CopyFormat, Details, Item, Snapshot, Update } from '../host/view';
import { t } from '../i18n/catalogue';
import type { Announcer } from './announcer.svelte';
import { draftFor, type Draft } from './draft.svelte';
import { problemOf } from './files';
import { indexOf } from './items';
import { stayOf } from './keeping';
import { deliveryOf, isPending, newsOf } from './news';
import { Outage } from './outage.svelte';
import { senderOf, unreadLine, type UnreadLine } from './rows';
import { Search } from './search.svelte';
import { applyUpdate, orderOf } from './snapshot';
import { failureText, foundText, spokenHit, standingText } from './wording';

const NO_ITEMS: readonly Item[] = [];

/** How long to wait for the messages of an outage before saying that the connection is back without them. */
const FLUSH = 8000;

/** A message that shall be shown in its place. */
export interface Target {
  /** Identifier of its item. */
  item: string;
  /** True if the focus goes there as well. */
  focus: boolean;
}

/** One open conversation. */
export class Conversation {
  /** Its name. */
  readonly id: string;
  /** As it stands; null until the first snapshot came. */
  current = $state.raw<Snapshot | null>(null);
  /** Its timeline. */
  readonly items = $derived(this.current?.items ?? NO_ITEMS);
  /** The last thing that anybody said: only it can be a passing offer that is still open. */
  readonly lastSaid = $derived(this.items.findLast((item) => senderOf(item) !== null)?.id ?? null);
  /** Where the unread line stands. */
  unreadLine = $state.raw<UnreadLine | null>(null);
  /** The sentence for what the person's last action failed with. */
  failure = $state<string | null>(null);
  /** Where the last copy was saved. */
  saved = $state<string | null>(null);
  /** The search in this conversation, while it is open. */
  find = $state.raw<Search | null>(null);
  /** The message that shall be shown next; the timeline takes it away. */
  target = $state.raw<Target | null>(null);
  /** What was filled in and not sent. */
  readonly filled: Filled;
  /** The words in its composer. */
  readonly draft: Draft;
  /** The connection strip. */
  readonly outage: Outage;

  #host: Host;
  #announcer: Announcer;
  #app: () => AppView | null;
  /** Updates that came while a snapshot was on its way; null at other times. */
  #waiting: Update[] | null = null;
  /** True if another snapshot was asked for while one was on its way. */
  #again = false;
  #fetching: Promise<void> = Promise.resolve();
  /** Own messages that were held up by an outage. */
  #heldUp: Set<string> | null = null;
  #flush: ReturnType<typeof setTimeout> | undefined;
  #left = false;

  /** `app` tells what is the case outside of it, `draft` and `filled` are what was written in it before, in this window. */
  constructor(
    host: Host,
    id: string,
    announcer: Announcer,
    app: () => AppView | null = () => null,
    draft = draftFor(host, id),
    filled = new Filled(),
  ) {
    this.#host = host;
    this.#app = app;
    this.draft = draft;
    this.filled = filled;
    this.id = id;
    this.#announcer = announcer;
    this.outage = new Outage(
      () => this.#sayOutage(),
      () => this.#sayBack(),
    );
  }

  /** Name of the company. */
  get company(): string {
    return this.current?.deployment.name ?? '';
  }

  /** Fetches the first snapshot and says what is new. */
  async open(): Promise<void> {
    await this.#fetch();
    const snapshot = this.current;
    if (!snapshot) return;
    this.markUnread();
    if (snapshot.unread > 0) this.#announcer.say(t('say-opened', { count: snapshot.unread, company: this.company }));
  }

  /** Fetches the snapshot again: updates were lost. */
  async refresh(): Promise<void> {
    await this.#fetch();
  }

  /** Takes in one update. A gap is closed by a new snapshot. */
  hear(update: Update): void {
    if (this.#waiting) {
      this.#waiting.push(update);
      return;
    }
    const before = this.current;
    if (!before) return;
    switch (orderOf(before.seq, update)) {
      case 'old':
        return;
      case 'gap':
        void this.#fetch();
        return;
      case 'next':
        this.#step(before, update);
    }
  }

  /** Sets the unread line where the first unseen message is, if there is one. */
  markUnread(): void {
    const snapshot = this.current;
    if (snapshot && snapshot.unread > 0) this.unreadLine = unreadLine(snapshot.items, snapshot.unread);
  }

  /** Does what the person asked for. True if the core took it. */
  async command(command: Command): Promise<boolean> {
    this.failure = null;
    try {
      await this.#host.command(this.id, command);
      return true;
    } catch (error) {
      this.failure = failureText(error, this.company);
      return false;
    }
  }

  /** Tells the core what nobody asked for. It takes no failure away that is still to be read, and shows none of its own. */
  async note(command: Command): Promise<void> {
    await this.#host.command(this.id, command).catch(() => undefined);
  }

  /** Sends words. False if the core did not take them. */
  send(text: string): Promise<boolean> {
    this.unreadLine = null;
    return this.command({ do: 'send', text });
  }

  /** Sees to it that an item is in the timeline. False if it can't be had. */
  async reveal(item: string): Promise<boolean> {
    const there = () => indexOf(this.items, item) >= 0;
    if (there()) return true;
    try {
      await this.#host.command(this.id, { do: 'reveal', item });
      // The updates of it may still be on their way; a snapshot has it for certain.
      if (!there()) await this.#fetch();
    } catch {
      // Told below: whatever it was, the message is not there.
    }
    if (!there()) {
      this.failure = t('found-gone');
      this.#announcer.warn(this.failure);
    }
    return there();
  }

  /** Opens the search in this conversation, with words that were searched for already or with none. */
  openFind(): Search {
    this.find ??= new Search(this.#host, this.id, (search) => this.#toFound(search));
    return this.find;
  }

  /** Goes to the next or the last match of the open search. */
  findStep(by: 1 | -1): void {
    if (!this.find?.step(by)) return;
    this.#toFound(this.find);
  }

  /** Saves a copy of it. */
  async saveCopy(format: CopyFormat): Promise<void> {
    this.failure = null;
    this.saved = null;
    try {
      this.saved = await this.#host.saveCopy(this.id, format);
      this.#announcer.say(t('copy-saved', { path: this.saved }));
    } catch (error) {
      this.failure = failureText(error, this.company);
    }
  }

  /** Sends a file, if the company takes such a one. */
  async attach(file: File): Promise<void> {
    const { abilities, people } = this.current ?? { abilities: null, people: [] };
    this.failure = problemOf(file, abilities?.files ?? null, people, this.company);
    if (this.failure !== null) return;
    this.unreadLine = null;
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      await this.#host.attach(this.id, file.name || 'photo', file.type || 'application/octet-stream', bytes);
    } catch (error) {
      this.failure = failureText(error, this.company);
    }
  }

  /** Saves the picture or file of an item where the person says. */
  async saveFile(item: string): Promise<void> {
    this.failure = null;
    this.saved = null;
    try {
      this.saved = await this.#host.saveFile(this.id, item);
      if (this.saved !== null) this.#announcer.say(t('copy-saved', { path: this.saved }));
    } catch (error) {
      this.failure = failureText(error, this.company);
    }
  }

  /** Who was there and how much was said; null if that cannot be told. */
  async details(): Promise<Details | null> {
    return this.#host.details(this.id).catch(() => null);
  }

  /** Opens a link of an item, or of the banner, outside of the window. */
  async openLink(item: string, href: string): Promise<void> {
    this.failure = null;
    try {
      await this.#host.openLink(this.id, item, href);
    } catch (error) {
      this.failure = failureText(error, this.company);
    }
  }

  /** Stops all that runs for this conversation. */
  leave(): void {
    this.#left = true;
    this.#again = false;
    void this.draft.flush();
    this.outage.stop();
    clearTimeout(this.#flush);
  }

  /** Fetches a snapshot. Settles when the newest that was asked for is there. */
  #fetch(): Promise<void> {
    if (this.#waiting) this.#again = true;
    else this.#fetching = this.#fetchNow();
    return this.#fetching;
  }

  async #fetchNow(): Promise<void> {
    this.#waiting = [];
    try {
      const snapshot = await this.#host.snapshot(this.id);
      if (this.#left) return;
      this.draft.open(snapshot.draft);
      this.current = snapshot;
      this.filled.seen(snapshot.phase);
      this.outage.see(snapshot.link);
    } catch (error) {
      this.failure = failureText(error, this.company);
    } finally {
      const waiting = this.#waiting;
      this.#waiting = null;
      for (const update of waiting ?? []) this.hear(update);
    }
    if (!this.#again) return;
    this.#again = false;
    // A gap among the updates may have begun the next one already.
    if (this.#waiting) await this.#fetching;
    else await this.#fetchNow();
  }

  #step(before: Snapshot, update: Update): void {
    const after = applyUpdate(before, update);
    this.current = after;
    this.filled.seen(after.phase);
    const { change } = update;
    if (change.change === 'link') this.outage.see(change.to);
    if (change.change === 'phase' && change.to.phase === 'over') this.outage.stop();
    const news = newsOf(before, after, change, Date.now(), stayOf(this.#app(), after));
    if (news.messages.length > 0) this.#announcer.messages(news.messages);
    for (const text of news.status) this.#announcer.say(text);
    for (const text of news.alert) this.#announcer.warn(text);
    if (change.change === 'items' && this.#heldUp) this.#countFlushed(this.#heldUp);
  }

  /** Shows the present match of a search and says which it is. The focus stays in the field. */
  #toFound(search: Search): void {
    if (search.at < 0) search.step(1);
    const hit = search.current;
    if (!hit) {
      this.#announcer.sayAtRest(foundText(search));
      return;
    }
    this.target = { item: hit.item, focus: false };
    this.#announcer.sayAtRest(t('say-two', { heading: standingText(search), text: spokenHit(hit) }));
  }

  #sayOutage(): void {
    const link = this.current?.link;
    if (link?.link !== 'down') return;
    const name = link.cause === 'offline' ? 'say-offline' : 'say-not-answering';
    this.#announcer.say(t(name, { company: this.company }));
  }

  #sayBack(): void {
    this.#heldUp = new Set(this.items.filter(isPending).map((item) => item.id));
    if (this.#heldUp.size === 0) this.#tellBack(0);
    else this.#flush = setTimeout(() => this.#tellBack(0), FLUSH);
  }

  #countFlushed(heldUp: Set<string>): void {
    const sent = this.items.filter((item) => heldUp.has(item.id) && deliveryOf(item) === 'sent').length;
    if (sent === heldUp.size) this.#tellBack(sent);
  }

  #tellBack(count: number): void {
    clearTimeout(this.#flush);
    this.#heldUp = null;
    this.#announcer.say(t('say-back', { count }));
  }
}
