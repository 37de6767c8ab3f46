// The peer of the case `reduce`: what a plain client does with the same answers, parse them and drop duplicates by
// index in a Map. Prints nanoseconds for each round, one line each.
import { readFileSync } from 'node:fs';

const [file, rounds] = process.argv.slice(2);
const bodies = readFileSync(file, 'utf8').split('\n').filter(Boolean);
for (let round = 0; round < Number(rounds); round += 1) {
  const start = process.hrtime.bigint();
  const seen = new Map();
  for (const body of bodies) {
    const { data } = JSON.parse(body);
    for (const entry of data.messages ?? []) {
      if (seen.has(entry.index)) continue;
      seen.set(entry.index, {
        id: entry.index,
        at: Date.parse(entry.utcTime),
        type: entry.type,
        from: { id: entry.from?.participantId, name: entry.from?.nickname, role: entry.from?.type },
        text: entry.text,
      });
    }
  }
  console.log(String(process.hrtime.bigint() - start), seen.size);
}
