// Small parts on their own: what they show when, and what they never do.
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fault } from '../host/fake';
import { personOf } from '../host/fake/conversation';
import { CARDS, DATES, QUESTIONS, QUICK, TOPICS, WAY_BACK } from '../host/fake/scenes';
import type { Host } from '../host/host';
import type { Content, DeliveryView, FileRules, Offer as OfferView } from '../host/view';
import Banner from './Banner.svelte';
import { brandOf } from './brand';
import Composer from './Composer.svelte';
import Delivery from './Delivery.svelte';
import FileCard from './File.svelte';
import Guard from './Guard.svelte';
import IdleStrip from './IdleStrip.svelte';
import { imageType } from './imageType';
import MemoryNote from './MemoryNote.svelte';
import Offer from './Offer.svelte';
import Words from './Words.svelte';

afterEach(cleanup);

describe('Delivery', () => {
  const say = vi.fn();
  const props = (delivery: DeliveryView) => ({
    delivery, at: Date.UTC(2026, 10, 18, 14, 5), last: true, over: false, file: null, company: 'Tidewater', retry: vi.fn(), cancel: vi.fn(), say,
  });
  beforeEach(() => {
    vi.useFakeTimers();
    say.mockClear();
  });
  afterEach(() => vi.useRealTimers());

  it('says nothing of a message that is quick', async () => {
    const { container, rerender } = render(Delivery, props({ state: 'sending' }));
    vi.advanceTimersByTime(399);
    await tick();
    expect(container.textContent?.trim()).toBe('');
    await rerender(props({ state: 'sent' }));
    expect(container.textContent).toMatch(/Sent/);
    expect(say).not.toHaveBeenCalled();
  });

  it('shows “Sending…” after 400 ms, and then tells that it arrived', async () => {
    const { rerender } = render(Delivery, props({ state: 'sending' }));
    vi.advanceTimersByTime(400);
    await tick();
    expect(screen.getByText('Sending…')).toBeTruthy();
    await rerender(props({ state: 'sent' }));
    expect(say).toHaveBeenCalledExactlyOnceWith('Sent.');
  });

  it('lets a waiting message be taken back', async () => {
    const given = props({ state: 'waiting', until: 0 });
    render(Delivery, given);
    vi.advanceTimersByTime(400);
    await tick();
    expect(screen.getByText('Waiting to send')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Delete' }));
    expect(given.cancel).toHaveBeenCalledOnce();
  });

  it('says at once that a message is stuck, why, and what can be done', async () => {
    const given = props({ state: 'stuck', fault: fault('message_too_long') });
    render(Delivery, given);
    expect(screen.getByText('Not sent')).toBeTruthy();
    expect(screen.getByText('This message is too long to send.')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(given.retry).toHaveBeenCalledOnce();
  });

  it('says plainly that it can’t tell whether a message arrived, and lets the person decide', async () => {
    const given = props({ state: 'stuck', fault: fault('perhaps_sent') });
    const { container, rerender } = render(Delivery, given);
    expect(container.textContent).toContain('We could not tell whether this arrived.');
    expect(container.textContent).not.toContain('Not sent');
    await fireEvent.click(screen.getByRole('button', { name: 'Send again' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Remove' }));
    expect(given.retry).toHaveBeenCalledOnce();
    expect(given.cancel).toHaveBeenCalledOnce();
    await rerender(props({ state: 'sent' }));
    expect(container.textContent).toMatch(/^\s*Sent \d/);
  });

  it('offers nothing for an unsent message of a chat that is over', () => {
    const { container } = render(Delivery, { ...props({ state: 'waiting', until: 0 }), over: true });
    expect(container.textContent?.trim()).toBe('Not sent');
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('shows “Sent” only below the last of a group', () => {
    const { container } = render(Delivery, { ...props({ state: 'sent' }), last: false });
    expect(container.textContent?.trim()).toBe('');
  });
});

describe('Words', () => {
  it('shows markup as the characters it is', () => {
    const { container } = render(Words, { text: [{ text: '<img src=x onerror=alert(1)> & <b>', href: null }], tabbable: true, open: vi.fn() });
    expect(container.querySelector('img, b')).toBeNull();
    expect(container.textContent).toBe('<img src=x onerror=alert(1)> & <b>');
  });

  it('lets the host open links and never follows them', async () => {
    const open = vi.fn();
    render(Words, { text: [{ text: 'see ', href: null }, { text: 'bill', href: 'https://t.example/10' }], tabbable: true, open });
    const went = await fireEvent.click(screen.getByRole('link', { name: 'bill' }));
    expect(went).toBe(false);
    expect(open).toHaveBeenCalledExactlyOnceWith('https://t.example/10');
  });
});

const PICTURES: FileRules = { kinds: { kinds: 'pictures' }, largest: null, needs_agent: false };

describe('Composer', () => {
  const props = (text = '') => ({ text, placeholder: 'Write', files: PICTURES as FileRules | null, longest: null as number | null, send: vi.fn(), attach: vi.fn(), typed: vi.fn() });
  const field = () => screen.getByRole('textbox', { name: 'Message' });

  it('sends with Enter, not with Shift+Enter and not in the middle of a word', async () => {
    const given = props('hello');
    render(Composer, given);
    await fireEvent.keyDown(field(), { key: 'Enter', shiftKey: true });
    await fireEvent.keyDown(field(), { key: 'Enter', isComposing: true });
    expect(given.send).not.toHaveBeenCalled();
    await fireEvent.keyDown(field(), { key: 'Enter' });
    expect(given.send).toHaveBeenCalledOnce();
  });

  it('does not send nothing', async () => {
    const given = props('  \n ');
    render(Composer, given);
    await fireEvent.keyDown(field(), { key: 'Enter' });
    await fireEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(given.send).not.toHaveBeenCalled();
  });

  it('takes a pasted picture and leaves pasted words alone', async () => {
    const given = props();
    render(Composer, given);
    const picture = new File(['x'], 'meter.png', { type: 'image/png' });
    await fireEvent.paste(field(), { clipboardData: { files: [picture] } });
    await fireEvent.paste(field(), { clipboardData: { files: [] } });
    expect(given.attach).toHaveBeenCalledExactlyOnceWith(picture);
  });

  it('keeps its words as they are while they wait', async () => {
    const given = { ...props('hello'), busy: true };
    render(Composer, given);
    expect((field() as HTMLTextAreaElement).readOnly).toBe(true);
    await fireEvent.keyDown(field(), { key: 'Enter' });
    expect(given.send).not.toHaveBeenCalled();
  });

  it('says by how many characters a message is too long, and does not send it', async () => {
    const given = { ...props('👍👍👍hello'), longest: 5 };
    const { rerender } = render(Composer, given);
    expect(screen.getByText('3 characters too long to send.')).toBeTruthy();
    expect(field().getAttribute('aria-invalid')).toBe('true');
    await fireEvent.keyDown(field(), { key: 'Enter' });
    expect(given.send).not.toHaveBeenCalled();
    await rerender({ ...given, text: '👍hell' });
    expect(screen.queryByText(/too long/)).toBeNull();
    await fireEvent.keyDown(field(), { key: 'Enter' });
    expect(given.send).toHaveBeenCalledOnce();
  });

  it('offers the chooser what the company takes', () => {
    const endings = ['pdf', 'png'];
    const { container } = render(Composer, { ...props(), files: { ...PICTURES, kinds: { kinds: 'only', endings } } });
    expect(screen.getByRole('button', { name: 'Attach a file' })).toBeTruthy();
    expect(container.querySelector('input[type="file"]')?.getAttribute('accept')).toBe('.pdf,.png');
  });

  it('offers no pictures to a company that takes none', () => {
    render(Composer, { ...props(), files: null });
    expect(screen.queryByRole('button', { name: 'Attach a photo' })).toBeNull();
  });
});

describe('Offer', () => {
  const offered = (offer: OfferView, answered: string[] = []) => ({ kind: 'offer' as const, from: personOf('Tide', 'bot'), offer, answered });
  const props = (content: ReturnType<typeof offered>, last = true) => ({
    host: { media } as unknown as Host, conversation: 'c1', item: 'e1-0', content, last, over: false, tabbable: true, kept: {}, choose: vi.fn(), fill: vi.fn(), go: vi.fn(),
  });
  const media = vi.fn();

  it('answers with one press, and its quick replies vanish when something else was said', async () => {
    const given = props(offered(QUICK));
    const { rerender } = render(Offer, given);
    const group = screen.getByRole('group', { name: 'Suggested answers' });
    await fireEvent.click(within(group).getByRole('button', { name: 'Refund it' }));
    expect(given.choose).toHaveBeenCalledExactlyOnceWith(['refund']);
    await rerender({ ...given, last: false });
    expect(screen.queryByRole('button', { name: 'Refund it' })).toBeNull();
    expect(screen.getByText(QUICK.text)).toBeTruthy();
  });

  it('shows what was chosen, and takes no second answer', async () => {
    const given = props(offered(DATES, ['tue']), false);
    render(Offer, given);
    const group = screen.getByRole('group', { name: 'Next week' });
    const [monday, tuesday] = within(group).getAllByRole('button');
    expect(monday?.getAttribute('aria-pressed')).toBe('false');
    expect(tuesday?.getAttribute('aria-pressed')).toBe('true');
    expect(tuesday?.textContent).toMatch(/Tuesday.*60 min/);
    await fireEvent.click(monday as HTMLElement);
    expect(given.choose).not.toHaveBeenCalled();
  });

  it('gathers several choices and sends them together, in their order', async () => {
    const given = props(offered(TOPICS));
    render(Offer, given);
    const button = (name: RegExp) => screen.getByRole('button', { name });
    await fireEvent.click(button(/Choose and send/));
    expect(given.choose).not.toHaveBeenCalled();
    await fireEvent.click(button(/Something else/));
    await fireEvent.click(button(/The meter/));
    await fireEvent.click(button(/The bill/));
    await fireEvent.click(button(/The meter/));
    expect(button(/The bill/).getAttribute('aria-pressed')).toBe('true');
    await fireEvent.click(button(/Send 2 choices/));
    expect(given.choose).toHaveBeenCalledExactlyOnceWith(['bill', 'other']);
  });

  it('opens addresses through the host, also when it was answered', async () => {
    const given = props(offered(CARDS, ['reading']), false);
    render(Offer, given);
    await fireEvent.click(screen.getByRole('button', { name: /See the bill/ }));
    expect(given.go).toHaveBeenCalledExactlyOnceWith('https://tidewater.example/bills/10');
  });

  it('asks its questions together, says at each what is wrong, and sends all answers at once', async () => {
    const given = props(offered(QUESTIONS));
    const { unmount } = render(Offer, given);
    const send = screen.getByRole('button', { name: 'Send answers' });
    const number = screen.getByRole('textbox', { name: 'Number' });
    await fireEvent.input(number, { target: { value: '123456789' } });
    await fireEvent.click(send);
    expect(given.fill).not.toHaveBeenCalled();
    expect(number.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('At most 8 characters.')).toBeTruthy();
    const day = screen.getByLabelText('Read on');
    expect(day.getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(number);
    await fireEvent.input(number, { target: { value: '12345' } });
    await fireEvent.change(day, { target: { value: '2026-01-04' } });
    await fireEvent.click(send);
    expect(screen.getByText('Choose another day.')).toBeTruthy();
    await fireEvent.change(day, { target: { value: '2026-01-06' } });
    await fireEvent.click(screen.getByRole('checkbox', { name: 'Gas' }));
    unmount();
    render(Offer, given);
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Number' }).value).toBe('12345');
    await fireEvent.click(screen.getByRole('button', { name: 'Send answers' }));
    expect(given.fill).toHaveBeenCalledExactlyOnceWith({ number: ['12345'], day: ['2026-01-06'], what: ['gas'] });
  });

  it('shows no questions that were answered', () => {
    render(Offer, props(offered(QUESTIONS, ['number'])));
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.getByText(/These questions are answered/)).toBeTruthy();
  });

  it('asks the host for the picture of a card and never goes to its address', async () => {
    media.mockResolvedValueOnce(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]).buffer);
    const made = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:card');
    const plain = { title: 'Plain', text: null, picture: null, choices: [] };
    const cards = [plain, { ...plain, title: 'Boat', picture: 'https://x.example/boat.png' }];
    const { container } = render(Offer, props(offered({ ...CARDS, cards })));
    expect(media).toHaveBeenCalledExactlyOnceWith('c1', 'e1-0#1');
    const button = await screen.findByRole('button', { name: /the picture on the card: Boat/ });
    expect(button.querySelector('img')?.getAttribute('src')).toBe('blob:card');
    expect(container.innerHTML).not.toContain('x.example');
    made.mockRestore();
  });
});

describe('File', () => {
  const file = (change: Partial<Content & { kind: 'file' }> = {}) => ({
    kind: 'file' as const, from: personOf('Maya'), name: 'Bills 2025.pdf', size: 3_100_000, mime: null, delivery: null, withdrawn: false, ...change,
  });
  const props = (content: ReturnType<typeof file>) => ({ file: content, tabbable: true, save: vi.fn(), cancel: vi.fn() });

  it('is saved by its button and says its size', async () => {
    const given = props(file());
    render(FileCard, given);
    expect(screen.getByText('3.1 MB')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: /Save .*Bills 2025\.pdf/ }));
    expect(given.save).toHaveBeenCalledOnce();
  });

  it('shows how much of it has left, and can be given up', async () => {
    const given = props(file({ from: personOf('Sam', 'me'), delivery: { state: 'uploading', sent: 1_900_000, total: 3_100_000 } }));
    render(FileCard, given);
    const bar = screen.getByRole('progressbar');
    expect((bar as HTMLProgressElement).value).toBe(61);
    expect(bar.getAttribute('aria-valuetext')?.replace(/[\u2068\u2069]/g, '')).toBe('1.9 MB of 3.1 MB');
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel upload' }));
    expect(given.cancel).toHaveBeenCalledOnce();
  });

  it('can’t be saved when it is gone', () => {
    render(FileCard, props(file({ withdrawn: true })));
    expect(screen.getByText('No longer available')).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
  });
});

describe('Banner', () => {
  const banner = { cards: [WAY_BACK], minimises: false, minimised_text: null, minimised: false, pending: false };
  const waiting = { heading: 'leaving-heading', text: 'leaving-text' };
  const props = (change: Partial<typeof banner> = {}) => ({ banner: { ...banner, ...change }, waiting, command: vi.fn(), go: vi.fn() });

  it('sends, is put away, and says what it waits for', async () => {
    const given = props();
    const { rerender } = render(Banner, given);
    expect(screen.getByRole('region', { name: 'From the company' })).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Leave the agent' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Put away' }));
    expect(given.command.mock.calls).toEqual([[{ do: 'choose_banner', choice: 'leave' }], [{ do: 'close_banner' }]]);
    await rerender({ ...given, banner: { ...banner, pending: true } });
    expect(screen.queryByRole('button')).toBeNull();
    expect(screen.getByText('Leaving the agent…')).toBeTruthy();
  });

  it('is a strip when it was made small', async () => {
    const given = props({ minimises: true, minimised: true });
    render(Banner, given);
    await fireEvent.click(screen.getByRole('button', { name: WAY_BACK.title, expanded: false }));
    expect(given.command).toHaveBeenCalledExactlyOnceWith({ do: 'open_banner' });
  });
});

describe('IdleStrip', () => {
  it('counts down for the eye alone, and one button answers', async () => {
    const stay = vi.fn();
    const { container } = render(IdleStrip, { idle: { ends_at: Date.now() + 65_000, text: null }, company: 'Tidewater', stay });
    expect(container.textContent).toMatch(/1:0[45]/);
    expect(container.querySelector('[aria-live], [role="status"], [role="alert"], [role="timer"]')).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'I’m still here' }));
    expect(stay).toHaveBeenCalledOnce();
  });
});

describe('Guard', () => {
  it('asks with the words it is about, and the careful answer has the focus', () => {
    render(Guard, { guard: { text: 'Thanks!', by: 'Maya' }, sendAnyway: vi.fn(), dontSend: vi.fn() });
    const question = screen.getByRole('alertdialog', { name: 'Send “Thanks!” as a new case?' });
    expect(question.textContent).toContain('Maya has closed this one.');
    expect(document.activeElement?.textContent).toBe('Don’t send');
  });
});

describe('MemoryNote', () => {
  it.each(['keyring_locked', 'keyring_missing', 'keyring_failed'] as const)('says what %s means and can be put away', async (why) => {
    const { container } = render(MemoryNote, { memory: { memory: 'not_kept', why }, company: 'T' });
    expect(container.textContent).toContain('forgotten when Envoi quits');
    await fireEvent.click(screen.getByRole('button', { name: 'Got it' }));
    expect(container.querySelector('[data-part="memory"]')).toBeNull();
  });

  it('stays while the disk is full, says that nothing is sent, and goes by itself', async () => {
    const { container, rerender } = render(MemoryNote, { memory: { memory: 'not_kept', why: 'disk_failed' }, company: 'T' });
    expect(container.textContent).toContain('disk is full. Nothing is sent until there is room');
    expect(screen.queryByRole('button')).toBeNull();
    await rerender({ memory: { memory: 'kept' }, company: 'T' });
    expect(container.textContent?.trim()).toBe('');
  });

  it('is quiet about a chat that is meant to go', () => {
    const { container } = render(MemoryNote, { memory: { memory: 'shared' }, company: 'T' });
    expect(container.textContent?.trim()).toBe('This chat is deleted when you quit.');
  });

  it('says nothing when all is well', () => {
    const { container } = render(MemoryNote, { memory: { memory: 'kept' }, company: 'T' });
    expect(container.textContent?.trim()).toBe('');
  });
});

describe('what comes from outside', () => {
  it('is a colour only if it reads as one', () => {
    expect(brandOf({ brand: '#00786A' })).toBe('#00786A');
    for (const brand of [null, '', 'red', '#fff', '#00786a;color:red', 'url(x)']) expect(brandOf({ brand })).toBeUndefined();
  });

  it('is a picture only by its bytes', () => {
    expect(imageType(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0]))).toBe('image/png');
    expect(imageType(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]))).toBe('image/jpeg');
    expect(imageType(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg">'))).toBeNull();
    expect(imageType(new Uint8Array())).toBeNull();
  });
});
