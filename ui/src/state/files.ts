// Files that the person wants to send: whether the company takes them, before anything leaves. Pure; the core checks again.
import type { FileRules, Person } from '../host/view';
import { t } from '../i18n/catalogue';
import { sizeOf } from '../i18n/format';

/** What stands behind the last dot of a name, in lower case; empty if nothing does. */
export function endingOf(name: string): string {
  const at = name.lastIndexOf('.');
  return at < 0 ? '' : name.slice(at + 1).toLowerCase();
}

/** What a chooser of files is told to offer; undefined for all. */
export function acceptOf(rules: FileRules): string | undefined {
  switch (rules.kinds.kinds) {
    case 'pictures':
      return 'image/*';
    case 'only':
      return rules.kinds.endings.map((ending) => `.${ending}`).join(',');
    case 'all_but':
      return undefined;
  }
}

/** True if files are taken now: some services take them only from those who are with an agent. */
export function takesFiles(rules: FileRules | null, people: readonly Person[]): boolean {
  if (!rules) return false;
  return !rules.needs_agent || people.some((person) => person.role === 'agent' || person.role === 'supervisor');
}

/** Why a file can't be sent, in one sentence; null if it can. */
export function problemOf(
  file: { name: string; type: string; size: number },
  rules: FileRules | null,
  people: readonly Person[],
  company: string,
): string | null {
  if (!rules) return t('fault-unsupported', { company });
  if (!takesFiles(rules, people)) return t('fault-agent_needed', { company });
  const ending = endingOf(file.name);
  const { kinds } = rules;
  const taken =
    kinds.kinds === 'pictures'
      ? file.type.startsWith('image/')
      : kinds.kinds === 'only'
        ? kinds.endings.includes(ending)
        : !kinds.endings.includes(ending);
  if (!taken) {
    if (kinds.kinds === 'pictures') return t('file-only-pictures', { company });
    return ending === '' ? t('fault-file_type', { company }) : t('file-type', { company, ending: `.${ending}` });
  }
  if (rules.largest !== null && file.size > rules.largest) {
    return t('file-size', { company, size: sizeOf(file.size), most: sizeOf(rules.largest) });
  }
  return null;
}
