// Everything outside of one conversation: the list, what is on screen, drafts, focus of the window, questions of the app.
import { SvelteMap } from 'svelte/reactivity';
import type { Host, Unlisten } from '../host/host';
import type { AppView, DeploymentView, Row, Settings } from '../host/view';
import { t } from '../i18n/catalogue';
import { Announcer } from './announcer.svelte';
import { Conversation } from './conversation.svelte';
import { failureText } from './wording';

/** What the main part of the window shows. */
export type Place = 'chat' | 'add' | 'settings';

/** A question or a list that lies over everything. */
export type Dialog = 'keys' | 'hide' | 'end';

/** Below this width there is room for the list or the chat, not for both, in CSS pixels. */
export const NARROW = 720;

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
  /** Words that were typed and not sent, by conversation. */
  readonly drafts = new SvelteMap<string, string>();
  /** What is said aloud. */
  readonly announcer = new Announcer();
  /** The program around. */
  readonly host: Host;
  #unlisten: Unlisten[] = [];

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
  /** True if there is nothing to show yet but the choice of how to begin. */
  readonly first: boolean = $derived(this.view !== null && this.bare && this.place === 'chat');
  /** True if the list stands beside the main part. */
  readonly listBeside: boolean = $derived(!this.narrow && !this.bare);
  /** True if the open conversation is on screen. */
  readonly chatShown: boolean = $derived(
    this.conversation !== null && this.place === 'chat' && !(this.narrow && this.listShown),
  );

  constructor(host: Host) {
    this.host = host;
  }

  /** Starts to listen, asks for what there is and shows the newest conversation. */
  async start(): Promise<void> {
    const listening = [
      this.host.onUpdate((update) => {
        if (update.conversation === this.conversation?.id) this.conversation.hear(update);
      }),
      this.host.onApp((view) => this.#see(view)),
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
    const conversation = new Conversation(this.host, id, this.announcer);
    this.conversation = conversation;
    void conversation.open();
  }

  /** Goes back from the main part to the list, in a narrow window. */
  showList(): void {
    this.place = 'chat';
    this.listShown = true;
  }

  /** Shows another place of the main part. */
  go(place: Place): void {
    this.place = place;
    this.listShown = false;
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

  /** Takes the open conversation, which is over, off the list. */
  async forget(id: string): Promise<void> {
    this.failure = null;
    try {
      await this.host.forgetConversation(id);
    } catch (error) {
      this.failure = failureText(error, this.conversation?.company ?? '');
      return;
    }
    this.drafts.delete(id);
    if (this.conversation?.id === id) this.#close();
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
    this.view = { ...this.view, settings };
    try {
      await this.host.setSettings(settings);
    } catch (error) {
      this.failure = failureText(error, '');
      this.announcer.warn(this.failure);
    }
  }

  /** Hides the window; the first time it is explained what that means. */
  async hide(): Promise<void> {
    if (this.view && !this.view.settings.hiding_explained) this.dialog = 'hide';
    else await this.host.hideWindow();
  }

  /** Keeps words for the time their conversation is not on screen. */
  keepDraft(id: string, text: string): void {
    if (text.trim() === '') this.drafts.delete(id);
    else this.drafts.set(id, text);
  }

  /** Stops to listen. */
  stop(): void {
    this.conversation?.leave();
    for (const unlisten of this.#unlisten) unlisten();
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

  #see(view: AppView): void {
    const before = this.view;
    this.view = view;
    if (before) this.#sayElsewhere(before, view);
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
