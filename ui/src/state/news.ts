// What is worth saying aloud about one step of a conversation. Pure: a snapshot before, one after, and what changed.
import type { Change, Item, Person, Snapshot } from '../host/view';
import { t } from '../i18n/catalogue';
import { indexOf } from './items';
import type { Stay } from './keeping';
import { isTheirs, senderOf } from './rows';
import { byName, endWords, pendingWords, spoken, spokenBanner } from './wording';

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
export function newsOf(before: Snapshot, after: Snapshot, change: Change, now: number, stay: Stay): News {
  const news: News = { messages: [], status: [], alert: [] };
  if (change.change === 'phase' && before.phase.phase !== after.phase.phase) {
    if (after.phase.phase === 'closing') {
      news.status.push(after.phase.text ?? t('say-closing', { name: byName(after.phase.by) }));
    } else if (after.phase.phase === 'over') {
      news.status.push(t('say-two', endWords(after.phase, after, now, stay)));
    }
  }
  if (change.change === 'memory' && isFull(before) !== isFull(after)) {
    news.status.push(t(isFull(after) ? 'disk-full' : 'say-room'));
  }
  if (change.change === 'idle' && after.idle && !before.idle) {
    news.status.push(after.idle.text ?? t('idle', { company: after.deployment.name }));
  }
  if (change.change === 'sign_in' && after.sign_in && !before.sign_in) {
    news.status.push(t('sign-in', { company: after.deployment.name }));
  }
  if (change.change === 'banner' && after.banner) {
    if (after.banner.pending && !before.banner?.pending) news.status.push(t(pendingWords(after).heading));
    else if (!after.banner.minimised && spokenBanner(after.banner) !== spokenBanner(before.banner)) {
      news.status.push(spokenBanner(after.banner));
    }
  }
  if (change.change === 'items') {
    for (const id of change.to.removed) {
      const old = before.items[indexOf(before.items, id)];
      const state = old ? deliveryOf(old) : null;
      const file = old?.content.kind === 'file' || old?.content.kind === 'picture';
      if (file && (state === 'uploading' || state === 'sending')) news.status.push(t('say-upload-cancelled'));
    }
    for (const { item } of change.to.put) {
      if (item.replayed) continue;
      const old = before.items[indexOf(before.items, item.id)];
      const from = senderOf(item);
      const text = old ? null : spoken(item);
      if (from && text !== null && isTheirs(item)) news.messages.push({ from, text });
      if (deliveryOf(item) === 'stuck' && (!old || deliveryOf(old) !== 'stuck')) {
        news.alert.push(t(isUnsure(item) ? 'say-unsure' : 'say-not-sent'));
      }
    }
  }
  return news;
}

/** The delivery state of an own item, if it has one. */
export function deliveryOf(item: Item): string | null {
  return 'delivery' in item.content ? (item.content.delivery?.state ?? null) : null;
}

/** True for an own item of which nobody can tell whether it arrived. */
export function isUnsure(item: Item): boolean {
  const { content } = item;
  return 'delivery' in content && content.delivery?.state === 'stuck' && content.delivery.fault.code === 'perhaps_sent';
}

/** True while nothing can be written to the disk, so that nothing is sent either. */
export function isFull(snapshot: Pick<Snapshot, 'memory'>): boolean {
  return snapshot.memory.memory === 'not_kept' && snapshot.memory.why === 'disk_failed';
}

/** True for an own item that has not arrived and still may. */
export function isPending(item: Item): boolean {
  const state = deliveryOf(item);
  return state === 'queued' || state === 'sending' || state === 'uploading' || state === 'waiting';
}
