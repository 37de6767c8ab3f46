// Questions that are answered together: what is wrong with the answers. Pure; the core holds to the same rules.
import type { Question, Questionnaire } from '../host/view';
import { t } from '../i18n/catalogue';

export { labelOf } from './offers';

/** What was filled in, by question. */
export type Answers = Record<string, string[]>;

/** What is wrong with the answers, by question; nothing if they can be sent. */
export function problemsOf(asked: Questionnaire, answers: Answers): Record<string, string> {
  const found: Record<string, string> = {};
  for (const question of asked.questions) {
    const problem = problemOf(question, given(answers, question));
    if (problem) found[question.id] = problem;
  }
  const [first] = asked.questions;
  const any = asked.questions.some((question) => given(answers, question).length > 0);
  if (!any && first && !found[first.id]) found[first.id] = t('fill-other');
  return found;
}

function given(answers: Answers, question: Question): string[] {
  return (answers[question.id] ?? []).filter((value) => value.trim() !== '');
}

function problemOf({ required, takes }: Question, values: string[]): string | null {
  const [value] = values;
  if (value === undefined) return required ? t('fill-other') : null;
  // Characters are counted as the core counts them, not in the units of a string.
  if (takes.takes === 'words' && [...value.trim()].length > takes.longest) return t('question-long', { count: takes.longest });
  if (takes.takes !== 'day') return null;
  const early = takes.first !== null && value < takes.first;
  const late = takes.last !== null && value > takes.last;
  return early || late ? t('question-day') : null;
}
