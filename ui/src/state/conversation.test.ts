// The open conversation: updates in order, lost ones, what is said of them, what a call failed with.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeDriver, fault } from '../host/fake';
import type { FakeConversation } from '../host/fake/conversation';
import type { Host } from '../host/host';
import { Announcer } from './announcer.svelte';
import { Conversation } from './conversation.svelte';

let host: Host;
let other: FakeConversation;
let announcer: Announcer;
let conversation: Conversation;

const said = () => announcer.status.map((one) => one.text);
const heard = () => announcer.log.map((one) => one.text);
const texts = () => conversation.items.flatMap((item) => (item.content.kind === 'message' ? item.content.text.map((run) => run.text) : []));

beforeEach(async () => {
  vi.useFakeTimers();
  const driver = new FakeDriver();
  other = driver.open('demo');
  other.lively = false;
  other.opens();
  host = driver.host();
  announcer = new Announcer((work) => work());
  conversation = new Conversation(host, other.id, announcer);
  await host.onUpdate((update) => conversation.hear(update));
});
afterEach(() => {
  conversation.leave();
  vi.useRealTimers();
});

describe('updates', () => {
  it('are applied in order', async () => {
    await conversation.open();
    other.writes('Maya', 'one');
    other.writes('Maya', 'two');
    expect(texts()).toEqual(['one', 'two']);
    expect(conversation.current?.seq).toBe(other.snapshot.seq);
  });

  it('that come while the snapshot is on its way are neither lost nor doubled', async () => {
    const opening = conversation.open();
    other.writes('Maya', 'early');
    await opening;
    other.writes('Maya', 'late');
    expect(texts()).toEqual(['early', 'late']);
  });

  it('after a gap are replaced by a new snapshot', async () => {
    await conversation.open();
    const snapshot = vi.spyOn(host, 'snapshot');
    other.lose({ change: 'unread', to: 7 });
    other.writes('Maya', 'after the gap');
    await vi.waitFor(() => expect(conversation.current?.seq).toBe(other.snapshot.seq));
    expect(snapshot).toHaveBeenCalledTimes(1);
    expect(texts()).toEqual(['after the gap']);
    expect(conversation.current).toEqual(other.snapshot);
  });

  it('that were lost twice at once end in the newest state', async () => {
    await conversation.open();
    other.lose({ change: 'unread', to: 7 });
    const first = conversation.refresh();
    other.lose({ change: 'unread', to: 8 });
    void conversation.refresh();
    await first;
    await vi.waitFor(() => expect(conversation.current?.unread).toBe(8));
    other.writes('Maya', 'after that');
    expect(texts()).toEqual(['after that']);
  });

  it('that are contained already change nothing', async () => {
    await conversation.open();
    const before = conversation.current;
    conversation.hear({ conversation: other.id, seq: 1, change: { change: 'unread', to: 99 } });
    expect(conversation.current).toBe(before);
  });
});

describe('what is said', () => {
  beforeEach(() => conversation.open());

  it('is each complete message of the other side, with who wrote it', () => {
    other.writes('Maya', 'I’ll correct the bill now.');
    other.writes('Tide', 'Hello.', { role: 'bot' });
    expect(heard()).toEqual(['Maya: I’ll correct the bill now.', 'Tide, bot: Hello.']);
  });

  it('is never history, typing or an own message', () => {
    other.writes('Maya', 'long ago', { replayed: true });
    other.types('Maya');
    other.wrote('mine');
    expect(heard()).toEqual([]);
    expect(said()).toEqual([]);
  });

  it('is that something came which cannot be shown', () => {
    other.baffles('Maya');
    expect(heard()).toEqual(['Maya sent something that can’t be shown here.']);
  });

  it('is a number for a burst', () => {
    other.addMany(['1', '2', '3', '4'], { id: 'm', name: 'Maya', role: 'agent' });
    expect(heard()).toEqual([]);
    vi.advanceTimersByTime(2000);
    expect(said()).toEqual(['4 new messages from Maya.']);
  });

  it('is a failed message at once', () => {
    const id = other.wrote('mine', Date.now(), { state: 'sending' });
    other.delivery(id, { state: 'stuck', fault: fault('declined') });
    other.delivery(id, { state: 'stuck', fault: fault('declined') });
    expect(announcer.alert.map((one) => one.text)).toEqual(['Not sent. Retry is under the message.']);
  });

  it('is the closing of a case and the end of a chat', () => {
    other.closes('Maya');
    other.ends('ended_by_them', 'Jonas');
    expect(said()).toEqual([
      'Maya has closed this case. You can still write.',
      'The chat has ended. Jonas ended it and you have left. What was said stays on this computer.',
    ]);
  });
});

describe('an outage', () => {
  beforeEach(() => conversation.open());

  it('is shown and said after three seconds, once', () => {
    other.down('offline', 12, 1);
    vi.advanceTimersByTime(2000);
    other.down('offline', 12, 2);
    expect(conversation.outage.shown).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(conversation.outage.shown).toBe(true);
    other.down('offline', 12, 3);
    vi.advanceTimersByTime(9000);
    expect(said()).toEqual(['You’re offline. Messages wait here.']);
  });

  it('that is shorter is not worth a word', () => {
    other.down();
    vi.advanceTimersByTime(2900);
    other.up();
    vi.advanceTimersByTime(9000);
    expect(conversation.outage.shown).toBe(false);
    expect(said()).toEqual([]);
  });

  it('ends with the number of messages that went out', () => {
    other.down();
    vi.advanceTimersByTime(3000);
    other.command({ do: 'send', text: 'one' });
    other.command({ do: 'send', text: 'two' });
    other.up();
    vi.advanceTimersByTime(500);
    expect(said()).toEqual(['You’re offline. Messages wait here.', 'Connected again. 2 messages sent.']);
  });
});

describe('the unread line', () => {
  it('is set on opening and goes away with the answer', async () => {
    other.writes('Maya', 'one');
    other.writes('Maya', 'two');
    await conversation.open();
    expect(conversation.unreadLine).toEqual({ before: other.snapshot.items.at(-2)?.id, count: 2 });
    expect(said()).toEqual(['Tidewater Energy. 2 new messages.']);
    await conversation.send('hello');
    expect(conversation.unreadLine).toBeNull();
  });

  it('does not move while words come in', async () => {
    other.writes('Maya', 'one');
    await conversation.open();
    const line = conversation.unreadLine;
    other.writes('Maya', 'two');
    expect(conversation.unreadLine).toBe(line);
  });
});

describe('a call that fails', () => {
  it('is told in words and says so to the caller', async () => {
    await conversation.open();
    vi.spyOn(host, 'command').mockRejectedValueOnce(fault('message_too_long'));
    expect(await conversation.send('x')).toBe(false);
    expect(conversation.failure).toBe('This message is too long to send.');
    expect(await conversation.send('y')).toBe(true);
    expect(conversation.failure).toBeNull();
  });

  it('stays to be read whatever is told by itself meanwhile', async () => {
    await conversation.open();
    vi.spyOn(host, 'command').mockRejectedValueOnce(fault('message_too_long'));
    await conversation.send('x');
    await conversation.note({ do: 'seen' });
    expect(conversation.failure).toBe('This message is too long to send.');
  });

  it('to fetch the chat is told as well', async () => {
    vi.spyOn(host, 'snapshot').mockRejectedValueOnce(fault('chat_gone', 'gone'));
    await conversation.open();
    expect(conversation.current).toBeNull();
    expect(conversation.failure).not.toBeNull();
  });
});

describe('the draft', () => {
  const commands = () => vi.mocked(host.command).mock.calls.map(([, command]) => command);

  it('is what was kept when the chat was left, and keeps what is written', async () => {
    other.command({ do: 'draft', text: 'half a thought' });
    vi.spyOn(host, 'command');
    await conversation.open();
    expect(conversation.draft.text).toBe('half a thought');
    conversation.draft.text = 'half a thought more';
    conversation.draft.changed();
    await vi.advanceTimersByTimeAsync(400);
    expect(commands()).toEqual([{ do: 'draft', text: 'half a thought more' }]);
    expect(other.snapshot.draft).toBe('half a thought more');
  });

  it('does not change when the chat is fetched again', async () => {
    await conversation.open();
    conversation.draft.text = 'new words';
    other.lose({ change: 'unread', to: 1 });
    await conversation.refresh();
    expect(conversation.draft.text).toBe('new words');
  });

  it('is kept when the chat is left', async () => {
    await conversation.open();
    conversation.draft.text = 'on the way out';
    conversation.leave();
    await vi.advanceTimersByTimeAsync(0);
    expect(other.snapshot.draft).toBe('on the way out');
  });
});

describe('a message that was searched for', () => {
  it('is loaded if it was not', async () => {
    other.writes('Maya', 'now');
    other.remember(60);
    await conversation.open();
    expect(conversation.items.some((item) => item.id === 'p10')).toBe(false);
    expect(await conversation.reveal('p10')).toBe(true);
    expect(conversation.items.some((item) => item.id === 'p10')).toBe(true);
    expect(conversation.items.some((item) => item.id === 'p9')).toBe(false);
  });

  it('is there even if the steps that brought it were lost', async () => {
    other.writes('Maya', 'now');
    other.remember(60);
    await conversation.open();
    vi.spyOn(conversation, 'hear').mockImplementation(() => {});
    expect(await conversation.reveal('p10')).toBe(true);
  });

  it('that is gone is told in words', async () => {
    await conversation.open();
    expect(await conversation.reveal('nowhere')).toBe(false);
    expect(conversation.failure).toBe('This message is no longer here.');
  });

  it('in the open chat is gone to at once, the newest first, and said', async () => {
    other.writes('Maya', 'the old meter');
    vi.advanceTimersByTime(10);
    other.writes('Maya', 'the new meter');
    await conversation.open();
    const find = conversation.openFind();
    await find.type('meter');
    expect(conversation.target?.item).toBe(other.snapshot.items.at(-1)?.id);
    conversation.findStep(1);
    expect(conversation.target?.item).toBe(other.snapshot.items.at(-2)?.id);
    vi.advanceTimersByTime(1000);
    expect(said().at(-1)).toBe('2 of 2. Maya: the old meter');
  });
});

describe('a disk that is full', () => {
  it('is said, and said when it is over', async () => {
    await conversation.open();
    other.full(true);
    other.full(false);
    expect(said()).toEqual([
      'This computer’s disk is full. Nothing is sent until there is room; then it goes on by itself.',
      'There is room again. Messages are sent.',
    ]);
  });
});

describe('a message of which nobody knows', () => {
  it('is not called “not sent”', async () => {
    await conversation.open();
    const id = other.wrote('mine', Date.now(), { state: 'sending' });
    other.delivery(id, { state: 'stuck', fault: fault('perhaps_sent') });
    expect(announcer.alert.map((one) => one.text)).toEqual(['We could not tell whether a message arrived. What you can do is under it.']);
  });
});
