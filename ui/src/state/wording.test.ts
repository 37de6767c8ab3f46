// The words for states.
import { describe, expect, it } from 'vitest';
import { DEMO } from '../host/fake/scenes';
import type { EndReason, PhaseView, Row, Snippet } from '../host/view';
import type { Stay } from './keeping';
import { MAYA, ME, NOON, TIDE, message, snapshot } from './sample';
import { endLine, endWords, headerLine, linkWords, nameOf, quoted, snippetText } from './wording';

const over = (reason: EndReason, by: string | null = 'Jonas'): PhaseView & { phase: 'over' } => ({
  phase: 'over', reason, by, at: NOON, unsent: 0, closes_window: false,
});
const row = (snippet: Snippet): Row => ({ conversation: 'c', deployment: DEMO, at: NOON, unread: 0, snippet, draft: '' });

describe('the header', () => {
  it.each([
    [{ people: [MAYA, TIDE] }, 'Maya is with you'],
    [{ people: [TIDE] }, 'You’re with the bot'],
    [{ people: [] }, 'Waiting for an agent'],
    [{ people: [{ ...MAYA, name: null }] }, 'The agent is with you'],
    [{ phase: { phase: 'fresh' } as const }, 'New chat'],
    [{ phase: { phase: 'shelved' } as const }, 'Read only'],
    [{ phase: { phase: 'joining' } as const }, 'Connecting…'],
    [{ phase: { phase: 'closing', by: null, text: null } as const }, 'Case closed'],
    [{ phase: over('ended_by_me') }, 'Chat ended'],
    [{ phase: over('read_only') }, 'Read only'],
    [{ phase: over('lost') }, 'Not connected'],
    [{ phase: over('signed_out') }, 'Not connected'],
    [{ phase: over('signed_in_elsewhere') }, 'Not connected'],
    [{ people: [MAYA], link: { link: 'down', attempt: 1, retry_at: 0, cause: 'offline' } as const }, 'Waiting for a connection'],
    [{ link: { link: 'restoring' } as const }, 'Picking up where you left off…'],
  ])('for %o', (change, expected) => {
    expect(headerLine(snapshot([], change))).toBe(expected);
  });
});

describe('the ends', () => {
  const at = snapshot([message('a', ME)]);

  it('have their own words each', () => {
    const reasons: EndReason[] = ['ended_by_me', 'ended_by_them', 'read_only', 'expired', 'lost', 'signed_out', 'signed_in_elsewhere'];
    const headings = reasons.map((reason) => endWords(over(reason), at, NOON, 'kept').heading);
    expect(new Set(headings).size).toBe(reasons.length);
  });

  it('name whoever ended it, or the agent', () => {
    expect(endWords(over('ended_by_them'), at, NOON, 'kept').text).toMatch(/^Jonas ended it/);
    expect(endWords(over('ended_by_them', null), at, NOON, 'kept').text).toMatch(/^The agent ended it/);
    expect(endLine(over('ended_by_them'), NOON)).toMatch(/^Jonas ended the chat 12:00/);
    expect(endLine(over('lost'), NOON)).toBeNull();
  });

  it('promise only what the settings keep', () => {
    const text = (reason: EndReason, stay: Stay) => endWords(over(reason), at, NOON, stay).text;
    expect(text('ended_by_me', 'kept')).toBe('What was said stays on this computer.');
    expect(text('ended_by_me', 30)).toBe('What was said stays on this computer for 30 days.');
    expect(text('ended_by_them', 'quit')).toContain('stays here until Envoi quits');
    for (const reason of ['read_only', 'expired', 'lost'] as const) {
      expect(text(reason, 'quit')).toContain('deleted when you quit');
      expect(text(reason, 'kept')).not.toContain('deleted');
    }
  });

  it('say up to when a lost chat is still here', () => {
    expect(endWords(over('lost'), at, NOON, 'kept').text).toContain('12:00');
  });
});

describe('the list', () => {
  it.each([
    [{ snippet: 'message', from: MAYA, text: 'Hello' }, 'Maya: Hello'],
    [{ snippet: 'message', from: ME, text: 'Hello' }, 'You: Hello'],
    [{ snippet: 'message', from: MAYA, text: null }, 'Maya: Photo'],
    [{ snippet: 'message', from: { ...MAYA, name: null }, text: 'Hi' }, 'The agent: Hi'],
    [{ snippet: 'unsupported', from: MAYA }, 'Maya sent something that can’t be shown here'],
    [{ snippet: 'waiting', count: 2 }, '2 waiting to send'],
    [{ snippet: 'not_sent' }, 'Not sent'],
    [{ snippet: 'perhaps_sent' }, 'May not have arrived'],
    [{ snippet: 'case_closed' }, 'Case closed'],
    [{ snippet: 'over', reason: 'lost' }, 'Can’t be picked up again'],
    [{ snippet: 'empty' }, 'New chat'],
  ] as [Snippet, string][])('says %o in short', (snippet, expected) => {
    expect(snippetText(row(snippet), '')).toBe(expected);
  });

  it('puts a draft first', () => {
    expect(snippetText(row({ snippet: 'case_closed' }), 'About the')).toBe('Draft: About the');
  });
});

describe('the strip', () => {
  const down = { link: 'down', attempt: 1, retry_at: NOON + 12_000, cause: 'offline' } as const;

  it('counts down to the next try', () => {
    expect(linkWords(down, 'T', NOON)).toEqual({ what: 'You’re offline.', next: 'Next try in 12 seconds.' });
    expect(linkWords(down, 'T', NOON + 11_001).next).toBe('Next try in 1 second.');
    expect(linkWords(down, 'T', NOON + 12_000).next).toBe('Trying now…');
  });

  it('says what is in the way', () => {
    expect(linkWords({ ...down, cause: 'not_answering' }, 'Alder Bank', NOON).what).toBe('Alder Bank isn’t answering.');
    expect(linkWords({ ...down, cause: 'rate_limited' }, 'T', NOON).next).toBe('Your messages go out in 12 seconds.');
  });
});

describe('names and quotations', () => {
  it('call the nameless by what they are', () => {
    expect(nameOf({ ...TIDE, name: null })).toBe('The bot');
    expect(nameOf({ ...MAYA, name: null })).toBe('The agent');
  });

  it('shorten long words without cutting a character', () => {
    expect(quoted('  Thanks!  ')).toBe('Thanks!');
    expect(Array.from(quoted('👍🏽'.repeat(60))).length).toBe(40);
  });
});
