// More than words: which files are taken, which offers are open, and what of it is said aloud.
import { describe, expect, it } from 'vitest';
import { QUICK, WAY_BACK } from '../host/fake/scenes';
import type { Banner, Change, Content, FileRules, Item } from '../host/view';
import { acceptOf, endingOf, problemOf } from './files';
import { newsOf } from './news';
import { isOpen, labelOf, type Offered } from './offers';
import { layout } from './rows';
import { MAYA, ME, NOON, TIDE, message, snapshot } from './sample';
import { applyChange } from './snapshot';

const file = (name: string, type = '', size = 10) => ({ name, type, size });
const rules = (kinds: FileRules['kinds'], change: Partial<FileRules> = {}): FileRules => ({ kinds, largest: 1_000_000, needs_agent: false, ...change });
const item = (id: string, content: Content): Item => ({ id, at: NOON, replayed: false, content });
const plainText = (text: string | null) => text?.replace(/[\u2068\u2069]/g, '') ?? null;

describe('files', () => {
  it('are judged by their ending or by being a picture, as the core does', () => {
    const pictures = rules({ kinds: 'pictures' });
    const allBut = rules({ kinds: 'all_but', endings: ['exe'] });
    const only = rules({ kinds: 'only', endings: ['pdf'] });
    const taken = (one: ReturnType<typeof file>, by: FileRules) => problemOf(one, by, [], 'Tide') === null;
    expect(taken(file('a.png', 'image/png'), pictures)).toBe(true);
    expect(taken(file('a.pdf', 'application/pdf'), pictures)).toBe(false);
    expect(taken(file('a.pdf.EXE'), allBut)).toBe(false);
    expect(taken(file('README'), allBut)).toBe(true);
    expect(taken(file('a.PDF'), only)).toBe(true);
    expect(taken(file('README'), only)).toBe(false);
    expect(endingOf('a.tar.GZ')).toBe('gz');
  });

  it('say what is wrong and what would be right', () => {
    const problem = (one: ReturnType<typeof file>, by: FileRules | null) => plainText(problemOf(one, by, [], 'Tide'));
    const allBut = rules({ kinds: 'all_but', endings: ['zip'] });
    expect(problem(file('a.zip'), allBut)).toBe('Tide doesn’t take .zip files.');
    expect(problem(file('a.pdf', '', 34_000_000), allBut)).toBe('This file is 34 MB. Tide takes up to 1 MB.');
    expect(problem(file('a.pdf'), rules({ kinds: 'pictures' }))).toBe('Tide takes photos only.');
    expect(problem(file('a.pdf'), null)).toBe('Tide can’t do this.');
  });

  it('may need an agent', () => {
    const careful = rules({ kinds: 'pictures' }, { needs_agent: true });
    const picture = file('a.png', 'image/png');
    expect(problemOf(picture, careful, [TIDE], 'Tide')).toContain('once an agent');
    expect(problemOf(picture, careful, [MAYA], 'Tide')).toBeNull();
  });

  it('are offered by the chooser', () => {
    expect(acceptOf(rules({ kinds: 'pictures' }))).toBe('image/*');
    expect(acceptOf(rules({ kinds: 'only', endings: ['pdf', 'txt'] }))).toBe('.pdf,.txt');
    expect(acceptOf(rules({ kinds: 'all_but', endings: ['exe'] }))).toBeUndefined();
  });
});

describe('offers', () => {
  const offered = (change: Partial<Offered> = {}): Offered => ({ kind: 'offer', from: TIDE, offer: QUICK, answered: [], ...change });

  it('that pass are open only as the last thing said, the others until they are answered', () => {
    expect(isOpen(offered(), true)).toBe(true);
    expect(isOpen(offered(), false)).toBe(false);
    expect(isOpen(offered({ offer: { ...QUICK, passing: false } }), false)).toBe(true);
    expect(isOpen(offered({ answered: ['refund'] }), true)).toBe(false);
  });

  it('name a choice by its label, its date, its words or its address', () => {
    const choice = { id: 'x', label: '', text: null, at: null, seconds: null, does: { does: 'say' as const, text: 'yes', payload: null } };
    expect(labelOf({ ...choice, label: 'Yes' })).toBe('Yes');
    expect(labelOf({ ...choice, at: NOON, seconds: 1800 })).toMatch(/Wednesday.*30/);
    expect(labelOf(choice)).toBe('yes');
    expect(labelOf({ ...choice, does: { does: 'open', href: 'https://tide.example/' } })).toBe('https://tide.example/');
  });

  it('stand with their sender, and a note stands alone', () => {
    const rows = layout([message('1', TIDE), item('2', offered()), item('3', { kind: 'local', text: [] })], null);
    expect(rows.map((row) => row.kind)).toEqual(['day', 'entry', 'entry', 'event']);
  });
});

describe('what is said aloud', () => {
  const banner: Banner = { cards: [WAY_BACK], minimises: true, minimised_text: null, minimised: false, pending: false };
  const news = (before: ReturnType<typeof snapshot>, change: Change) => {
    const { messages, status } = newsOf(before, applyChange(before, change), change, NOON, 'kept');
    return [...messages.map((one) => one.text), ...status].map((text) => plainText(text));
  };

  it('is a banner once, and what it waits for', () => {
    const bare = snapshot([], { people: [MAYA] });
    const shown = snapshot([], { people: [MAYA], banner });
    expect(news(bare, { change: 'banner', to: banner })).toEqual([`${WAY_BACK.title}. ${WAY_BACK.text}`]);
    expect(news(shown, { change: 'banner', to: { ...banner } })).toEqual([]);
    expect(news(shown, { change: 'banner', to: { ...banner, minimised: true } })).toEqual([]);
    expect(news(shown, { change: 'banner', to: { ...banner, pending: true } })).toEqual(['Leaving the agent…']);
    expect(news(shown, { change: 'banner', to: null })).toEqual([]);
  });

  it('is an idle alert when it comes, and not when its time is told anew', () => {
    const idle = { ends_at: NOON, text: 'Still with us?' };
    expect(news(snapshot(), { change: 'idle', to: idle })).toEqual(['Still with us?']);
    expect(news(snapshot([], { idle }), { change: 'idle', to: { ...idle, ends_at: NOON + 1 } })).toEqual([]);
  });

  it('is that somebody is asked to sign in, once', () => {
    const page = { state: 'browser' as const, address: 'https://id.example/' };
    const preparing = snapshot([], { sign_in: { state: 'preparing' } });
    expect(news(snapshot(), { change: 'sign_in', to: { state: 'preparing' } })).toEqual([
      'Tidewater Energy wants to know who you are. Sign in with your browser.',
    ]);
    expect(news(preparing, { change: 'sign_in', to: page })).toEqual([]);
    expect(news(preparing, { change: 'sign_in', to: null })).toEqual([]);
  });

  it('is a file by its name, and an offer with the number of its answers', () => {
    const put = (content: Content): Change => ({ change: 'items', to: { removed: [], put: [{ after: null, item: item('1', content) }] } });
    const contract: Content = { kind: 'file', from: MAYA, name: 'a.pdf', size: 1, mime: null, delivery: null, withdrawn: false };
    expect(news(snapshot(), put(contract))).toEqual(['Maya sent a file: a.pdf.']);
    expect(news(snapshot(), put({ kind: 'offer', from: TIDE, offer: QUICK, answered: [] }))).toEqual([
      `Tide, bot: ${QUICK.text} 3 answers to choose from.`,
    ]);
    expect(news(snapshot(), put({ kind: 'local', text: [] }))).toEqual([]);
  });

  it('is that an upload was given up, and not that a message was taken back', () => {
    const upload = item('1', { kind: 'file', from: ME, name: 'a.pdf', size: 2, mime: null, delivery: { state: 'uploading', sent: 1, total: 2 }, withdrawn: false });
    const gone: Change = { change: 'items', to: { removed: ['1'], put: [] } };
    expect(news(snapshot([upload]), gone)).toEqual(['Upload cancelled.']);
    expect(news(snapshot([message('1', ME, NOON, { state: 'queued' })]), gone)).toEqual([]);
  });
});
