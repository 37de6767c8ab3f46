// The host of a plain browser: a contact centre in memory, with the same promises and the same order of events as the
// real one. It plays a little scene by itself; tests and curious developers drive it by hand through `window.__fake`.
import type { Host } from './host';
import { FakeConversation, personOf } from './fake/conversation';
import { COMPANIES, DEMO, SERVICES, inboxScene } from './fake/scenes';
import { searched } from './fake/words';
import { keepWith } from '../state/keeping';
import type { AppView, ConfigFault, Fault, FaultCode, FieldFault, NewDeployment, Settings, Update } from './view';

/** A fault of a kind, for tests. */
export function fault(code: FaultCode, cls: Fault['class'] = 'refused', detail: string | null = null): Fault {
  return { code, class: cls, detail };
}

/** What drives the in-memory host from outside. */
export class FakeDriver {
  /** Every call that changes something, for tests to look at. */
  readonly calls: { name: string; args: unknown[] }[] = [];
  /** All conversations by name. */
  readonly conversations = new Map<string, FakeConversation>();
  /** What adding a company is answered with; empty for success. */
  addFaults: FieldFault[] = [];
  /** How long checking a company takes, in milliseconds. */
  checkTakes = 150;
  /** How long the next searches take, in milliseconds, one after the other. */
  searchTakes: number[] = [];
  /** What the next deletion fails with. */
  deleteFails: Fault | null = null;
  /** What the next removal of a company fails with. */
  removeFails: Fault | null = null;
  view: AppView;
  /** Sends that wait for room on the disk; null while there is room. */
  #waiting: (() => void)[] | null = null;
  #update = new Set<(update: Update) => void>();
  #app = new Set<(view: AppView) => void>();
  #show = new Set<(conversation: string) => void>();
  #next = 1;

  constructor() {
    this.view = {
      conversations: [],
      deployments: [],
      config_faults: [],
      services: SERVICES,
      settings: { notify: 'full', show_typing: true, show_read: true, theme: 'system', hiding_explained: false, keep: { keep: 'forever' } },
      version: '0.1.0',
      archive: { archive: 'kept' },
    };
  }

  /** The conversation that was opened last. */
  get last(): FakeConversation {
    const last = Array.from(this.conversations.values()).at(-1);
    if (!last) throw new Error('no conversation yet');
    return last;
  }

  /** A new fresh conversation with a company. */
  open(deployment: string): FakeConversation {
    const company = deployment === DEMO.id ? DEMO : this.view.deployments.find((one) => one.id === deployment);
    if (!company) throw fault('unknown_address');
    const living = Array.from(this.conversations.values()).find(
      (one) => one.snapshot.deployment.id === deployment && one.snapshot.phase.phase !== 'over',
    );
    if (living) return living;
    const conversation = new FakeConversation(`${deployment}-${this.#next++}`, company, (update) => {
      for (const hear of this.#update) hear(update);
      this.refresh();
    });
    conversation.keep = keepWith(this.view.settings.keep, company);
    this.conversations.set(conversation.id, conversation);
    this.refresh();
    return conversation;
  }

  /** Fills the list with the companies and chats of a scene. */
  inbox(): void {
    this.view = { ...this.view, deployments: COMPANIES };
    inboxScene((deployment) => this.open(deployment));
    this.refresh();
  }

  /** Publishes the list anew. */
  refresh(change: Partial<AppView> = {}): void {
    const conversations = Array.from(this.conversations.values(), (one) => one.row());
    conversations.sort((a, b) => (b.at ?? Infinity) - (a.at ?? Infinity));
    this.view = { ...this.view, ...change, conversations };
    for (const hear of this.#app) hear(this.view);
  }

  /** Shows faults of the configuration file. */
  configFaults(config_faults: ConfigFault[]): void {
    this.refresh({ config_faults });
  }

  /** The disk is full from now on: nothing that is sent is taken until there is room again. */
  fullDisk(full: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = full ? [] : null;
    for (const one of this.conversations.values()) if (one.snapshot.phase.phase !== 'over') one.full(full);
    for (const go of waiting ?? []) go();
  }

  /** As a click on a notification does. */
  show(conversation: string): void {
    for (const hear of this.#show) hear(conversation);
  }

  /** The host that goes with it. */
  host(): Host {
    const note = (name: string, ...args: unknown[]) => void this.calls.push({ name, args });
    const find = (id: string): FakeConversation => {
      const found = this.conversations.get(id);
      if (!found) throw fault('chat_gone', 'gone');
      return found;
    };
    const listen = <T>(set: Set<T>, hear: T) => {
      set.add(hear);
      return Promise.resolve(() => void set.delete(hear));
    };
    return {
      appView: async () => structuredClone(this.view),
      beginning: async () => null,
      snapshot: async (id) => structuredClone(find(id).snapshot),
      command: async (id, command) => {
        note('command', id, command);
        const waiting = this.#waiting;
        if (waiting && command.do === 'send') await new Promise<void>((go) => waiting.push(go));
        find(id).command(command);
      },
      attach: async (id, name, mime, bytes) => {
        note('attach', id, name, mime, bytes.length);
        find(id).attach(name, mime, bytes);
      },
      media: async (id, item) => {
        const bytes = find(id).media.get(item);
        if (!bytes) throw fault('not_answering', 'retry');
        return bytes.slice().buffer;
      },
      saveFile: async (id, item) => {
        note('saveFile', id, item);
        const found = find(id).snapshot.items.find((one) => one.id === item);
        return found && 'name' in found.content ? `/home/sam/Downloads/${found.content.name}` : null;
      },
      details: async (id) => find(id).details(),
      watching: async (conversation, focused) => note('watching', conversation, focused),
      checkDeployment: async (deployment: NewDeployment) => {
        note('checkDeployment', deployment);
        await new Promise((resolve) => setTimeout(resolve, this.checkTakes));
        return this.addFaults;
      },
      addDeployment: async (deployment) => {
        note('addDeployment', deployment);
        const company = { ...COMPANIES[0]!, id: deployment.id ?? `added-${this.#next++}`, name: deployment.name, asynchronous: deployment.asynchronous, editable: true };
        this.refresh({ deployments: [...this.view.deployments.filter((one) => one.id !== company.id), company] });
        return company;
      },
      deploymentDetails: async (deployment) => {
        note('deploymentDetails', deployment);
        const company = this.view.deployments.find((one) => one.id === deployment && one.editable);
        if (!company) throw fault('too_late');
        const settings = { url: `https://chat.${deployment}.example/sessions`, api_key: 'k-1' };
        return { id: deployment, service: 'digital_channels', name: company.name, asynchronous: company.asynchronous, settings };
      },
      removeDeployment: async (deployment) => {
        note('removeDeployment', deployment);
        const fails = this.removeFails;
        this.removeFails = null;
        if (fails) throw fails;
        for (const [id, one] of this.conversations) {
          if (one.snapshot.deployment.id !== deployment) continue;
          if (one.snapshot.phase.phase === 'fresh') this.conversations.delete(id);
          else one.loseCompany();
        }
        this.refresh({ deployments: this.view.deployments.filter((one) => one.id !== deployment) });
      },
      openConversation: async (deployment) => this.open(deployment).id,
      openDemo: async () => this.open(DEMO.id).id,
      deleteConversation: async (id) => {
        note('deleteConversation', id);
        const fails = this.deleteFails;
        this.deleteFails = null;
        if (fails) throw fails;
        const { phase } = find(id).snapshot.phase;
        if (phase === 'open' || phase === 'closing') find(id).ends('ended_by_me');
        this.conversations.delete(id);
        this.refresh();
      },
      search: async (text, conversation) => {
        note('search', text, conversation);
        const takes = this.searchTakes.shift() ?? 0;
        if (takes > 0) await new Promise((resolve) => setTimeout(resolve, takes));
        return searched(conversation === null ? this.conversations.values() : [find(conversation)], text);
      },
      setSettings: async (settings: Settings) => {
        note('setSettings', settings);
        this.view = { ...this.view, settings };
        for (const one of this.conversations.values()) one.keepFor(keepWith(settings.keep, one.snapshot.deployment));
        this.refresh();
      },
      saveCopy: async (id, format) => {
        note('saveCopy', id, format);
        const kind = { text: 'txt', json: 'json', html: 'html' }[format];
        return `/home/sam/Downloads/Envoi ${find(id).snapshot.deployment.name}.${kind}`;
      },
      openLink: async (...args) => note('openLink', ...args),
      hideWindow: async () => note('hideWindow'),
      quit: async () => note('quit'),
      onUpdate: (hear) => listen(this.#update, hear),
      onApp: (hear) => listen(this.#app, hear),
      onShow: (hear) => listen(this.#show, hear),
      // Nobody closes a browser's window to hide it, and nothing is lost on the way from memory to memory.
      onExplainHiding: async () => () => undefined,
      onMissed: async () => () => undefined,
    };
  }
}

declare global {
  interface Window {
    __fake?: FakeDriver & { personOf: typeof personOf; fault: typeof fault };
  }
}

/** The host of a plain browser. `?scene=inbox` in the address starts with a filled list. */
export function fakeHost(): Host {
  const driver = new FakeDriver();
  if (new URLSearchParams(location.search).get('scene') === 'inbox') driver.inbox();
  window.__fake = Object.assign(driver, { personOf, fault });
  return driver.host();
}
