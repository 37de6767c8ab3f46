// How long chats stay: the shorter of what the person and the company want, and never more than the archive can hold.
import { describe, expect, it } from 'vitest';
import type { AppView, ArchiveView, DeploymentView, Keep, Memory } from '../host/view';
import { DEMO } from '../host/fake/scenes';
import { goesAtQuit, isShorter, keepChoices, keepName, keepOf, keepWith, stayOf } from './keeping';

const FOREVER: Keep = { keep: 'forever' };
const QUIT: Keep = { keep: 'until_quit' };
const days = (count: number): Keep => ({ keep: 'days', days: count });
const company = (keep: Keep | null) => ({ ...DEMO, keep });

describe('a keeping', () => {
  it('is shorter than another, or not', () => {
    const order = [QUIT, days(7), days(30), FOREVER];
    for (const [i, a] of order.entries()) for (const [j, b] of order.entries()) expect(isShorter(a, b)).toBe(i < j);
  });

  it('with a company is the shorter of the two', () => {
    expect(keepWith(FOREVER, company(days(30)))).toEqual(days(30));
    expect(keepWith(days(7), company(days(30)))).toEqual(days(7));
    expect(keepWith(days(7), company(null))).toEqual(days(7));
    expect(keepWith(FOREVER, company(QUIT))).toEqual(QUIT);
  });

  it('has a name, and the name leads back to it', () => {
    for (const keep of [FOREVER, QUIT, days(30), days(14)]) expect(keepOf(keepName(keep))).toEqual(keep);
  });

  it('is among the choices even if it is an odd one', () => {
    expect(keepChoices(FOREVER).map(keepName)).toEqual(['forever', '365', '90', '30', '7', 'until_quit']);
    expect(keepChoices(days(14)).map(keepName)).toEqual(['forever', '365', '90', '30', '14', '7', 'until_quit']);
  });
});

describe('a window is not merely hidden', () => {
  const view = (keep: Keep, ...companies: DeploymentView[]) =>
    ({ settings: { keep }, conversations: companies.map((deployment) => ({ deployment })) }) as Pick<AppView, 'conversations' | 'settings'>;
  const real = { ...DEMO, demo: false };

  it('where a chat is to be gone after quitting, by the person’s wish or the company’s', () => {
    expect(goesAtQuit(view(QUIT, real))).toBe(true);
    expect(goesAtQuit(view(FOREVER, real, { ...real, keep: QUIT }))).toBe(true);
    expect(goesAtQuit(view(days(7), { ...real, keep: FOREVER }))).toBe(false);
  });

  it('where there is such a chat at all, and the demo is none', () => {
    expect(goesAtQuit(view(QUIT))).toBe(false);
    expect(goesAtQuit(view(QUIT, DEMO))).toBe(false);
    expect(goesAtQuit(null)).toBe(false);
  });
});

describe('a chat stays', () => {
  const stay = (archive: ArchiveView, keep: Keep, memory: Memory, limit: Keep | null = null) => {
    const settings = { keep } as AppView['settings'];
    return stayOf({ archive, settings }, { memory, deployment: company(limit) });
  };
  const kept: Memory = { memory: 'kept' };

  it('as long as the settings and the company want', () => {
    expect(stay({ archive: 'kept' }, FOREVER, kept)).toBe('kept');
    expect(stay({ archive: 'rebuilt', aside: '/a' }, FOREVER, { memory: 'nothing' })).toBe('kept');
    expect(stay({ archive: 'kept' }, days(90), kept, days(30))).toBe(30);
    expect(stay({ archive: 'kept' }, QUIT, kept)).toBe('quit');
  });

  it('until the program ends where nothing can be kept', () => {
    expect(stay({ archive: 'memory', why: 'keyring_missing' }, FOREVER, kept)).toBe('quit');
    expect(stay({ archive: 'kept' }, FOREVER, { memory: 'not_kept', why: 'keyring_locked' })).toBe('quit');
    expect(stay({ archive: 'kept' }, FOREVER, { memory: 'shared' })).toBe('quit');
  });

  it('while the disk is full, which passes', () => {
    expect(stay({ archive: 'kept' }, FOREVER, { memory: 'not_kept', why: 'disk_failed' })).toBe('kept');
  });
});
