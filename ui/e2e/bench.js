// The bench of the browser tests: serves the build for a plain browser with the page policy of the real window, starts
// the system's Chromium, and notes whatever a page complains about.
import { createServer } from 'node:http';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const UI = fileURLToPath(new URL('..', import.meta.url));
const PICTURES = join(UI, 'test-results');
const AXE = readFileSync(join(UI, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** The policy of the real window, with the page's own origin in the place of its messages to the core. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
  "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** Serves one built folder on a free port. */
async function serve(folder) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    const file = join(UI, folder, path === '/' ? 'index.html' : path);
    try {
      const body = readFileSync(file);
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY });
      response.end(body);
    } catch {
      // Browsers ask for a favicon by themselves; the window has its icon elsewhere.
      response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

/** A browser, a server, and pages on it. */
export async function open() {
  mkdirSync(PICTURES, { recursive: true });
  const profile = mkdtempSync(join(tmpdir(), 'envoi-ui-'));
  const served = await serve('dist-fake');
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
    env: { ...process.env, HOME: profile },
  });
  return {
    address: served.address,
    page: (options) => newPage(browser, served.address, options),
    stop: async () => {
      await browser.close();
      served.stop();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** A page with what it complained of in `complaints`. */
async function newPage(browser, address, { scene = '', width = 960, height = 680, locale = 'en-GB', clock = false, ...rest } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale, timezoneId: 'Europe/London', ...rest });
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.addInitScript(() => {
    // The real window freezes it, so that nothing can change it under the core's feet; the interface has to live with that.
    Object.freeze(Object.prototype);
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  if (clock) await page.clock.install();
  await page.goto(scene ? `${address}?scene=${scene}` : address);
  await page.waitForSelector('[data-part]:not([data-part^="said"])');
  return {
    page,
    complaints,
    part: (name) => page.locator(`[data-part="${name}"]`),
    /** Runs something on the last opened conversation of the in-memory host. */
    other: (act, arg) => page.evaluate(([source, value]) => new Function('c', 'fake', 'arg', `return (${source})(c, fake, arg)`)(window.__fake.last, window.__fake, value), [act.toString(), arg]),
    close: () => context.close(),
    shot: (name) => page.screenshot({ path: join(PICTURES, `${name}.png`) }),
  };
}

/**
 * Tries a check until it holds, and gives what it returned. A page may take its time on a busy machine; after `within`
 * milliseconds the check's own complaint is what is thrown.
 */
export async function soon(check, within = 15_000) {
  const end = Date.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (fault) {
      if (Date.now() > end) throw fault;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }
}

/** What axe finds wrong on a page, one line each. */
export async function barriers(page) {
  // The page's policy forbids scripts from elsewhere, so this goes in through the debugger, which is not the page.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary}`));
  });
  return found;
}
