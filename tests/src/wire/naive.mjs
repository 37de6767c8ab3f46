// A plain client, as it is written in an afternoon: it polls and shows what each poll brings, or listens on a socket and shows what comes, and
// it sends again whatever was not answered well. It checks every status and reads every answer as JSON; it knows nothing of what arrived.
// Where a package is what everybody takes (`tests/peers`), it stands on that.
//
// Lines of JSON on both ways. In: the task, "go", "last". Out: "ready", then the account of every person.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => JSON.parse((await lines.next()).value);
const tell = (word) => new Promise((done) => process.stdout.write(`${JSON.stringify(word)}\n`, done));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const PAUSE = 100;
const START = 20_000;
/** How long it listens before it looks at what has come on a socket. */
const LISTENING = 500;
/** So many polls in a row without anything new, after the last message was written. */
const QUIET = 3;

const take = createRequire(new URL('../../peers/package.json', import.meta.url));
// Nothing but JSON goes out, whatever a package wants to log.
console.log = console.info = console.warn = (...words) => console.error(...words);

const services = {
  digital_channels: {
    async start(person) {
      const fields = { 'data[endpoint]': 'Support', 'data[nickname]': person.name, 'data[firstName]': person.name };
      const { data } = await ask(person, '', fields);
      const [, claims] = data.clientToken.split('.');
      person.token = data.clientToken;
      person.session = JSON.parse(Buffer.from(claims, 'base64url')).sessionId;
    },
    async send(person, text) {
      await ask(person, `/${person.session}/messages`, { 'data[type]': 'Text', 'data[text]': text });
    },
    async poll(person) {
      const { data } = await ask(person, `/${person.session}/messages`);
      const words = (data.messages ?? []).filter(({ type }) => type === 'Text');
      return words.filter(({ from }) => from.type !== 'Customer').map(({ text }) => text);
    },
  },
  // CometD's own client, which looks after the connection; what is published is shown when it is delivered.
  gms_cometd: {
    async start(person) {
      if (!globalThis.XMLHttpRequest) lendBrowser();
      const { CometD } = take('cometd');
      Object.assign(person, { news: [], chat: {}, client: new CometD() });
      const { client } = person;
      client.unregisterTransport('websocket');
      client.configure({ url: person.url, logLevel: 'error', maxBackoff: 1_000, maxNetworkDelay: task.request_timeout_ms });
      const begun = new Promise((done) => {
        client.addListener(CHANNEL, ({ data }) => hearDelivery(person, data, done));
      });
      client.addListener('/meta/handshake', ({ successful }) => {
        if (successful && person.chat.secureKey) publish(person, { operation: 'requestNotifications' }).catch(() => {});
      });
      await new Promise((done) => client.handshake(done));
      await publish(person, { operation: 'requestChat', nickname: person.name, firstName: person.name });
      await begun;
    },
    send: (person, message) => publish(person, { operation: 'sendMessage', message }),
    async poll(person) {
      await pause(LISTENING);
      return person.news.splice(0);
    },
  },
  // A socket, opened again when it is gone.
  web_messaging: {
    async start(person) {
      Object.assign(person, { token: crypto.randomUUID(), news: [], waiting: new Map() });
      await connect(person, START);
      await say(person, {
        type: 'Event',
        events: [{ eventType: 'Presence', presence: { type: 'Join' } }],
        channel: { metadata: { customAttributes: { nickname: person.name } } },
      });
    },
    send: (person, text) => say(person, { type: 'Text', text }),
    async poll(person) {
      await pause(LISTENING);
      return person.news.splice(0);
    },
  },
};

/** Gives CometD's client what it takes from a browser: one for each person, so that each address has a cookie of its own. */
function lendBrowser() {
  const jars = new Map();
  take('cometd-nodejs-client').adapt({
    cookies: {
      storeCookie(address, header, done) {
        jars.set(address.host, header.split(';', 1)[0]);
        done();
      },
      retrieveCookies(_context, address, done) {
        done(null, jars.has(address.host) ? [jars.get(address.host)] : []);
      },
    },
  });
}

const CHANNEL = '/service/chatV2/customer-support';

function hearDelivery(person, { statusCode, chatId, userId, secureKey, alias, messages = [] }, begun) {
  if (statusCode === 0 && secureKey) {
    person.chat = { chatId, userId, secureKey, alias };
    begun();
  }
  const words = messages.filter(({ type, from }) => type === 'Message' && from.type !== 'Client');
  person.news.push(...words.map(({ text }) => text));
}

/** Resolves when the server has taken it. */
function publish({ client, chat }, words) {
  return new Promise((done, fail) => {
    client.publish(CHANNEL, { ...words, ...chat }, ({ successful }) => (successful ? done() : fail(new Error('not taken'))));
  });
}

async function connect(person, timeout) {
  const { WebSocket } = take('ws');
  const url = new URL('/v1?deploymentId=Support', person.url);
  url.protocol = 'ws:';
  const socket = new WebSocket(url, { handshakeTimeout: timeout });
  person.socket = socket;
  socket.on('message', (data) => hearFrame(person, JSON.parse(data)));
  socket.on('error', () => {});
  socket.on('close', async () => {
    for (const { fail } of person.waiting.values()) fail(new Error('the socket is gone'));
    await pause(PAUSE);
    await connect(person, task.request_timeout_ms).catch(() => {});
  });
  await new Promise((done, fail) => socket.once('open', done).once('close', () => fail(new Error('no socket'))));
  try {
    await request(person, { action: 'configureSession', deploymentId: 'Support' }, timeout);
  } catch (error) {
    socket.terminate();
    throw error;
  }
}

function hearFrame(person, { class: kind, code, tracingId, body }) {
  const waiting = person.waiting.get(tracingId);
  if (code >= 400) waiting?.fail(new Error(`code ${code}`));
  else waiting?.done();
  if (kind === 'StructuredMessage' && body.type === 'Text' && body.direction === 'Outbound') person.news.push(body.text);
}

const say = (person, message) => request(person, { action: 'onMessage', message }, task.request_timeout_ms);

/** Resolves when the service has repeated the name of the request. */
async function request({ socket, token, waiting }, frame, timeout) {
  const tracingId = crypto.randomUUID();
  // Nobody answers any more: another socket may be better.
  const timer = setTimeout(() => socket.terminate(), timeout);
  try {
    await new Promise((done, fail) => {
      waiting.set(tracingId, { done, fail });
      socket.send(JSON.stringify({ ...frame, token, tracingId }), (error) => error && fail(error));
    });
  } finally {
    clearTimeout(timer);
    waiting.delete(tracingId);
  }
}

async function ask(person, path, fields) {
  const headers = { 'x-api-key': 'sandbox-key', ...(person.token && { 'x-nexus-client-key': person.token }) };
  const response = await fetch(person.url + path, {
    method: fields ? 'POST' : 'GET',
    headers,
    body: fields && new URLSearchParams({ ...fields, operationId: crypto.randomUUID() }),
    signal: AbortSignal.timeout(person.token ? (fields ? task.request_timeout_ms : task.poll_timeout_ms) : START),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}

async function write(person) {
  for (const text of person.words) {
    for (;;) {
      try {
        await service.send(person, text);
        person.sent.push(text);
        break;
      } catch {
        await pause(PAUSE);
      }
    }
  }
}

async function read(person) {
  for (let quiet = 0; quiet < QUIET; ) {
    try {
      const news = await service.poll(person);
      person.shown.push(...news);
      quiet = news.length > 0 || !last ? 0 : quiet + 1;
    } catch {
      await pause(PAUSE);
    }
  }
}

const task = await hear();
const service = services[task.service];
const people = task.people.map((person) => ({ ...person, sent: [], shown: [] }));
let last = false;
for (const person of people) await service.start(person);
await tell('ready');
await hear();
const reading = people.map(read);
await Promise.all(people.map(write));
await tell('written');
await hear();
last = true;
await Promise.all(reading);
await tell(people.map(({ sent, shown }) => ({ sent, shown })));
process.exit(0);
