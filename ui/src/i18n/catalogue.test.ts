// The catalogue: every language has every text, every text is used, and the person's language is found.
import { FluentBundle, FluentResource } from '@fluent/bundle';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SOURCES, catalogueFor, choose } from './catalogue';

const SRC = join(__dirname, '..');

const namesOf = (source: string) => Array.from(source.matchAll(/^([a-z][\w-]*) =/gm), (match) => match[1] ?? '');
/** The texts by name, each with the values it needs. */
function needsOf(source: string): Map<string, string> {
  const blocks = source.split(/^(?=[a-z][\w-]* =)/m).filter((block) => /^[a-z]/.test(block));
  return new Map(
    blocks.map((block) => {
      const needs = new Set(Array.from(block.matchAll(/\{\s*\$(\w+)/g), (match) => match[1] ?? ''));
      return [namesOf(block)[0] ?? '', Array.from(needs).sort().join(' ')] as const;
    }),
  );
}
const files = (readdirSync(SRC, { recursive: true }) as string[]).filter((file) => /\.(svelte|ts)$/.test(file) && !/\.test\.ts$/.test(file));
const code = files.map((file) => readFileSync(join(SRC, file), 'utf8')).join('\n');

describe('the languages', () => {
  const english = needsOf(SOURCES.en);

  it.each(Object.entries(SOURCES))('%s has exactly the texts of English, with the same values', (language, source) => {
    const own = needsOf(source);
    expect([...own.keys()].sort()).toEqual([...english.keys()].sort());
    // A language may word a count of one or two without its number; it never needs a value that English does not give.
    for (const [name, needs] of own) {
      const given = (english.get(name) ?? '').split(' ');
      const missing = needs.split(' ').filter((value) => value !== '' && !given.includes(value));
      expect(missing, `${language}: ${name}`).toEqual([]);
    }
  });

  it.each(Object.entries(SOURCES))('%s is well formed and names each text once', (language, source) => {
    const bundle = new FluentBundle(language);
    expect(bundle.addResource(new FluentResource(source))).toEqual([]);
    const names = namesOf(source);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(bundle.hasMessage(name), name).toBe(true);
  });

  it.each(['en', 'de', 'ar'])('%s formats every text without a fault', (language) => {
    const { t } = catalogueFor([language]);
    const values = { name: 'Maya', company: 'Tidewater', count: 2, seconds: 2, time: '14:05', day: '9 May', text: 'Hi', path: '/a', file: 'a', line: '3', photo: 'Photo', example: 'x', version: '1', heading: 'H', days: 30, at: 1, chats: 2, stays: 'S', sent: '1 MB', total: '2 MB', received: 2, ending: '.zip', size: '9 MB', most: '5 MB' };
    for (const name of english.keys()) {
      expect(t(name, values), name).not.toMatch(/\{|undefined|\$/);
    }
  });
});

describe('the code', () => {
  it('names only texts that exist', () => {
    const used = Array.from(code.matchAll(/\bt\('([\w-]+)'/g), (match) => match[1] ?? '');
    const names = new Set(namesOf(SOURCES.en));
    expect(used.filter((name) => !names.has(name))).toEqual([]);
    expect(used.length).toBeGreaterThan(80);
  });

  it('uses every text', () => {
    // Names that are put together: `fault-${code}` and the like.
    const prefixes = Array.from(code.matchAll(/`([\w-]+-)\$\{/g), (match) => match[1] ?? '');
    const unused = namesOf(SOURCES.en).filter(
      (name) => !code.includes(`'${name}'`) && !prefixes.some((prefix) => name.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });

  it('words every fault code', () => {
    const view = readFileSync(join(SRC, 'host/view.ts'), 'utf8');
    const codes = /export type FaultCode = (.*);/.exec(view)?.[1]?.match(/[a-z_]+/g) ?? [];
    expect(codes.length).toBeGreaterThan(20);
    const { has } = catalogueFor(['en']);
    expect(codes.filter((one) => !has(`fault-${one}`))).toEqual([]);
  });
});

describe('the choice of language', () => {
  it('takes the first wish that it speaks, with its region', () => {
    expect(choose(['fr-FR', 'de-AT', 'en'])).toEqual({ language: 'de', locale: 'de-AT' });
    expect(choose(['fr'])).toEqual({ language: 'en', locale: 'en' });
    expect(choose([])).toEqual({ language: 'en', locale: 'en' });
  });

  it('writes Arabic from the right, with Western digits and the right plural', () => {
    const arabic = catalogueFor(['ar-EG']);
    expect(arabic.dir).toBe('rtl');
    expect(arabic.t('unread-line', { count: 2 })).toBe('رسالتان جديدتان');
    expect(arabic.t('unread-line', { count: 3 })).toContain('3');
    expect(catalogueFor(['en-GB']).dir).toBe('ltr');
  });

  it('counts in words', () => {
    const { t } = catalogueFor(['en']);
    expect(t('unread-line', { count: 1 })).toBe('1 new message');
    expect(t('say-back', { count: 0 })).toBe('Connected again.');
    expect(t('say-back', { count: 2 })).toBe('Connected again. 2 messages sent.');
  });
});
