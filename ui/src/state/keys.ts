// The keyboard of the whole window: which keys do what, and the list that says so. Keys of one part are handled there.
import type { App } from './app.svelte';

const MAC = typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);
/** What the key for commands is called here. */
export const CTRL = MAC ? '⌘' : 'Ctrl';
const ALT = MAC ? '⌥' : 'Alt';

/** One line of the list of keys: the name of its text, and the keys. */
export const KEY_LIST: readonly { name: string; keys: readonly string[] }[] = [
  { name: 'key-send', keys: ['Enter'] },
  { name: 'key-newline', keys: ['Shift+Enter'] },
  { name: 'key-chat-prev-next', keys: [`${ALT}+↑`, `${ALT}+↓`] },
  { name: 'key-chat-by-place', keys: [`${CTRL}+1 … 9`] },
  { name: 'key-attach', keys: [`${CTRL}+Shift+U`] },
  { name: 'key-search', keys: [`${CTRL}+K`] },
  { name: 'key-find', keys: [`${CTRL}+F`] },
  { name: 'key-regions', keys: ['F6', 'Shift+F6'] },
  { name: 'key-arrows', keys: ['↑', '↓'] },
  { name: 'key-ends', keys: ['Home', 'End'] },
  { name: 'key-escape', keys: ['Esc'] },
  { name: 'key-settings', keys: [`${CTRL}+,`] },
  { name: 'key-this', keys: [`${CTRL}+/`] },
  { name: 'key-zoom', keys: [`${CTRL}++`, `${CTRL}+−`, `${CTRL}+0`] },
  { name: 'key-hide', keys: [`${CTRL}+W`] },
  { name: 'key-quit', keys: [`${CTRL}+Q`] },
];

/** What the window asks of the chat on screen. */
export interface ChatKeys {
  /** Answers an open question with no, or goes to the composer. */
  escape(): void;
  /** Lets the person choose a picture. */
  attach(): void;
  /** Opens the search in the chat. False if there is nothing to search in. */
  find(): boolean;
}

/** Handles a key that belongs to the whole window. True if it did. */
export function handleKey(event: KeyboardEvent, app: App, chat: ChatKeys | null): boolean {
  const command = MAC ? event.metaKey : event.ctrlKey;
  // What lies over everything has the keyboard to itself; only leaving is always possible.
  const quits = command && event.key.toLowerCase() === 'q';
  if (document.querySelector('dialog[open]') && !quits) return false;
  if (event.key === 'F6') {
    nextRegion(event.shiftKey ? -1 : 1);
    return true;
  }
  if (event.key === 'Escape' && !command) {
    if (app.place !== 'chat') app.back();
    else chat?.escape();
    return true;
  }
  if (event.altKey && !command && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    app.step(event.key === 'ArrowUp' ? -1 : 1);
    return true;
  }
  if (!command || event.altKey) return false;
  if (event.shiftKey && event.code === 'KeyU') {
    chat?.attach();
    return true;
  }
  // The slash is a shifted key on many keyboards.
  if (event.key === '/') {
    app.dialog = 'keys';
    return true;
  }
  if (event.shiftKey) return false;
  if (/^[1-9]$/.test(event.key)) {
    app.jump(Number(event.key) - 1);
    return true;
  }
  switch (event.key.toLowerCase()) {
    case ',':
      app.go('settings');
      return true;
    case 'w':
      void app.hide();
      return true;
    case 'q':
      void app.quit();
      return true;
    case 'k':
      app.openSearch();
      return true;
    case 'f':
      // From the list, or without a chat to search in, it searches all of them.
      if (app.place !== 'chat' || inList() || !chat?.find()) app.openSearch();
      return true;
    default:
      return false;
  }
}

/** True while the list of chats has the focus. */
function inList(): boolean {
  return document.activeElement?.closest('[data-part="list"]') != null;
}

/** Puts the focus on the first thing of the next region of the window, in the order of the page. */
function nextRegion(by: 1 | -1): void {
  const regions = Array.from(document.querySelectorAll<HTMLElement>('[data-region]'));
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  for (let step = 1; step <= regions.length; step++) {
    const start = at < 0 && by < 0 ? 0 : at;
    const region = regions[(start + by * step + regions.length * 2) % regions.length];
    const target = Array.from(
      region?.querySelectorAll<HTMLElement>('textarea, button, input, select, a[href], summary, [tabindex="0"]') ?? [],
    ).find((element) => element.tabIndex >= 0 && element.checkVisibility());
    if (target) {
      const field = region?.querySelector<HTMLElement>('textarea');
      (field ?? target).focus();
      return;
    }
  }
}
