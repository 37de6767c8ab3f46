// The catalogue of texts. One Fluent file per language beside this one; the language is the system's, English if we have
// none of those it names. Everything a person reads or hears comes through `t`.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import ar from './ar.ftl?raw';
import de from './de.ftl?raw';
import en from './en.ftl?raw';

/** A language that Envoi speaks. */
export type Language = 'en' | 'de' | 'ar';

/** The text of each language, as it stands in its file. */
export const SOURCES: Readonly<Record<Language, string>> = { en, de, ar };

const RIGHT_TO_LEFT: readonly Language[] = ['ar'];

/** A language with its texts, and what else depends on it. */
export interface Catalogue {
  /** Which language. */
  language: Language;
  /** Locale for dates and numbers: the person's own region where it speaks this language. */
  locale: string;
  /** Direction of writing. */
  dir: 'ltr' | 'rtl';
  /** The text of this name. An unknown name gives the name itself, which a test forbids. */
  t(name: string, values?: Record<string, FluentVariable>): string;
  /** True if there is a text of this name. */
  has(name: string): boolean;
}

/** The first language of a list of preferences that Envoi speaks, with its region. */
export function choose(preferred: readonly string[]): { language: Language; locale: string } {
  for (const wish of preferred) {
    const language = wish.toLowerCase().split('-')[0] ?? '';
    if (language in SOURCES) return { language: language as Language, locale: wish };
  }
  return { language: 'en', locale: 'en' };
}

/** Builds the catalogue for a list of preferred languages. */
export function catalogueFor(preferred: readonly string[]): Catalogue {
  const { language, locale } = choose(preferred);
  const dir = RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr';
  // Western digits everywhere: clock times, meter readings and card numbers are compared with what is printed elsewhere.
  const numbered = language === 'ar' && !locale.includes('-u-') ? `${locale}-u-nu-latn` : locale;
  // Isolation marks keep a Latin name from turning an Arabic sentence around; in left-to-right text they only disturb copying.
  const bundle = new FluentBundle(numbered, { useIsolating: dir === 'rtl' });
  const faults = bundle.addResource(new FluentResource(SOURCES[language]));
  if (faults.length > 0) console.warn('texts', faults);
  return {
    language,
    locale: numbered,
    dir,
    has: (name) => bundle.hasMessage(name),
    t: (name, values) => {
      const pattern = bundle.getMessage(name)?.value;
      return pattern ? bundle.formatPattern(pattern, values ?? null, []) : name;
    },
  };
}

/** The catalogue in use. The system's language does not change while a window is open. */
export const catalogue: Catalogue = catalogueFor(
  typeof navigator === 'undefined' ? ['en'] : (navigator.languages ?? [navigator.language]),
);

/** The text of this name in the language in use. */
export const t = catalogue.t;
