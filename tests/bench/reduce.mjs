// The peer of the case `reduce`: what a plain client does with the same answers, parse them and drop duplicates by
// index in a Map. An answer comes as bytes, and what is new in it is handed on. Prints nanoseconds for each round, one
// line each.
import { readFileSync } from 'node:fs';

const [file, rounds] = process.argv.slice(2);
const bodies = readFileSync(file, 'utf8').split('\n').filter(Boolean).map((body) => Buffer.from(body));
let news = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  const start = process.hrtime.bigint();
  const seen = new Map();
  for (const body of bodies) {
    const { data } = JSON.parse(body.toString());
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
