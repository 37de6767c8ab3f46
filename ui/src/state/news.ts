// What is worth saying aloud about one step of a conversation. Pure: a snapshot before, one after, and what changed.
import type { Change, Item, Person, Snapshot } from '../host/view';
import { t } from '../i18n/catalogue';
import { indexOf } from './items';
import { isTheirs, senderOf } from './rows';
import { byName, endWords, spoken } from './wording';

/** What a step has to say. */
export interface News {
  /** Messages that came, with what is said of each. */
  messages: { from: Person; text: string }[];
  /** Things said politely. */
  status: string[];
  /** Things said at once. */
  alert: string[];
}

/** The news of a step. Replayed history has none, ever. */
export function newsOf(before: Snapshot, after: Snapshot, change: Change, now: number): News {
  const news: News = { messages: [], status: [], alert: [] };
  if (change.change === 'phase' && before.phase.phase !== after.phase.phase) {
    if (after.phase.phase === 'closing') {
      news.status.push(after.phase.text ?? t('say-closing', { name: byName(after.phase.by) }));
    } else if (after.phase.phase === 'over') {
      news.status.push(t('say-two', endWords(after.phase, after, now)));
    }
  }
  if (change.change === 'items') {
    for (const { item } of change.to.put) {
      if (item.replayed) continue;
      const old = before.items[indexOf(before.items, item.id)];
      const from = senderOf(item);
      const text = old ? null : spoken(item);
      if (from && text !== null && isTheirs(item)) news.messages.push({ from, text });
      if (deliveryOf(item) === 'stuck' && (!old || deliveryOf(old) !== 'stuck')) news.alert.push(t('say-not-sent'));
    }
  }
  return news;
}

/** The delivery state of an own item, if it has one. */
export function deliveryOf(item: Item): string | null {
  const { content } = item;
  return content.kind === 'message' || content.kind === 'picture' ? (content.delivery?.state ?? null) : null;
}

/** True for an own item that has not arrived and still may. */
export function isPending(item: Item): boolean {
  const state = deliveryOf(item);
  return state === 'queued' || state === 'sending' || state === 'waiting';
}
