// How long chats stay on this computer: what the person chose, what a company allows, and whether there is an archive at
// all. Nothing is promised that one of the three denies. Pure.
import type { AppView, DeploymentView, Keep, Snapshot } from '../host/view';
import { t } from '../i18n/catalogue';

/** How long a chat stays: as long as the person wants, so many days, or until the program ends. */
export type Stay = 'kept' | 'quit' | number;

/** The days that are offered. */
export const DAYS: readonly number[] = [365, 90, 30, 7];

/** Days of a keeping, to compare by. */
function length(keep: Keep): number {
  if (keep.keep === 'forever') return Infinity;
  return keep.keep === 'until_quit' ? 0 : keep.days;
}

/** True if the first keeps shorter than the second. */
export function isShorter(keep: Keep, than: Keep): boolean {
  return length(keep) < length(than);
}

/** How long the chats with a company are kept. */
export function keepWith(settings: Keep, company: Pick<DeploymentView, 'keep'>): Keep {
  return company.keep && isShorter(company.keep, settings) ? company.keep : settings;
}

/** How long a chat stays on this computer. */
export function stayOf(view: Pick<AppView, 'archive' | 'settings'> | null, snapshot: Pick<Snapshot, 'memory' | 'deployment'>): Stay {
  const { memory } = snapshot;
  if (view?.archive.archive === 'memory' || memory.memory === 'shared') return 'quit';
  // A full disk passes; a missing password store does not.
  if (memory.memory === 'not_kept' && memory.why !== 'disk_failed') return 'quit';
  const keep = keepWith(view?.settings.keep ?? { keep: 'forever' }, snapshot.deployment);
  if (keep.keep === 'until_quit') return 'quit';
  return keep.keep === 'days' ? keep.days : 'kept';
}

/** Whether there are chats that are to be gone once the program is quit, so that hiding the window is not enough. */
export function goesAtQuit(view: Pick<AppView, 'conversations' | 'settings'> | null): boolean {
  const goes = (company: Pick<DeploymentView, 'keep'>) => keepWith(view!.settings.keep, company).keep === 'until_quit';
  return view?.conversations.some((row) => !row.deployment.demo && goes(row.deployment)) ?? false;
}

/** What stands in the list of choices. */
export function keepText(keep: Keep): string {
  if (keep.keep === 'forever') return t('keep-forever');
  return keep.keep === 'until_quit' ? t('keep-until-quit') : t('keep-days', { days: keep.days });
}

/** One word for a keeping, for a list of choices, and back. */
export function keepName(keep: Keep): string {
  return keep.keep === 'days' ? String(keep.days) : keep.keep;
}

/** The keeping of a word from `keepName`. */
export function keepOf(name: string): Keep {
  if (name === 'forever' || name === 'until_quit') return { keep: name };
  return { keep: 'days', days: Number(name) };
}

/** All choices, with the present one among them even if it is an odd number of days. */
export function keepChoices(now: Keep): Keep[] {
  const days = new Set(DAYS);
  if (now.keep === 'days') days.add(now.days);
  const sorted = Array.from(days).sort((a, b) => b - a);
  return [{ keep: 'forever' }, ...sorted.map((count): Keep => ({ keep: 'days', days: count })), { keep: 'until_quit' }];
}
