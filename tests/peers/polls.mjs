// Many sessions of CometD's own client in one process, which poll and hear nothing. Says where it is in lines of JSON, as the
// benchmark's own process does.
//
//     node polls.mjs URL SESSIONS SETTLE WINDOW     (times in seconds)

import { CometD } from "cometd";
import { adapt } from "cometd-nodejs-client";
import { say, wait } from "./cost.mjs";

const [url, ...numbers] = process.argv.slice(2);
const [count, settle, window] = numbers.map(Number);
const AT_ONCE = 32;

// The adapter keeps the cookies of a host for all sessions of a process, as if they were tabs of one browser. Here each is a browser
// of its own, known by the query of its address.
const jars = new Map();
adapt({
  cookies: {
    storeCookie(address, header, done) {
      jars.set(address.search, header.split(";", 1)[0]);
      done();
    },
    retrieveCookies(_context, address, done) {
      done(null, jars.has(address.search) ? [jars.get(address.search)] : []);
    },
  },
});
console.log = console.info = console.warn = (...words) => console.error(...words);
const clients = [];
async function begin() {
  const client = new CometD();
  clients.push(client);
  client.unregisterTransport("websocket");
  client.configure({ url: `${url}?session=${clients.length}`, logLevel: "error", appendMessageTypeToURL: false });
  await new Promise((resolve, reject) => {
    client.handshake(({ successful }) => (successful ? resolve() : reject(new Error("no handshake"))));
  });
}
async function beginMany() {
  while (clients.length <= count) await begin();
}
// The first brings the code into memory.
await begin();
await wait(1);
say("start");
await Promise.all(Array.from({ length: AT_ONCE }, beginMany));
await wait(settle);
say("begin");
await wait(window);
say("end");
process.exit(0);
