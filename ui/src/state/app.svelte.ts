// Everything outside of one conversation: the list, what is on screen, drafts, focus of the window, questions of the app.
import { SvelteMap } from 'svelte/reactivity';
import type { Host, Unlisten } from '../host/host';
import type { AppView, DeploymentView, NewDeployment, Row, SearchHit, Settings } from '../host/view';
import { t } from '../i18n/catalogue';
import { Announcer } from './announcer.svelte';
import { Conversation } from './conversation.svelte';
import { draftFor, type Draft } from './draft.svelte';
import { Filled } from './filled';
import { NextFrame } from './frame';
import { goesAtQuit } from './keeping';
import { Search } from './search.svelte';
import { failureText, foundText } from './wording';

/** What the main part of the window shows. */
export type Place = 'chat' | 'add' | 'settings';

/** A question or a list that lies over everything. */
export type Dialog = 'keys' | 'hide' | 'end' | 'delete' | 'remove';

/** Below this width there is room for the list or the chat, not for both, in CSS pixels. */
export const NARROW = 720;

/** How long quitting waits for the words of the composer to be kept, in milliseconds. */
const QUIT_AFTER = 500;

/** The state of the whole window. */
export class App {
  /** What the core says; null until it was asked. */
  view = $state.raw<AppView | null>(null);
  /** What the main part shows. */
  place = $state<Place>('chat');
  /** The open conversation. */
  conversation = $state.raw<Conversation | null>(null);
  /** In a narrow window: true while the list is shown instead of the main part. */
  listShown = $state(true);
  /** True while the window is narrow. */
  narrow = $state(false);
  /** True while the window is in front and has the keyboard. */
  focused = $state(false);
  /** The sentence for what an action outside of a conversation failed with. */
  failure = $state<string | null>(null);
  /** What lies over everything. */
  dialog = $state<Dialog | null>(null);
  /** True while the search takes the place of the list. */
  searching = $state(false);
  /** Counts how often the search was asked for by key, so that its field gets the cursor each time. */
  searchCalls = $state(0);
  /** True once the person has put away what was said of the archive. */
  archiveRead = $state(false);
  /** The conversation that is being deleted. */
  deleting = $state<string | null>(null);
  /** The company that is to be removed, if the person says so. */
  removing = $state.raw<DeploymentView | null>(null);
  /** Counts deleted conversations and removed companies; with each the focus needs a new place. */
  deleted = $state(0);
  /** The search in all chats. */
  readonly search: Search;
  /** What stands in the composers, by conversation. What is on its way from there goes on when the chat is left. */
  readonly #drafts = new SvelteMap<string, Draft>();
  /** What was filled in and not sent, by conversation. */
  readonly #filled = new Map<string, Filled>();
  /** What is said aloud. */
  readonly announcer = new Announcer();
  /** The program around. */
  readonly host: Host;
  #unlisten: Unlisten[] = [];
  readonly #frame = new NextFrame();
  /** The company that is being removed: once it is gone from the list, the focus may need a new place. */
  #leaving: string | null = null;

  /** All conversations. */
  readonly rows: readonly Row[] = $derived(this.view?.conversations ?? []);
  /** Companies that have no conversation in the list. */
  readonly untouched: readonly DeploymentView[] = $derived(
    (this.view?.deployments ?? []).filter(
      (company) => company.available && !this.rows.some((row) => row.deployment.id === company.id),
    ),
  );
  /** True if there is nothing to list. */
  readonly bare: boolean = $derived(this.rows.length === 0 && this.untouched.length === 0);
  /** True until it is known which chats there are. */
  readonly opening: boolean = $derived(this.view?.archive.archive === 'opening');
  /** True if there is nothing to show yet but the choice of how to begin. */
  readonly first: boolean = $derived(this.view !== null && this.bare && !this.opening && this.place === 'chat');
  /** True if the list stands beside the main part. */
  readonly listBeside: boolean = $derived(!this.narrow && !this.bare);
  /** True if the open conversation is on screen. */
  readonly chatShown: boolean = $derived(
    this.conversation !== null && this.place === 'chat' && !(this.narrow && this.listShown),
  );

  constructor(host: Host) {
    this.host = host;
    this.search = new Search(host, null, (search) => this.announcer.sayAtRest(foundText(search)));
  }

  /** Starts to listen, asks for what there is and shows the newest conversation. */
  async start(): Promise<void> {
    const listening = [
      this.host.onUpdate((update) => {
        if (update.conversation === this.conversation?.id) this.conversation.hear(update);
      }),
      this.host.onApp((view) => this.#hear(view)),
      this.host.onShow((id) => this.show(id)),
      this.host.onExplainHiding(() => (this.dialog = 'hide')),
      this.host.onMissed(() => void this.conversation?.refresh()),
    ];
    this.#unlisten = await Promise.all(listening);
    const view = await this.host.appView();
    // An event may have been faster, and is newer then.
    this.view ??= view;
    const beginning = await this.host.beginning();
    if (beginning && !this.conversation) this.show(beginning);
    const newest = this.rows[0];
    if (newest && (!this.narrow || this.rows.length === 1) && !this.conversation) this.show(newest.conversation);
  }

  /** Shows a conversation. */
  show(id: string): void {
    this.place = 'chat';
    this.listShown = false;
    if (this.conversation?.id === id) return;
    this.conversation?.leave();
    const draft = this.#drafts.get(id) ?? draftFor(this.host, id);
    this.#drafts.set(id, draft);
    const filled = this.#filled.get(id) ?? new Filled();
    this.#filled.set(id, filled);
    const conversation = new Conversation(this.host, id, this.announcer, () => this.view, draft, filled);
    this.conversation = conversation;
    void conversation.open();
  }

  /** Shows the list if there is room for one thing only. */
  showListIfAlone(): void {
    if (this.place !== 'chat') this.back();
    if (this.narrow) this.listShown = true;
  }

  /** Goes back from the main part to the list, in a narrow window. */
  showList(): void {
    this.place = 'chat';
    this.listShown = true;
  }

  /** The company whose details are entered once more, while that place is shown. */
  again = $state.raw<DeploymentView | null>(null);
  /** What is known of that company's details; null if they are entered from the beginning. */
  known = $state.raw<NewDeployment | null>(null);

  /** Shows another place of the main part. */
  go(place: Place): void {
    this.again = null;
    this.known = null;
    this.place = place;
    this.listShown = false;
  }

  /** Has the details of a company entered once more: they were wrong, or it was removed. */
  addAgain(company: DeploymentView): void {
    this.go('add');
    this.again = company;
  }

  /** Has the details of a company of the person's own changed. */
  async change(company: DeploymentView): Promise<void> {
    this.failure = null;
    try {
      const known = await this.host.deploymentDetails(company.id);
      this.addAgain(company);
      this.known = known;
    } catch (error) {
      this.failure = failureText(error, company.name);
      this.announcer.warn(this.failure);
    }
  }

  /** Asks whether a company is to be removed. */
  askRemoval(company: DeploymentView): void {
    this.removing = company;
    this.dialog = 'remove';
  }

  /** Removes a company of the person's own; what was said with it stays. */
  async remove(company: DeploymentView): Promise<void> {
    this.failure = null;
    this.#leaving = company.id;
    try {
      await this.host.removeDeployment(company.id);
    } catch (error) {
      this.#leaving = null;
      this.failure = failureText(error, company.name);
      this.announcer.warn(this.failure);
      return;
    }
    this.announcer.say(t('say-removed', { company: company.name }));
  }

  /** Leaves `add` or `settings` for what was there before. */
  back(): void {
    this.place = 'chat';
    this.listShown = this.conversation === null;
  }

  /** Opens the pretend company. */
  async openDemo(): Promise<void> {
    await this.#open(() => this.host.openDemo(), t('demo-note'));
  }

  /** Opens the live conversation with a company, or a new one. */
  async openCompany(deployment: string): Promise<void> {
    const name = this.view?.deployments.find((company) => company.id === deployment)?.name ?? deployment;
    await this.#open(() => this.host.openConversation(deployment), name);
  }

  /** Starts a new chat with the company of the open conversation. */
  async startAgain(company: DeploymentView): Promise<void> {
    if (company.demo) await this.openDemo();
    else await this.openCompany(company.id);
  }

  /** Opens the search in all chats. */
  openSearch(): void {
    // Without a list there is nothing to search in and nowhere to show it.
    if (this.bare) return;
    this.showListIfAlone();
    this.searching = true;
    this.searchCalls++;
  }

  /** Closes the search in all chats and shows the list again. */
  closeSearch(): void {
    this.searching = false;
    this.search.clear();
  }

  /** Shows a found message in its place, with the search in its chat open beside it. */
  async showFound(hit: SearchHit): Promise<void> {
    this.search.choose(hit);
    const words = this.search.text;
    this.show(hit.conversation);
    const conversation = this.conversation;
    if (!conversation) return;
    conversation.target = { item: hit.item, focus: true };
    await conversation.openFind().goTo(words, hit.item);
  }

  /** Deletes a conversation with everything of it on this computer. One that goes on is ended first. */
  async delete(id: string): Promise<void> {
    const open = this.conversation?.id === id ? this.conversation : null;
    const company = this.rows.find((row) => row.conversation === id)?.deployment.name ?? open?.company ?? '';
    if (open) open.failure = null;
    this.failure = null;
    this.deleting = id;
    try {
      await this.host.deleteConversation(id);
    } catch (error) {
      this.deleting = null;
      const failure = failureText(error, company);
      this.announcer.warn(failure);
      if (open) open.failure = failure;
      else this.failure = failure;
      return;
    }
    this.deleting = null;
    open?.draft.drop();
    this.announcer.say(t('say-deleted', { company }));
    // The list may have told already.
    if (this.conversation?.id === id) this.#close();
    this.#drafts.delete(id);
    this.#filled.delete(id);
    if (this.searching) void this.search.again();
    this.deleted++;
  }

  /** Goes to the conversation so many places further in the list. */
  step(by: 1 | -1): void {
    const at = this.rows.findIndex((row) => row.conversation === this.conversation?.id);
    const row = at < 0 ? this.rows[0] : this.rows[at + by];
    if (row) this.show(row.conversation);
  }

  /** Goes to the conversation at a place of the list, counted from 0. */
  jump(place: number): void {
    const row = this.rows[place];
    if (row) this.show(row.conversation);
  }

  /** Changes some of the person's choices. */
  async set(change: Partial<Settings>): Promise<void> {
    if (!this.view) return;
    const settings = { ...this.view.settings, ...change };
    const before = this.view.settings;
    this.view = { ...this.view, settings };
    try {
      await this.host.setSettings(settings);
    } catch (error) {
      // What could not be kept is not pretended.
      if (this.view.settings === settings) this.view = { ...this.view, settings: before };
      this.failure = failureText(error, '');
      this.announcer.warn(this.failure);
    }
  }

  /** Hides the window; the first time it is explained what that means, and each time where others may come to this computer. */
  async hide(): Promise<void> {
    if (this.view && (!this.view.settings.hiding_explained || goesAtQuit(this.view))) this.dialog = 'hide';
    else await this.host.hideWindow();
  }

  /** Words that wait in a chat that is not on screen. */
  draftOf(row: Pick<Row, 'conversation' | 'draft'>): string {
    if (row.conversation === this.conversation?.id && this.chatShown) return '';
    // What stands in a composer of this window is newer than what is kept.
    const draft = this.#drafts.get(row.conversation);
    return draft?.opened ? draft.text.trim() : row.draft;
  }

  /** Ends the program; what stands in the composer is kept first, if that is quick. */
  async quit(): Promise<void> {
    await Promise.race([this.conversation?.draft.flush(), new Promise((resolve) => setTimeout(resolve, QUIT_AFTER))]);
    await this.host.quit();
  }

  /** Stops to listen. */
  stop(): void {
    this.conversation?.leave();
    for (const unlisten of this.#unlisten) unlisten();
    this.#frame.stop();
  }

  async #open(open: () => Promise<string>, company: string): Promise<void> {
    this.failure = null;
    try {
      this.show(await open());
    } catch (error) {
      this.failure = failureText(error, company);
      this.announcer.warn(this.failure);
    }
  }

  /** News of the same chats wait for a frame of their own, behind the open one; `frame.ts` says why. */
  #hear(view: AppView): void {
    const listed = new Set(view.conversations.map((row) => row.conversation));
    const same = listed.size === this.rows.length && this.rows.every((row) => listed.has(row.conversation));
    if (same && this.conversation) {
      this.#frame.do(() => this.#see(view));
      return;
    }
    this.#frame.stop();
    this.#see(view);
  }

  #see(view: AppView): void {
    const before = this.view;
    this.view = view;
    if (before) this.#sayElsewhere(before, view);
    if (this.#leaving !== null && !view.deployments.some((company) => company.id === this.#leaving)) {
      this.#leaving = null;
      this.deleted++;
    }
    const open = this.conversation;
    const wasListed = before?.conversations.some((row) => row.conversation === open?.id);
    if (open && wasListed && !view.conversations.some((row) => row.conversation === open.id)) this.#close();
  }

  #sayElsewhere(before: AppView, after: AppView): void {
    for (const row of after.conversations) {
      if (row.conversation === this.conversation?.id && this.chatShown) continue;
      const count = row.unread - (before.conversations.find((old) => old.conversation === row.conversation)?.unread ?? 0);
      if (count > 0) this.announcer.say(t('say-elsewhere', { count, company: row.deployment.name }));
    }
  }

  #close(): void {
    this.conversation?.leave();
    this.conversation = null;
    this.listShown = true;
    const next = this.rows[0];
    if (next && !this.narrow) this.show(next.conversation);
  }
}
