// The companies and chats of the in-memory host: the same people as in the pictures of the design.
import type { Abilities, Card, Choice, DeploymentView, Offer, ServiceView } from '../view';
import type { FakeConversation } from './conversation';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The pretend company. */
export const DEMO: DeploymentView = {
  id: 'demo',
  name: 'Tidewater Energy',
  brand: '#00786a',
  asynchronous: true,
  pictures: true,
  form: [
    { name: 'firstname', label: null, kind: 'text', required: true, value: 'Sam' },
    { name: 'lastname', label: null, kind: 'text', required: false, value: null },
    { name: 'email', label: null, kind: 'email', required: false, value: null },
  ],
  demo: true,
  keep: null,
  available: true,
  editable: false,
};

/** What can be done with the pretend company. */
export const ABILITIES: Abilities = {
  files: { kinds: { kinds: 'pictures' }, largest: 20_000_000, needs_agent: false },
  typing: true,
  history: true,
  user_data: true,
  read_receipts: false,
  nickname: false,
  notices: false,
  end: true,
  sign_in: false,
  longest_text: null,
};

/** Takes files of any kind but programs, and words of a certain length. */
export const RICHER: Abilities = {
  ...ABILITIES,
  files: { kinds: { kinds: 'all_but', endings: ['exe', 'zip'] }, largest: 5_000_000, needs_agent: false },
  longest_text: 200,
};

const choice = (id: string, label: string, text: string, more: Partial<Choice> = {}): Choice => ({
  id,
  label,
  text: null,
  at: null,
  seconds: null,
  does: { does: 'say', text, payload: null },
  ...more,
});

/** Quick replies. */
export const QUICK: Offer = {
  text: 'Would you like the difference back, or kept for your next bill?',
  cards: [],
  groups: [
    {
      title: null,
      multiple: false,
      choices: [
        choice('refund', 'Refund it', 'Refund it'),
        choice('keep', 'Keep it for the next bill', 'Keep it'),
        choice('explain', 'Explain both', 'Explain both'),
      ],
    },
  ],
  passing: true,
  questions: null,
};

/** Cards. */
export const CARDS: Offer = {
  text: 'Here is your latest bill.',
  cards: [
    {
      title: 'October bill',
      text: 'Estimated reading 04492 kWh. To pay by 28 Nov: £118.40',
      picture: null,
      choices: [
        choice('see', 'See the bill', '', { does: { does: 'open', href: 'https://tidewater.example/bills/10' } }),
        choice('reading', 'Send a reading', 'Send a reading'),
      ],
    },
  ],
  groups: [],
  passing: false,
  questions: null,
};

/** Dates, one of which can be chosen. */
export const DATES: Offer = {
  text: 'When may the fitter come?',
  cards: [],
  groups: [
    {
      title: 'Next week',
      multiple: false,
      choices: [
        choice('mon', '', '2026-11-30T09:00', { at: new Date(2026, 10, 30, 9).getTime(), seconds: 3600 }),
        choice('tue', '', '2026-12-01T14:00', { at: new Date(2026, 11, 1, 14).getTime(), seconds: 3600 }),
      ],
    },
  ],
  passing: false,
  questions: null,
};

/** Topics, several of which can be chosen. */
export const TOPICS: Offer = {
  text: 'What is it about?',
  cards: [],
  groups: [
    {
      title: 'Topics',
      multiple: true,
      choices: [
        choice('bill', 'The bill', 'bill', { text: 'What was charged, and why' }),
        choice('meter', 'The meter', 'meter'),
        choice('other', 'Something else', 'other'),
      ],
    },
  ],
  passing: false,
  questions: null,
};

/** Questions that are answered together. */
export const QUESTIONS: Offer = {
  text: 'Two things about your meter.',
  cards: [],
  groups: [],
  passing: false,
  questions: {
    questions: [
      { id: 'number', heading: 'Reading\nAs it stands', label: 'Number', hint: 'It is on the front', required: true, takes: { takes: 'words', lines: false, longest: 8 } },
      { id: 'day', heading: null, label: 'Read on', hint: null, required: true, takes: { takes: 'day', first: '2026-01-05', last: null } },
      { id: 'what', heading: null, label: 'For', hint: null, required: false, takes: { takes: 'choices', multiple: true, choices: [choice('power', 'Power', 'Power'), choice('gas', 'Gas', 'Gas')] } },
      { id: 'where', heading: 'Place', label: 'It hangs in', hint: null, required: false, takes: { takes: 'choices', multiple: false, choices: [choice('hall', 'The hall', 'Hall'), choice('cellar', 'The cellar', 'Cellar')] } },
    ],
    button: null,
    reply: 'Here is the reading',
    payload: '{}',
  },
};

/** The way back to the bot. */
export const WAY_BACK: Card = {
  title: 'You’re talking to Ravi',
  text: 'When you’re done, go back to the bot. The chat stays open.',
  picture: null,
  choices: [choice('leave', 'Leave the agent', 'talk to bot')],
};

/** Companies of a filled list. */
export const COMPANIES: DeploymentView[] = [
  { ...DEMO, id: 'tidewater', demo: false },
  { ...DEMO, id: 'alder', name: 'Alder Bank', brand: '#4353c8', demo: false, form: [], editable: true },
  { ...DEMO, id: 'fernway', name: 'Fernway Rail', brand: '#b4470f', demo: false, asynchronous: false, pictures: false },
  { ...DEMO, id: 'harden', name: 'Harden Library', brand: null, demo: false, form: [], editable: true },
];

/** What a company can be added with. */
export const SERVICES: ServiceView[] = [
  {
    id: 'digital_channels',
    name: 'Genesys Digital Channels',
    fields: [
      { name: 'url', kind: 'address', required: true, example: 'https://chat.tidewater.example/nexus/v3/chat/sessions' },
      { name: 'api_key', kind: 'key', required: true, example: null },
      { name: 'endpoint', kind: 'text', required: false, example: null },
    ],
  },
];

/** Fills three chats as in the pictures. */
export function inboxScene(open: (deployment: string) => FakeConversation): void {
  const now = Date.now();
  const at = (minutes: number) => now - minutes * MINUTE;

  const fernway = open('fernway');
  fernway.opens();
  fernway.joins('Jonas', 'agent', now - DAY - 8 * MINUTE);
  fernway.writes('Jonas', 'I’m sorry, Sam. That train was cancelled, so you can claim the full fare.', { at: now - DAY - 7 * MINUTE, replayed: true });
  fernway.writes('Jonas', 'I’ve started the claim for you. The money arrives within 14 days.', { at: now - DAY - 7 * MINUTE, replayed: true });
  fernway.wrote('Great, thank you.', now - DAY - 2 * MINUTE);
  fernway.ends('ended_by_them', 'Jonas', { at: now - DAY });

  const alder = open('alder');
  alder.lively = false;
  alder.opens();
  alder.joins('Ravi', 'agent', at(95));
  alder.writes('Ravi', 'Hello Sam. I’ve ordered a new card to your home address.', { at: at(90), replayed: true });
  alder.writes('Ravi', 'The new card is on its way, for Thursday.', { at: at(89) });

  const tidewater = open('tidewater');
  tidewater.opens();
  tidewater.joins('Tide', 'bot', at(31));
  tidewater.writes('Tide', 'Good morning, Sam. What can I help with?', { role: 'bot', at: at(30), replayed: true });
  tidewater.wrote('My October bill is much higher than usual.', at(29));
  tidewater.joins('Maya', 'agent', at(28));
  tidewater.writes('Maya', 'Hello Sam, I’m Maya. Let me look at that with you.', { at: at(27), replayed: true });
  tidewater.writes('Maya', 'October was an estimate, not a reading you sent.', { at: at(26), replayed: true });
  tidewater.wrote('Ah. The meter says 04182 right now.', at(8));
  tidewater.writes('Maya', 'That explains it: you were billed 310 units too many.', { at: at(2) });
  tidewater.writes('Maya', 'I’ll correct the bill now. The new one will be £64.20.', { at: at(1) });
}
