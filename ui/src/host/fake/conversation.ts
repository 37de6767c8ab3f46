// One conversation of the in-memory host: keeps a snapshot, publishes each change as an update, and plays the other side.
import { applyChange } from '../../state/snapshot';
import { choicesOf, isOpen, labelOf } from '../../state/offers';
import { senderOf } from '../../state/rows';
import { ABILITIES, CARDS, DATES, QUICK, RICHER, QUESTIONS, TOPICS, WAY_BACK } from './scenes';
import type {
  Abilities,
  Banner,
  Card,
  Change,
  Command,
  Content,
  DeliveryView,
  DeploymentView,
  Details,
  EndReason,
  Fault,
  FaultCode,
  Item,
  Keep,
  Memory,
  Offer,
  Person,
  Role,
  Row,
  Run,
  Snapshot,
  Snippet,
  Update,
} from '../view';

/** Somebody of this name and capacity. */
export function personOf(name: string | null, role: Role = 'agent'): Person {
  return { id: `${role}-${name ?? ''}`, name, role };
}

const ME = personOf('Sam', 'me');
const STRAY = /^\s*(thanks|thank you|thx|ok|okay|danke|merci|gracias|شكرا|👍|🙏)[\s!.…]*$/iu;

/** Cuts a text where addresses begin and end. */
export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s]+/g)) {
    if (match.index > from) runs.push({ text: text.slice(from, match.index), href: null });
    runs.push({ text: match[0], href: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length || runs.length === 0) runs.push({ text: text.slice(from), href: null });
  return runs;
}

/** One conversation and everything the other side may do in it. */
export class FakeConversation {
  readonly id: string;
  snapshot: Snapshot;
  /** Bytes of pictures by item. */
  readonly media = new Map<string, Uint8Array>();
  /** Items that `older` will bring, oldest first. */
  past: Item[] = [];
  /** Answers by itself if true. */
  lively = true;
  /** Asks before a stray "thanks" becomes a new case if true. */
  guards = true;
  /** What the next start fails with. */
  startFails: Fault | null = null;
  /** What the next message gets stuck with. */
  sendFails: Fault | null = null;
  /** How long a message is on its way, in milliseconds. */
  sendTakes = 60;
  /** How long it is kept. */
  keep: Keep = { keep: 'forever' };
  #publish: (update: Update) => void;
  #next = 1;
  #said = 0;
  /** How often the sign-in page was opened again. */
  browsed = 0;

  constructor(id: string, deployment: DeploymentView, publish: (update: Update) => void) {
    this.id = id;
    this.#publish = publish;
    this.snapshot = {
      conversation: id,
      seq: 0,
      deployment,
      phase: { phase: 'fresh' },
      link: { link: 'idle' },
      people: [],
      typing: [],
      items: [],
      history: 'complete',
      guard: null,
      memory: { memory: 'nothing' },
      unread: 0,
      fault: null,
      abilities: deployment.pictures ? ABILITIES : { ...ABILITIES, files: null },
      banner: null,
      idle: null,
      sign_in: null,
      draft: '',
    };
  }

  /** Makes one change and publishes it. */
  change(change: Change): void {
    const seq = this.snapshot.seq + 1;
    this.snapshot = { ...applyChange(this.snapshot, change), seq };
    this.#publish(structuredClone({ conversation: this.id, seq, change }));
  }

  /** Makes a change that nobody hears of, as if its update were lost. */
  lose(change: Change): void {
    this.snapshot = { ...applyChange(this.snapshot, change), seq: this.snapshot.seq + 1 };
  }

  /** Adds an item at the end and gives its identifier. */
  add(content: Content, at = Date.now(), replayed = false): string {
    const id = `i${this.#next++}`;
    const after = this.snapshot.items.at(-1)?.id ?? null;
    this.change({ change: 'items', to: { removed: [], put: [{ after, item: { id, at, replayed, content } }] } });
    return id;
  }

  /** Adds many items as one edit. */
  addMany(texts: string[], from: Person, at = Date.now(), replayed = false): void {
    let after = this.snapshot.items.at(-1)?.id ?? null;
    const put = texts.map((text) => {
      const content: Content = { kind: 'message', from, text: runsOf(text), delivery: from.role === 'me' ? { state: 'sent' } : null };
      const item = { id: `i${this.#next++}`, at, replayed, content };
      const placed = { after, item };
      after = item.id;
      return placed;
    });
    this.change({ change: 'items', to: { removed: [], put } });
  }

  /** Somebody comes. */
  joins(name: string, role: Role = 'agent', at = Date.now()): void {
    const person = personOf(name, role);
    this.change({ change: 'people', to: [...this.snapshot.people, person] });
    this.add({ kind: 'joined', person }, at);
  }

  /** Somebody goes. */
  leaves(name: string, role: Role = 'agent', at = Date.now()): void {
    const person = personOf(name, role);
    this.change({ change: 'people', to: this.snapshot.people.filter((one) => one.id !== person.id) });
    this.add({ kind: 'left', person }, at);
  }

  /** Somebody types, or stops. */
  types(name: string, on = true, role: Role = 'agent'): void {
    this.change({ change: 'typing', to: on ? [personOf(name, role)] : [] });
  }

  /** Somebody on the other side writes. */
  writes(name: string, text: string, { role = 'agent' as Role, at = Date.now(), replayed = false } = {}): string {
    this.change({ change: 'typing', to: [] });
    const id = this.add({ kind: 'message', from: personOf(name, role), text: runsOf(text), delivery: null }, at, replayed);
    if (!replayed) this.change({ change: 'unread', to: this.snapshot.unread + 1 });
    return id;
  }

  /** The person wrote this, some time ago. */
  wrote(text: string, at = Date.now(), delivery: DeliveryView = { state: 'sent' }): string {
    return this.add({ kind: 'message', from: ME, text: runsOf(text), delivery }, at);
  }

  /** Somebody sends a picture. */
  pictures(name: string, role: Role, file: string, bytes: Uint8Array, at = Date.now()): string {
    const mine = role === 'me';
    const id = `i${this.#next}`;
    this.media.set(id, bytes);
    this.add(
      { kind: 'picture', from: mine ? ME : personOf(name, role), name: file, size: bytes.length, delivery: mine ? { state: 'sent' } : null, withdrawn: false },
      at,
    );
    return id;
  }

  /** Somebody sends a file. */
  files(name: string, role: Role, file: string, size: number, mime: string | null = 'application/pdf', at = Date.now()): string {
    const mine = role === 'me';
    const from = mine ? ME : personOf(name, role);
    return this.add({ kind: 'file', from, name: file, size, mime, delivery: mine ? { state: 'sent' } : null, withdrawn: false }, at);
  }

  /** Somebody sends something that cannot be shown. */
  baffles(name: string, role: Role = 'agent'): string {
    const id = this.add({ kind: 'unsupported', from: personOf(name, role) });
    this.change({ change: 'unread', to: this.snapshot.unread + 1 });
    return id;
  }

  /** Somebody offers something to choose from; one of the scene by its name. */
  offers(name: string, offer: Offer | 'quick' | 'cards' | 'dates' | 'topics' | 'questions', role: Role = 'bot'): string {
    const scenes = { quick: QUICK, cards: CARDS, dates: DATES, topics: TOPICS, questions: QUESTIONS };
    return this.add({ kind: 'offer', from: personOf(name, role), offer: typeof offer === 'string' ? scenes[offer] : offer, answered: [] });
  }

  /** A line of this computer's own. */
  injects(text: string): string {
    return this.add({ kind: 'local', text: runsOf(text) });
  }

  /** The service shows a banner: the way back to the bot unless told otherwise; null takes it away. */
  shows(cards: Card[] | null = [WAY_BACK], change: Partial<Banner> = {}): void {
    const banner = cards && { cards, minimises: false, minimised_text: null, minimised: false, pending: false, ...change };
    this.change({ change: 'banner', to: banner });
  }

  /** The service is about to end the chat. */
  idles(inSeconds: number | null, text: string | null = null): void {
    this.change({ change: 'idle', to: { ends_at: inSeconds === null ? null : Date.now() + inSeconds * 1000, text } });
  }

  /** The company's sign-in page is open in the browser, or no longer. */
  signsIn(address: string | null = 'https://id.example/authorize?client_id=envoi&state=s'): void {
    this.change({ change: 'sign_in', to: address === null ? null : { state: 'browser', address } });
  }

  /** The person has to sign in before a kept chat goes on. */
  needsSignIn(): void {
    this.change({ change: 'link', to: { link: 'idle' } });
    this.change({ change: 'fault', to: { code: 'sign_in_needed', class: 'refused', detail: null } });
  }

  /** Other things can be done from here on. */
  can(change: Partial<Abilities>): void {
    this.change({ change: 'abilities', to: { ...this.snapshot.abilities, ...change } });
  }

  /** Files of most kinds and words of a certain length. */
  canMore(): void {
    this.can(RICHER);
  }

  /** Who was there and how much was said. */
  details(): Details {
    const said = this.snapshot.items.flatMap((item) => senderOf(item) ?? []);
    const times = this.snapshot.items.filter(senderOf).map((item) => item.at);
    const people: Details['people'] = [];
    for (const { content, at } of this.snapshot.items) {
      if (content.kind === 'joined') people.push({ person: content.person, from: at, until: null });
      const stay = content.kind === 'left' ? people.findLast((one) => one.person.id === content.person.id) : undefined;
      if (stay) stay.until = at;
    }
    const sent = said.filter((person) => person.role === 'me').length;
    return { people, started: times[0] ?? null, ended: times.at(-1) ?? null, received: said.length - sent, sent };
  }

  /** The chat is open and connected. */
  opens(): void {
    this.change({ change: 'link', to: { link: 'up' } });
    this.change({ change: 'phase', to: { phase: 'open' } });
    this.change({ change: 'memory', to: this.#memory() });
  }

  /** The case is closed; the chat stays open. */
  closes(by: string | null, text: string | null = null, at = Date.now()): void {
    this.add({ kind: 'case_closed', by }, at);
    this.change({ change: 'people', to: [] });
    this.change({ change: 'phase', to: { phase: 'closing', by, text } });
  }

  /** The chat is over. */
  ends(reason: EndReason, by: string | null = null, { unsent = 0, closes_window = false, at = Date.now() } = {}): void {
    this.change({ change: 'people', to: [] });
    this.change({ change: 'typing', to: [] });
    this.change({ change: 'link', to: { link: 'idle' } });
    this.change({ change: 'phase', to: { phase: 'over', reason, by, at, unsent, closes_window } });
  }

  /** The company is no longer in the configuration, or its entry has a mistake. */
  shelve(code: FaultCode = 'company_gone'): void {
    this.change({ change: 'link', to: { link: 'idle' } });
    this.change({ change: 'phase', to: { phase: 'shelved' } });
    this.change({ change: 'fault', to: { code, class: 'refused', detail: null } });
  }

  /** The company was removed in the window: interfaces know it as it is now from a snapshot alone. */
  loseCompany(): void {
    this.snapshot = { ...this.snapshot, deployment: { ...this.snapshot.deployment, available: false, editable: false } };
    this.lose({ change: 'unread', to: this.snapshot.unread });
    if (this.snapshot.phase.phase === 'over') this.change({ change: 'unread', to: this.snapshot.unread });
    else this.shelve();
  }

  /** The connection is lost. */
  down(cause: FaultCode = 'offline', inSeconds = 12, attempt = 1): void {
    this.change({ change: 'link', to: { link: 'down', attempt, retry_at: Date.now() + inSeconds * 1000, cause } });
  }

  /** The connection is back; what waited goes out. */
  up(): void {
    this.change({ change: 'link', to: { link: 'up' } });
    for (const item of this.snapshot.items) {
      const state = 'delivery' in item.content ? item.content.delivery?.state : undefined;
      if (state === 'queued' || state === 'waiting') this.#deliver(item.id);
    }
  }

  /** Sets how far an own item has come. */
  delivery(id: string, delivery: DeliveryView): void {
    const items = this.snapshot.items;
    const index = items.findIndex((item) => item.id === id);
    const item = items[index];
    if (!item || !('delivery' in item.content)) return;
    const changed = { ...item, content: { ...item.content, delivery } };
    this.change({ change: 'items', to: { removed: [], put: [{ after: items[index - 1]?.id ?? null, item: changed }] } });
  }

  /** Keeps it so long from now on, and deletes what is older. */
  keepFor(keep: Keep, now = Date.now()): void {
    this.keep = keep;
    const { memory } = this.snapshot.memory;
    if (memory === 'kept' || memory === 'shared') this.change({ change: 'memory', to: this.#memory() });
    if (keep.keep !== 'days') return;
    const oldest = now - keep.days * 86_400_000;
    this.past = this.past.filter((item) => item.at >= oldest);
    const removed = this.snapshot.items.filter((item) => item.at < oldest).map((item) => item.id);
    if (removed.length > 0) this.change({ change: 'items', to: { removed, put: [] } });
  }

  /** The disk is full, or has room again. */
  full(full: boolean): void {
    this.change({ change: 'memory', to: full ? { memory: 'not_kept', why: 'disk_failed' } : this.#memory() });
  }

  #memory(): Memory {
    return this.keep.keep === 'until_quit' ? { memory: 'shared' } : { memory: 'kept' };
  }

  /** What the list shows of it. */
  row(): Row {
    const { snapshot } = this;
    const last = snapshot.items.at(-1);
    return {
      conversation: this.id,
      deployment: snapshot.deployment,
      at: snapshot.phase.phase === 'over' ? snapshot.phase.at : (last?.at ?? null),
      unread: snapshot.unread,
      snippet: this.#snippet(),
      draft: snapshot.phase.phase === 'over' ? '' : snapshot.draft.trim(),
    };
  }

  #snippet(): Snippet {
    const { phase, items } = this.snapshot;
    if (phase.phase === 'over') return { snippet: 'over', reason: phase.reason };
    const states = items.map((item) => ('delivery' in item.content ? item.content.delivery?.state : undefined));
    const stuck = items.flatMap((item) => ('delivery' in item.content && item.content.delivery?.state === 'stuck' ? [item.content.delivery.fault.code] : []));
    if (stuck.length > 0) return { snippet: stuck.every((code) => code === 'perhaps_sent') ? 'perhaps_sent' : 'not_sent' };
    const count = states.filter((state) => state === 'queued' || state === 'waiting').length;
    if (count > 0) return { snippet: 'waiting', count };
    if (phase.phase === 'closing') return { snippet: 'case_closed' };
    const last = items.findLast(senderOf);
    if (last?.content.kind === 'message') {
      return { snippet: 'message', from: last.content.from, text: last.content.text.map((run) => run.text).join('') };
    }
    if (last?.content.kind === 'file') return { snippet: 'file', from: last.content.from, name: last.content.name };
    if (last?.content.kind === 'offer') return { snippet: 'message', from: last.content.from, text: last.content.offer.text };
    if (last?.content.kind === 'picture') return { snippet: 'message', from: last.content.from, text: null };
    if (last?.content.kind === 'unsupported') return { snippet: 'unsupported', from: last.content.from };
    return { snippet: 'empty' };
  }

  /** Does what the interface asked for. */
  command(command: Command): void {
    switch (command.do) {
      case 'start':
        this.#start();
        return;
      case 'send':
        this.#send(command.text);
        return;
      case 'send_anyway': {
        const text = this.snapshot.guard?.text ?? '';
        this.change({ change: 'guard', to: null });
        this.#accept(text);
        return;
      }
      case 'dont_send':
        this.change({ change: 'guard', to: null });
        return;
      case 'retry':
        this.delivery(command.item, { state: 'sending' });
        this.#deliver(command.item);
        return;
      case 'cancel': {
        const item = this.snapshot.items.find((one) => one.id === command.item);
        const state = item && 'delivery' in item.content ? item.content.delivery?.state : undefined;
        if (state === 'sent') throw { code: 'too_late', class: 'refused', detail: null } satisfies Fault;
        this.change({ change: 'items', to: { removed: [command.item], put: [] } });
        return;
      }
      case 'older':
        this.#older();
        return;
      case 'try_now':
        this.up();
        return;
      case 'end':
        this.ends('ended_by_me');
        return;
      case 'seen':
        this.change({ change: 'unread', to: 0 });
        return;
      case 'draft':
        this.#setDraft(command.text);
        return;
      case 'reveal':
        this.#reveal(command.item);
        return;
      case 'choose':
        this.#choose(command.item, command.choices);
        return;
      case 'fill':
        this.#fill(command.item, command.answers);
        return;
      case 'choose_banner': {
        const { banner } = this.snapshot;
        const chosen = banner?.cards.flatMap((card) => card.choices).find((one) => one.id === command.choice);
        if (!banner || banner.pending || chosen?.does.does !== 'say') throw { code: 'too_late', class: 'refused', detail: null } satisfies Fault;
        this.change({ change: 'banner', to: { ...banner, pending: true } });
        this.#accept(chosen.does.text);
        return;
      }
      case 'close_banner':
      case 'open_banner': {
        const { banner } = this.snapshot;
        if (!banner) return;
        const away = command.do === 'close_banner';
        this.change({ change: 'banner', to: away && !banner.minimises ? null : { ...banner, minimised: away } });
        return;
      }
      case 'sign_in':
        if (!this.snapshot.abilities.sign_in) throw { code: 'unsupported', class: 'refused', detail: null } satisfies Fault;
        this.change({ change: 'fault', to: null });
        this.signsIn();
        return;
      case 'open_sign_in':
        if (this.snapshot.sign_in === null) throw { code: 'too_late', class: 'refused', detail: null } satisfies Fault;
        this.browsed += 1;
        return;
      case 'cancel_sign_in':
        if (this.snapshot.sign_in === null) throw { code: 'too_late', class: 'refused', detail: null } satisfies Fault;
        this.signsIn(null);
        if (this.snapshot.phase.phase === 'joining' && this.snapshot.items.length === 0) this.change({ change: 'phase', to: { phase: 'fresh' } });
        this.change({ change: 'fault', to: { code: 'sign_in_unfinished', class: 'refused', detail: null } });
        return;
      case 'stay_on':
        this.change({ change: 'idle', to: null });
        return;
      case 'inject':
        this.injects(command.text);
        return;
      case 'typing':
      case 'nickname':
        if (!this.snapshot.abilities.nickname) throw { code: 'unsupported', class: 'refused', detail: null } satisfies Fault;
        return;
      case 'user_data':
      case 'notice':
      case 'send_hidden':
      case 'hide':
        return;
    }
  }

  /** Takes a file from the interface. */
  attach(name: string, mime: string, bytes: Uint8Array): void {
    const picture = mime.startsWith('image/');
    const id = picture ? this.pictures('Sam', 'me', name, bytes) : this.files('Sam', 'me', name, bytes.length, mime);
    this.delivery(id, { state: 'sending' });
    this.#deliver(id);
  }

  #choose(id: string, choices: string[]): void {
    const items = this.snapshot.items;
    const index = items.findIndex((item) => item.id === id);
    const item = items[index];
    const last = items.findLast(senderOf)?.id === id;
    if (item?.content.kind !== 'offer' || !isOpen(item.content, last)) throw { code: 'too_late', class: 'refused', detail: null } satisfies Fault;
    const chosen = choicesOf(item.content.offer).filter((one) => choices.includes(one.id));
    const answered = { ...item, content: { ...item.content, answered: choices } };
    this.change({ change: 'items', to: { removed: [], put: [{ after: items[index - 1]?.id ?? null, item: answered }] } });
    this.#accept(chosen.map(labelOf).join(', '));
  }

  #fill(id: string, answers: Record<string, string[] | undefined>): void {
    const items = this.snapshot.items;
    const index = items.findIndex((item) => item.id === id);
    const item = items[index];
    const asked = item?.content.kind === 'offer' && item.content.answered.length === 0 ? item.content.offer.questions : null;
    if (!item || !asked) throw { code: 'too_late', class: 'refused', detail: null } satisfies Fault;
    const given = asked.questions.filter((question) => (answers[question.id] ?? []).some((value) => value.trim() !== ''));
    const answered = { ...item, content: { ...item.content, answered: given.map((question) => question.id) } as typeof item.content };
    this.change({ change: 'items', to: { removed: [], put: [{ after: items[index - 1]?.id ?? null, item: answered }] } });
    const lines = given.map((question) => `${question.label}: ${(answers[question.id] ?? []).join(', ')}`);
    this.#accept([asked.reply, ...lines].join('\n'));
  }

  #start(): void {
    this.change({ change: 'fault', to: null });
    this.change({ change: 'phase', to: { phase: 'joining' } });
    setTimeout(() => {
      if (this.startFails) {
        const fault = this.startFails;
        this.startFails = null;
        this.change({ change: 'phase', to: { phase: 'fresh' } });
        this.change({ change: 'fault', to: fault });
        return;
      }
      this.opens();
      if (!this.lively) return;
      this.joins('Tide', 'bot');
      this.writes('Tide', 'Hello Sam. What can I help with?', { role: 'bot' });
    }, 120);
  }

  #send(text: string): void {
    if (this.guards && this.snapshot.phase.phase === 'closing' && STRAY.test(text)) {
      this.change({ change: 'guard', to: { text, by: this.snapshot.phase.by } });
      return;
    }
    this.#accept(text);
  }

  /** No update tells of the draft: only whoever opens the chat wants it. */
  #setDraft(draft: string): void {
    this.snapshot = { ...this.snapshot, draft };
  }

  #reveal(item: string): void {
    const from = this.past.findIndex((one) => one.id === item);
    if (from >= 0) this.#bring(this.past.splice(from));
    else if (!this.snapshot.items.some((one) => one.id === item)) throw { code: 'chat_gone', class: 'gone', detail: item } satisfies Fault;
  }

  #bring(page: readonly Item[]): void {
    let after: string | null = null;
    const put = page.map((item) => {
      const placed = { after, item };
      after = item.id;
      return placed;
    });
    this.change({ change: 'items', to: { removed: [], put } });
    this.change({ change: 'history', to: this.past.length > 0 ? 'more' : 'complete' });
  }

  #accept(text: string): void {
    this.#setDraft('');
    if (this.snapshot.idle) this.change({ change: 'idle', to: null });
    if (this.snapshot.phase.phase === 'closing') this.change({ change: 'phase', to: { phase: 'open' } });
    const down = this.snapshot.link.link !== 'up';
    const id = this.wrote(text, Date.now(), { state: down ? 'queued' : 'sending' });
    if (!down) this.#deliver(id);
  }

  #deliver(id: string): void {
    setTimeout(() => {
      const fault = this.sendFails;
      this.sendFails = null;
      this.delivery(id, fault ? { state: 'stuck', fault } : { state: 'sent' });
      if (!fault && this.lively) setTimeout(() => this.#answer(), 300);
    }, this.sendTakes);
  }

  #answer(): void {
    if (this.snapshot.phase.phase !== 'open') return;
    const answers = [
      'Let me look at that with you.',
      'That explains it: you were billed 310 units too many.',
      'I’ve corrected the bill. The new one is £64.20: https://tidewater.example/bills/10',
      'Anything else? Otherwise I’ll close this case.',
    ];
    if (!this.snapshot.people.some((person) => person.role === 'agent')) this.joins('Maya');
    this.types('Maya');
    setTimeout(() => {
      if (this.snapshot.phase.phase !== 'open') return;
      const text = answers[this.#said++];
      if (text) this.writes('Maya', text);
      else this.closes('Maya');
    }, 900);
  }

  #older(): void {
    this.change({ change: 'history', to: 'loading' });
    setTimeout(() => this.#bring(this.past.splice(-40)), 50);
  }

  /** Puts so many earlier messages before what is loaded. */
  remember(count: number, person = personOf('Maya')): void {
    const first = this.snapshot.items[0]?.at ?? Date.now();
    this.past = Array.from({ length: count }, (_, i) => ({
      id: `p${i}`,
      at: first - (count - i) * 60_000,
      replayed: true,
      content: { kind: 'message' as const, from: i % 3 ? person : ME, text: runsOf(`Earlier message ${i + 1}`), delivery: i % 3 ? null : { state: 'sent' as const } },
    }));
    this.change({ change: 'history', to: 'more' });
  }
}
