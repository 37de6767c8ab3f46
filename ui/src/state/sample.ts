// Small items and snapshots for tests.
import { personOf, runsOf } from '../host/fake/conversation';
import { ABILITIES, DEMO } from '../host/fake/scenes';
import type { DeliveryView, Item, Person, Snapshot } from '../host/view';

export const MAYA = personOf('Maya');
export const TIDE = personOf('Tide', 'bot');
export const ME = personOf('Sam', 'me');

/** Noon of a day without a change of clocks. */
export const NOON = new Date(2026, 10, 18, 12, 0).getTime();

/** A message. */
export function message(id: string, from: Person = MAYA, at = NOON, delivery: DeliveryView | null = null): Item {
  return { id, at, replayed: false, content: { kind: 'message', from, text: runsOf(`text of ${id}`), delivery } };
}

/** A snapshot with these items. */
export function snapshot(items: Item[] = [], change: Partial<Snapshot> = {}): Snapshot {
  return {
    conversation: 'c',
    seq: 1,
    deployment: DEMO,
    phase: { phase: 'open' },
    link: { link: 'up' },
    people: [],
    typing: [],
    items,
    history: 'complete',
    guard: null,
    memory: { memory: 'kept' },
    unread: 0,
    fault: null,
    abilities: ABILITIES,
    banner: null,
    idle: null,
    sign_in: null,
    draft: '',
    ...change,
  };
}
