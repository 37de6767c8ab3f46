// The companies and chats of the in-memory host: the same people as in the pictures of the design.
import type { DeploymentView, ServiceView } from '../view';
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
};

/** Companies of a filled list. */
export const COMPANIES: DeploymentView[] = [
  { ...DEMO, id: 'tidewater', demo: false },
  { ...DEMO, id: 'alder', name: 'Alder Bank', brand: '#4353c8', demo: false, form: [] },
  { ...DEMO, id: 'fernway', name: 'Fernway Rail', brand: '#b4470f', demo: false, asynchronous: false, pictures: false },
  { ...DEMO, id: 'harden', name: 'Harden Library', brand: null, demo: false, form: [] },
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
