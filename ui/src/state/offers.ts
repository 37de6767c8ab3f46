// Offers: which of their choices can be pressed, and what stands on them. Pure; the core holds to the same rules.
import type { Choice, Content, Offer } from '../host/view';
import { slotOf } from '../i18n/format';

/** An item's content that offers something. */
export type Offered = Content & { kind: 'offer' };

/** All choices of an offer, in the order in which they are shown. */
export function choicesOf(offer: Offer): Choice[] {
  return [...offer.cards.flatMap((card) => card.choices), ...offer.groups.flatMap((group) => group.choices)];
}

/** What stands for an offer in one line. */
export function offerLine(offer: Offer): string {
  const all = [offer.text, ...offer.cards.map((card) => card.title), ...offer.groups.map((group) => group.title ?? '')];
  return all.find((text) => text.trim() !== '') ?? '';
}

/** True while an offer can be answered: once, and if it is a passing one only as long as nothing was said after it. */
export function isOpen(content: Offered, last: boolean): boolean {
  return content.answered.length === 0 && (!content.offer.passing || last);
}

/** What stands on a choice. */
export function labelOf(choice: Choice): string {
  if (choice.label.trim() !== '') return choice.label;
  if (choice.at !== null) return slotOf(choice.at, choice.seconds);
  return choice.does.does === 'say' ? choice.does.text : choice.does.does === 'open' ? choice.does.href : choice.id;
}
