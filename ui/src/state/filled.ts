// What was filled in and not sent, of one chat: it is there again when somebody comes back to it, for as long as the program runs. It is
// never written anywhere, for forms hold what is nobody else's business.
import type { PhaseView } from '../host/view';
import type { Answers } from './questions';

/** Half-filled forms of one chat. Whoever shows them keeps their own copy. */
export class Filled {
  /** The form before the chat, by field; null where it was not touched. */
  entry: Record<string, string> | null = null;

  #answers = new Map<string, Answers>();
  #marked = new Map<string, Map<number, string[]>>();

  /** What was filled in of the questions of an item, to be added to. */
  answersTo(item: string): Answers {
    const kept = this.#answers.get(item) ?? {};
    this.#answers.set(item, kept);
    return kept;
  }

  /** What was marked of several choices of an item, by group, to be added to. */
  marksOf(item: string): Map<number, string[]> {
    const kept = this.#marked.get(item) ?? new Map<number, string[]>();
    this.#marked.set(item, kept);
    return kept;
  }

  /** Once a chat has begun, its entry form has done what it was for; what a failed start leaves is to be mended. */
  seen({ phase }: PhaseView): void {
    if (phase !== 'fresh' && phase !== 'joining') this.entry = null;
  }

  /** An item was answered. */
  sent(item: string): void {
    this.#answers.delete(item);
    this.#marked.delete(item);
  }
}
