// What a process has cost so far, in a line of JSON.

import { readFileSync } from "node:fs";

export const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export function say(at) {
  const { user, system } = process.cpuUsage();
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  process.stdout.write(`${JSON.stringify({ at, rss: Number(resident[1]) * 1024, cpu_us: user + system })}\n`);
}
