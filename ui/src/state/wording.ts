// The words for states that come from the core: who somebody is, what a fault means, what stands under a name. Pure.
import type { Banner, EndReason, Fault, FaultCode, Item, LinkView, Person, PhaseView, Row, Run, SearchHit, Snapshot } from '../host/view';
import { t, catalogue } from '../i18n/catalogue';
import { fullDay, timeOf } from '../i18n/format';
import type { Stay } from './keeping';
import { choicesOf, offerLine } from './offers';
import type { Search } from './search.svelte';

/** The name to show for a person. */
export function nameOf(person: Person): string {
  if (person.name) return person.name;
  return person.role === 'bot' ? t('the-bot') : t('the-agent');
}

/** The name of whoever did something, if it is known. */
export function byName(by: string | null): string {
  return by ?? t('the-agent');
}

/** The first character of a name, for a face. */
export function initialOf(name: string): string {
  return Array.from(name.trim())[0]?.toLocaleUpperCase(catalogue.locale) ?? '?';
}

/** The characters of a text without its links. */
export function plain(text: readonly Run[]): string {
  return text.map((run) => run.text).join('');
}

/** What a fault means, in one sentence. */
export function faultText(code: FaultCode, company: string): string {
  const name = `fault-${code}`;
  return t(catalogue.has(name) ? name : 'fault-unknown', { company });
}

/** Why chats are not kept on this computer. */
export function archiveWhy(why: FaultCode): string {
  const name = `archive-why-${why}`;
  return t(catalogue.has(name) ? name : 'archive-why-keyring_failed');
}

/** What can be done so that chats are kept. */
export function keepingHelp(why: FaultCode): string {
  const name = `memory-how-${why}`;
  return t(catalogue.has(name) ? name : 'memory-how-keyring_failed');
}

/** The code inside of whatever a call rejected with. */
export function asFault(error: unknown): Fault | null {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error as Fault;
  }
  return null;
}

/** The sentence for whatever a call rejected with. */
export function failureText(error: unknown, company: string): string {
  const fault = asFault(error);
  return fault ? faultText(fault.code, company) : t('fault-unknown');
}

/** Whether an end came to this computer only: the chat itself may go on without it. */
export function isCutOff(reason: EndReason): boolean {
  return reason === 'lost' || reason === 'signed_out' || reason === 'signed_in_elsewhere';
}

/** The line under the company's name in the header. */
export function headerLine(snapshot: Pick<Snapshot, 'phase' | 'link' | 'people'>): string {
  const { phase, link, people } = snapshot;
  switch (phase.phase) {
    case 'fresh':
      return t('header-fresh');
    case 'joining':
      return t('header-joining');
    case 'shelved':
      return t('header-read-only');
    case 'over':
      if (phase.reason === 'read_only') return t('header-read-only');
      return t(isCutOff(phase.reason) ? 'header-lost' : 'header-ended');
    case 'open':
    case 'closing': {
      if (link.link === 'down') return t('header-waiting-connection');
      if (link.link === 'restoring') return t('header-restoring');
      if (phase.phase === 'closing') return t('header-case-closed');
      const agent = people.findLast((person) => person.role === 'agent' || person.role === 'other');
      if (agent) return t('header-with-agent', { name: nameOf(agent) });
      return t(people.some((person) => person.role === 'bot') ? 'header-with-bot' : 'header-waiting-agent');
    }
  }
}

/** How long what was said stays here. */
export function stayText(stay: Stay): string {
  if (typeof stay === 'number') return t('stays-days', { days: stay });
  return t(stay === 'kept' ? 'stays-kept' : 'stays-quit');
}

/** Heading and sentence of the ended view. Nothing is promised that the settings deny. */
export function endWords(
  phase: PhaseView & { phase: 'over' },
  snapshot: Snapshot,
  now: number,
  stay: Stay,
): { heading: string; text: string } {
  const last = snapshot.items.at(-1);
  const text = t(`over-${phase.reason}-text`, {
    name: byName(phase.by),
    company: snapshot.deployment.name,
    day: fullDay(phase.at, now),
    time: timeOf(last?.at ?? phase.at),
    stays: stayText(stay),
  });
  const told = phase.reason === 'ended_by_me' || phase.reason === 'ended_by_them';
  return {
    heading: t(`over-${phase.reason}-heading`),
    text: told || stay !== 'quit' ? text : `${text} ${t('goes-at-quit')}`,
  };
}

/** The last line of an ended timeline; null where the end has no moment of its own. */
export function endLine(phase: PhaseView & { phase: 'over' }, now: number): string | null {
  switch (phase.reason) {
    case 'ended_by_me':
      return t('end-by-me', { time: timeOf(phase.at) });
    case 'ended_by_them':
      return t('end-by-them', { name: byName(phase.by), time: timeOf(phase.at) });
    case 'read_only':
      return t('end-read-only', { day: fullDay(phase.at, now) });
    case 'expired':
      return t('end-expired', { day: fullDay(phase.at, now) });
    case 'lost':
    case 'signed_out':
    case 'signed_in_elsewhere':
      return null;
  }
}

/** Heading of the guard: the held words, shortened so that the question stays a question. */
export function quoted(text: string): string {
  const characters = Array.from(text.trim());
  return characters.length > 40 ? `${characters.slice(0, 39).join('').trimEnd()}…` : characters.join('');
}

/** The line under a name in the list. */
export function snippetText(row: Row, draft: string): string {
  if (draft !== '') return t('snippet-draft', { text: draft });
  const { snippet } = row;
  switch (snippet.snippet) {
    case 'empty':
      return t('snippet-new');
    case 'message': {
      const text = snippet.text ?? t('snippet-picture');
      if (snippet.from.role === 'me') return t('snippet-own', { text });
      return t('snippet-from', { name: nameOf(snippet.from), text });
    }
    case 'file': {
      const text = t('snippet-file', { file: snippet.name });
      if (snippet.from.role === 'me') return t('snippet-own', { text });
      return t('snippet-from', { name: nameOf(snippet.from), text });
    }
    case 'unsupported':
      return t('snippet-unsupported', { name: nameOf(snippet.from) });
    case 'waiting':
      return t('snippet-waiting', { count: snippet.count });
    case 'not_sent':
      return t('snippet-not-sent');
    case 'perhaps_sent':
      return t('snippet-perhaps-sent');
    case 'case_closed':
      return t('snippet-case-closed');
    case 'over':
      return t(`snippet-over-${snippet.reason}`);
  }
}

/** Two parts: what is in the way, and when the next try is due. */
export function linkWords(link: LinkView & { link: 'down' }, company: string, now: number): { what: string; next: string } {
  const seconds = Math.ceil((link.retry_at - now) / 1000);
  const next = link.cause === 'rate_limited' ? 'goes-out' : 'next-try';
  return { what: faultText(link.cause, company), next: seconds > 0 ? t(next, { seconds }) : t('trying') };
}

/** What is said of an item when it comes; null for what is seen only. */
export function spoken(item: Item): string | null {
  const { content } = item;
  if (content.kind === 'picture') return t('say-picture', { name: nameOf(content.from) });
  if (content.kind === 'file') return t('say-file', { name: nameOf(content.from), file: content.name });
  if (content.kind === 'unsupported') return t('say-unsupported', { name: nameOf(content.from) });
  if (content.kind === 'offer') {
    const name = content.from.role === 'bot' ? 'say-bot' : 'say-message';
    const text = offerLine(content.offer);
    const count = choicesOf(content.offer).length;
    return t('say-offer', { heading: t(name, { name: nameOf(content.from), text }), text: t('say-choices', { count }) });
  }
  if (content.kind !== 'message') return null;
  const name = content.from.role === 'bot' ? 'say-bot' : 'say-message';
  return t(name, { name: nameOf(content.from), text: plain(content.text) });
}

/** What a banner says, in one breath; empty for none. */
export function spokenBanner(banner: Banner | null): string {
  return (banner?.cards ?? []).map((card) => [card.title, card.text].filter(Boolean).join('. ')).join('. ');
}

/** Names of the texts for a banner that waits for the service: what it waits for depends on who is there. */
export function pendingWords(snapshot: Pick<Snapshot, 'people'>): { heading: string; text: string } {
  const agent = snapshot.people.some((person) => person.role === 'agent');
  return agent
    ? { heading: 'leaving-heading', text: 'leaving-text' }
    : { heading: 'banner-sent', text: 'banner-sent-text' };
}

/** Who wrote a found message. */
export function hitName(hit: SearchHit): string {
  return hit.from.role === 'me' ? t('you') : nameOf(hit.from);
}

/** A found message as it is said: who wrote it, and the words around the find. */
export function spokenHit(hit: SearchHit): string {
  return t('say-message', { name: hitName(hit), text: hit.snippet.map((run) => run.text).join('') });
}

/** Which of the finds of a search is shown. */
export function standingText(search: Search): string {
  return t(search.more ? 'find-at-more' : 'find-at', { at: search.at + 1, count: search.hits.length });
}

/** What a search found, in one sentence. */
export function foundText(search: Search): string {
  if (search.failure !== null) return search.failure;
  if (search.nothing) return t('search-nothing', { text: search.text.trim() });
  if (search.more) return t('search-found-more', { count: search.hits.length });
  return t('search-found', { count: search.hits.length, chats: search.groups.length });
}
