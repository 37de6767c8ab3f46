// Marks found words in what is drawn, without touching it: the platform's own highlights, where it has them. Elsewhere the
// frame around the found message has to do.
import type { SearchHit } from '../host/view';

/** Name of the highlight in the style sheets. */
const NAME = 'found';

/** Scripts that put no space between words, so that a word may begin after any sign. */
const UNSPACED = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

/** Marks the found words of these hits below an element, and nothing else. */
export function markFound(root: Element, hits: readonly SearchHit[]): void {
  if (!('highlights' in CSS)) return;
  const ranges: Range[] = [];
  for (const hit of hits) {
    const words = root.querySelector(`[data-item="${CSS.escape(hit.item)}"] [data-part="words"]`);
    const found = new Set(hit.snippet.filter((run) => run.found && run.text !== '').map((run) => run.text));
    if (words) for (const text of found) ranges.push(...rangesOf(words, text));
  }
  if (ranges.length > 0) CSS.highlights.set(NAME, new Highlight(...ranges));
  else CSS.highlights.delete(NAME);
}

/** Takes all marks away. */
export function unmark(): void {
  if ('highlights' in CSS) CSS.highlights.delete(NAME);
}

/** Everywhere that a text begins a word below an element. */
function rangesOf(root: Element, text: string): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const words = node.nodeValue ?? '';
    for (let at = words.indexOf(text); at >= 0; at = words.indexOf(text, at + text.length)) {
      if (at > 0 && !UNSPACED.test(text) && /[\p{L}\p{N}]/u.test(words.charAt(at - 1))) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      ranges.push(range);
    }
  }
  return ranges;
}
