// CometD's own client in a chat with the sandbox: what it is told goes out as lines of JSON, what it is to do comes in as such.
//
//     node client.mjs URL websocket|long-polling

import { createInterface } from "node:readline";
import { CometD } from "cometd";
import { AckExtension } from "cometd/AckExtension.js";
import { adapt } from "cometd-nodejs-client";

const [url, transport] = process.argv.slice(2);
const channel = "/service/chatV2/customer-support";
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

adapt();
const client = new CometD();
for (const name of client.getTransportTypes()) {
  if (name !== transport) client.unregisterTransport(name);
}
client.registerExtension("ack", new AckExtension());
client.configure({ url, maxBackoff: 1000, logLevel: "warn" });
// Nothing but JSON goes out, whatever it wants to log.
console.log = console.info = console.warn = (...words) => console.error(...words);

let chat = {};
let next = 1;
client.addListener("/meta/handshake", ({ successful, clientId }) => {
  say({ handshake: successful, clientId });
  if (successful && chat.secureKey) publish("requestNotifications", { transcriptPosition: next });
});
client.addListener("/meta/connect", ({ successful, error }) => {
  if (!successful) say({ connect: false, error });
});
client.addListener(channel, ({ data }) => {
  if (data.statusCode === 0 && data.secureKey) {
    const { chatId, userId, secureKey, alias } = data;
    chat = { chatId, userId, secureKey, alias };
  }
  for (const { index } of data.messages ?? []) next = Math.max(next, index + 1);
  say({ delivery: data });
});
const publish = (operation, more) => client.publish(channel, { operation, ...chat, ...more });

client.handshake();
createInterface({ input: process.stdin }).on("line", (line) => {
  const { operation, ...more } = JSON.parse(line);
  if (operation === "bye") client.disconnect(() => process.exit(0));
  else publish(operation, more);
});
