// How the timeline is laid out: which items stand together under one name, where a day begins, where the unread line is.
// Pure. A row that looks the same as before is the same object, so that drawing skips it.
import type { Item, Person } from '../host/view';

/** Messages of one sender stand together if less time than this passed between them, in milliseconds. */
export const GROUP_GAP = 5 * 60_000;

/** Where the unread line stands and what it says. */
export interface UnreadLine {
  /** Identifier of the first unread item. */
  before: string;
  /** How many messages were unread when the line was set. */
  count: number;
}

/** An item that somebody said and that can be shown: a message, a picture, a file or an offer. */
export interface EntryRow {
  kind: 'entry';
  key: string;
  item: Item;
  from: Person;
  /** Shows face, name and time. */
  first: boolean;
  /** Shows the state of an own item. */
  last: boolean;
}

/** One row of the timeline. */
export type TimelineRow =
  | EntryRow
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: string; count: number }
  | { kind: 'event'; key: string; item: Item };

/** Who said an item, or null if nobody did. */
export function senderOf(item: Item): Person | null {
  return 'from' in item.content ? item.content.from : null;
}

/** True for what the other side wrote, which is what counts as unread. */
export function isTheirs(item: Item): boolean {
  const from = senderOf(item);
  return from !== null && from.role !== 'me';
}

/** Name of the local day of a moment. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** Where the unread line goes if so many messages are unread; null if none is, or if they are not loaded. */
export function unreadLine(items: readonly Item[], count: number): UnreadLine | null {
  let left = count;
  for (let i = items.length - 1; left > 0 && i >= 0; i--) {
    const item = items[i];
    if (item && isTheirs(item) && --left === 0) return { before: item.id, count };
  }
  return null;
}

/** Comings and goings that concern the person: those of people, not their own and not those of bots and machinery. */
function isShown(item: Item): boolean {
  if (item.content.kind !== 'joined' && item.content.kind !== 'left') return true;
  return !['me', 'bot', 'automation', 'system'].includes(item.content.person.role);
}

/** Lays out the items. Rows of an earlier layout are used again where nothing changed. */
export function layout(
  items: readonly Item[],
  unread: UnreadLine | null,
  earlier: ReadonlyMap<string, TimelineRow> = new Map(),
): TimelineRow[] {
  const rows: TimelineRow[] = [];
  const push = (row: TimelineRow) => rows.push(reuse(earlier.get(row.key), row));
  let day = '';
  let open: EntryRow | null = null;
  const close = () => {
    if (open) push({ ...open, last: true });
    open = null;
  };
  for (const item of items) {
    if (!isShown(item)) continue;
    const itsDay = dayOf(item.at);
    if (itsDay !== day) {
      close();
      day = itsDay;
      push({ kind: 'day', key: `day ${itsDay}`, at: item.at });
    }
    if (unread?.before === item.id) {
      close();
      push({ kind: 'unread', key: 'unread', count: unread.count });
    }
    const from = senderOf(item);
    // What cannot be shown is nobody's words: a line of its own, though it counts as theirs.
    if (!from || item.content.kind === 'unsupported') {
      close();
      push({ kind: 'event', key: item.id, item });
      continue;
    }
    const joins: boolean = open !== null && together(open, item, from);
    if (open && joins) push({ ...open, last: false });
    else close();
    open = { kind: 'entry', key: item.id, item, from, first: !joins, last: false };
  }
  close();
  return rows;
}

/** True if an item stands under the same name as the one above it. */
function together(above: EntryRow, item: Item, from: Person): boolean {
  return above.from.id === from.id && above.from.role === from.role && item.at - above.item.at < GROUP_GAP;
}

/** The earlier row if it looks the same, the new one otherwise. */
function reuse(earlier: TimelineRow | undefined, row: TimelineRow): TimelineRow {
  if (!earlier || earlier.kind !== row.kind) return row;
  switch (row.kind) {
    case 'entry': {
      const old = earlier as EntryRow;
      return old.item === row.item && old.first === row.first && old.last === row.last ? old : row;
    }
    case 'day':
      return earlier;
    case 'unread':
      return (earlier as typeof row).count === row.count ? earlier : row;
    case 'event':
      return (earlier as typeof row).item === row.item ? earlier : row;
  }
}
