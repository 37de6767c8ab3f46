// The peer of the case `reduce`: what a plain client does with the same answers, parse them and drop duplicates by
// index in a Map. An answer comes as bytes, and what is new in it is handed on. Each line that comes in starts a round;
// its nanoseconds and the count of rows go out as a line.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [file] = process.argv.slice(2);
const bodies = readFileSync(file, 'utf8').split('\n').filter(Boolean).map((body) => Buffer.from(body));
const decoder = new TextDecoder();
let news = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  const start = process.hrtime.bigint();
  const seen = new Map();
  for (const body of bodies) {
    const { data } = JSON.parse(decoder.decode(body));
    const fresh = [];
    for (const entry of data.messages ?? []) {
      if (seen.has(entry.index)) continue;
      const row = {
        id: entry.index,
        at: Date.parse(entry.utcTime),
        type: entry.type,
        from: { id: entry.from?.participantId, name: entry.from?.nickname, role: entry.from?.type },
        text: entry.text,
      };
      seen.set(entry.index, row);
      fresh.push(row);
    }
    news += fresh.length;
  }
  console.log(String(process.hrtime.bigint() - start), seen.size);
}
