// The timeline's reducer: puts one edit into the list of items and gives a new list. Pure, and cheap for the two things
// that happen all the time, a new last item and a change of one of the last.
import type { Item, ItemsChange } from '../host/view';

/** Index of the item with this identifier, looked for from the newest end; -1 if there is none. */
export function indexOf(items: readonly Item[], id: string): number {
  for (let i = items.length - 1; i >= 0; i--) if (items[i]?.id === id) return i;
  return -1;
}

/**
 * The list after an edit: removals first, then each item in its place.
 * An item whose predecessor is not known goes to the end, where a person would look for it.
 */
export function applyItems(items: readonly Item[], edit: ItemsChange): Item[] {
  const removed = new Set(edit.removed);
  const next = removed.size > 0 ? items.filter((item) => !removed.has(item.id)) : items.slice();
  let hint = -1;
  for (const { after, item } of edit.put) {
    const old = indexOf(next, item.id);
    const before = old > 0 ? next[old - 1]?.id : null;
    if (old >= 0 && before === after) {
      next[old] = item;
      hint = old;
      continue;
    }
    if (old >= 0) next.splice(old, 1);
    hint = place(next, after, hint);
    next.splice(hint, 0, item);
  }
  return next;
}

/** Where an item goes that follows `after`. The place behind the item put before it is tried first: pages come as runs. */
function place(items: readonly Item[], after: string | null, hint: number): number {
  if (after === null) return 0;
  if (items[hint]?.id === after) return hint + 1;
  const index = indexOf(items, after);
  return index < 0 ? items.length : index + 1;
}
