// What one update does to a snapshot, and whether it is the next one at all. Pure.
import type { Change, Snapshot, Update } from '../host/view';
import { applyItems } from './items';

/** How an update relates to what is known. */
export type Order = 'next' | 'old' | 'gap';

/** Whether an update is the next one, one that is contained already, or one after a gap. */
export function orderOf(seq: number, update: Update): Order {
  if (update.seq <= seq) return 'old';
  return update.seq === seq + 1 ? 'next' : 'gap';
}

/** The snapshot after one change. */
export function applyChange(snapshot: Snapshot, change: Change): Snapshot {
  switch (change.change) {
    case 'phase':
      return { ...snapshot, phase: change.to };
    case 'link':
      return { ...snapshot, link: change.to };
    case 'people':
      return { ...snapshot, people: change.to };
    case 'typing':
      return { ...snapshot, typing: change.to };
    case 'items':
      return { ...snapshot, items: applyItems(snapshot.items, change.to) };
    case 'history':
      return { ...snapshot, history: change.to };
    case 'guard':
      return { ...snapshot, guard: change.to };
    case 'memory':
      return { ...snapshot, memory: change.to };
    case 'unread':
      return { ...snapshot, unread: change.to };
    case 'fault':
      return { ...snapshot, fault: change.to };
    case 'abilities':
      return { ...snapshot, abilities: change.to };
    case 'banner':
      return { ...snapshot, banner: change.to };
    case 'idle':
      return { ...snapshot, idle: change.to };
    case 'sign_in':
      return { ...snapshot, sign_in: change.to };
  }
}

/** The snapshot after an update that `orderOf` called the next one. */
export function applyUpdate(snapshot: Snapshot, update: Update): Snapshot {
  return { ...applyChange(snapshot, update.change), seq: update.seq };
}
