// Bare sockets of npm's `ws` with a heartbeat each, and a ping after 15 seconds of silence, as the service's own client has it; nothing
// else. Says where it is in lines of JSON, as the benchmark's own process does.
//
//     node idle.mjs URL SOCKETS HEARTBEAT SETTLE WINDOW     (times in seconds)

import WebSocket from "ws";
import { say, wait } from "./cost.mjs";

const [url, ...numbers] = process.argv.slice(2);
const [count, heartbeat, settle, window] = numbers.map(Number);
const AT_ONCE = 32;
const SILENCE = 15_000;
const echo = JSON.stringify({ action: "echo", message: { type: "Text", text: "ping" }, tracingId: "echo" });

const sockets = [];
async function open() {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  sockets.push(socket);
  const silence = setTimeout(() => socket.ping(), SILENCE);
  socket.on("message", () => silence.refresh());
  socket.on("pong", () => silence.refresh());
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  setInterval(() => socket.send(echo), heartbeat * 1000);
}
async function openMany() {
  while (sockets.length <= count) await open();
}
// The first brings the code into memory.
await open();
await wait(1);
say("start");
await Promise.all(Array.from({ length: AT_ONCE }, openMany));
await wait(settle);
say("begin");
await wait(window);
say("end");
process.exit(0);
