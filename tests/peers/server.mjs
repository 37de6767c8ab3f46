// CometD's own server for Node, which Envoi's client is tried against. It says its address as a line of JSON, and then what the
// client does; what it is to do comes in as such lines.

import { createServer } from "node:http";
import { createInterface } from "node:readline";
import cometd from "cometd-nodejs-server";
import acknowledgements from "cometd-nodejs-server/ack-extension.js";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const server = cometd.createCometDServer({ timeout: 2000, maxInterval: 1500, logLevel: "warn" });
server.addExtension(new acknowledgements.AcknowledgedMessagesExtension());

let session;
const echo = server.createServerChannel("/service/echo");
echo.addListener("message", (from, _, message, done) => {
  session = from;
  say({ heard: message.data });
  from.deliver(null, "/service/echo", { echo: message.data });
  done();
});
server.addListener("sessionAdded", ({ id }) => say({ added: id }));
server.addListener("sessionRemoved", ({ id }, expired) => say({ removed: id, expired }));

const http = createServer(server.handle);
http.listen(0, "127.0.0.1", () => say({ url: `http://127.0.0.1:${http.address().port}/cometd` }));
createInterface({ input: process.stdin }).on("line", (line) => {
  const { deliver, forget } = JSON.parse(line);
  if (deliver !== undefined) session.deliver(null, "/service/echo", deliver);
  if (forget) session.disconnect();
});
