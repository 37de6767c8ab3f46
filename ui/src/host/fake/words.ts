// Searching in memory as the archive of the program does it: all words, the last of them by its beginning, without regard to
// case and accents, the newest message first.
import type { Item, SearchHit, SearchView, SnippetRun } from '../view';
import type { FakeConversation } from './conversation';

/** Words shown before the first find; behind it there are twice as many. */
const AROUND = 6;

/** A text without case and accents. */
function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

/** True if a word is the wanted one, or begins as it does if that may still be unfinished. */
function fits(word: string, wanted: string, unfinished: boolean): boolean {
  return unfinished ? folded(word).startsWith(wanted) : folded(word) === wanted;
}

/** The messages of these conversations that hold all words, the newest first, at most so many. */
export function searched(conversations: Iterable<FakeConversation>, text: string, most = 100): SearchView {
  const wanted = folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  if (wanted.length === 0) return { hits: [], more: false };
  const hits: SearchHit[] = [];
  for (const conversation of conversations) {
    for (const item of [...conversation.past, ...conversation.snapshot.items]) {
      const hit = hitOf(conversation, item, wanted);
      if (hit) hits.push(hit);
    }
  }
  hits.sort((a, b) => b.at - a.at);
  return { hits: hits.slice(0, most), more: hits.length > most };
}

function hitOf(conversation: FakeConversation, item: Item, wanted: readonly string[]): SearchHit | null {
  if (item.content.kind !== 'message') return null;
  const text = item.content.text.map((run) => run.text).join('');
  const finds: { from: number; to: number }[] = [];
  const words = Array.from(text.matchAll(/[\p{L}\p{N}\p{M}]+/gu), (match) => ({ from: match.index, text: match[0] }));
  for (const word of words) {
    if (wanted.some((one, i) => fits(word.text, one, i === wanted.length - 1))) finds.push({ from: word.from, to: word.from + word.text.length });
  }
  const all = wanted.every((one, i) => words.some((word) => fits(word.text, one, i === wanted.length - 1)));
  const first = words.findIndex((word) => word.from === finds[0]?.from);
  if (!all || first < 0) return null;
  const from = words[first - AROUND]?.from ?? 0;
  const to = words[first + 2 * AROUND]?.from ?? text.length;
  return {
    conversation: conversation.id,
    company: conversation.snapshot.deployment.name,
    item: item.id,
    at: item.at,
    from: item.content.from,
    snippet: snippet(text, finds, from, to),
  };
}

function snippet(text: string, finds: readonly { from: number; to: number }[], from: number, to: number): SnippetRun[] {
  const runs: SnippetRun[] = [];
  const plain = (words: string) => {
    if (words !== '') runs.push({ text: words, found: false });
  };
  let at = from;
  plain(from > 0 ? '…' : '');
  for (const find of finds.filter((one) => one.from >= from && one.to <= to)) {
    plain(text.slice(at, find.from));
    runs.push({ text: text.slice(find.from, find.to), found: true });
    at = find.to;
  }
  plain(text.slice(at, to) + (to < text.length ? '…' : ''));
  return runs;
}
