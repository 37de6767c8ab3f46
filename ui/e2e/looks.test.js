// Every view in every dress: no barrier that axe finds, nothing cut off or sticking out, and a picture of each for the eye.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readdirSync, readFileSync } from 'node:fs';
import { barriers, open, soon } from './bench.js';

let bench;
before(async () => {
  bench = await open();
});
after(() => bench.stop());

/** Where a view is looked at that differs little from another. */
const SOME = ['light', 'small', 'rtl'];

/** How each view is reached. */
const VIEWS = {
  'first-run': { go: async ({ part }) => part('first-run').waitFor() },
  add: {
    go: async ({ part }) => {
      await part('add-company').click();
      await part('add').waitFor();
    },
  },
  form: {
    go: async ({ part }) => {
      await part('try-demo').click();
      await part('entry-form').waitFor();
    },
  },
  'form-empty': {
    scene: 'inbox',
    go: async ({ page, part }) => {
      await page.evaluate(() => window.__fake.show(window.__fake.open('harden').id));
      await part('start-chat').waitFor();
    },
  },
  inbox: {
    scene: 'inbox',
    go: async ({ part }) => part('row').first().waitFor(),
  },
  'company-menu': {
    scene: 'inbox',
    go: async ({ part }) => {
      await part('company-menu').click();
      await part('menu-remove-company').waitFor();
    },
  },
  'change-company': {
    scene: 'inbox',
    go: async ({ part }) => {
      await part('company-menu').click();
      await part('menu-change-company').click();
      await part('add').waitFor();
    },
  },
  'remove-company': {
    scene: 'inbox',
    go: async ({ part }) => {
      await part('company-menu').click();
      await part('menu-remove-company').click();
      await part('remove-question').waitFor();
    },
  },
  chat: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c, fake) => {
        c.lively = false;
        c.wrote('Those are all I could find.', Date.now(), { state: 'stuck', fault: fake.fault('service_error', 'retry') });
        c.wrote('Shall I look for the older ones?', Date.now(), { state: 'sending' });
        c.writes('Maya', 'No need for the older bills. Would you like the difference back, or kept for your next bill? https://tidewater.example/a/very/long/address/that/has/to/break/somewhere/in/a/small/window');
        c.types('Maya');
      });
      await page.locator('[data-delivery="sending"] .spin').waitFor();
    },
  },
  richer: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => {
        c.lively = false;
        c.canMore();
        c.offers('Tide', 'cards');
        const dates = c.offers('Tide', 'dates');
        c.command({ do: 'choose', item: dates, choices: ['tue'] });
        c.injects('Case 4711 was opened for you.');
        c.baffles('Maya');
        c.files('Maya', 'agent', 'Contract and all that goes with it, as of November 2026.pdf', 3_100_000);
        c.files('Maya', 'agent', 'Old.pdf', 900);
        const sent = c.files('Sam', 'me', 'Bills 2025.pdf', 3_100_000);
        c.delivery(sent, { state: 'uploading', sent: 1_900_000, total: 3_100_000 });
      });
      await page.locator('progress').waitFor();
    },
  },
  offers: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => {
        c.lively = false;
        c.offers('Tide', 'topics');
        c.offers('Tide', 'quick');
      });
      await page.locator('[data-choice="bill"]').click();
      await page.locator('[data-choice="refund"]').waitFor();
    },
  },
  questions: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => {
        c.lively = false;
        c.offers('Tide', 'questions');
      });
      await part('send-answers').click();
      await part('field-error').first().waitFor();
    },
  },
  // The second one cannot be had.
  'card-pictures': {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other(async (c) => {
        c.lively = false;
        const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
        const pen = canvas.getContext('2d');
        pen.fillStyle = 'teal';
        pen.fillRect(0, 0, 640, 360);
        pen.fillStyle = 'gold';
        pen.arc(320, 180, 120, 0, 7);
        pen.fill();
        const blob = await new Promise((done) => canvas.toBlob(done));
        const bytes = new Uint8Array(await blob.arrayBuffer());
        const card = (title, picture) => ({
          title,
          text: 'Two rooms and a view of the harbour.',
          picture,
          choices: [{ id: title, label: 'Choose', says: title, hint: null, does: { does: 'say' } }],
        });
        const cards = [card('Meter with a display', 'https://tidewater.example/1.png'), card('Meter without', 'https://tidewater.example/2.png'), card('None at all', null)];
        const offer = c.offers('Tide', { text: 'Which one is it?', cards, groups: [], passing: false, questions: null });
        c.media.set(`${offer}#0`, bytes);
      });
      await page.locator('[data-part="picture"] img').waitFor();
    },
  },
  'sign-in': {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => {
        c.lively = false;
        c.signsIn();
      });
      await part('sign-in').waitFor();
    },
  },
  'sign-in-needed': {
    scene: 'inbox',
    only: SOME,
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => {
        c.lively = false;
        c.needsSignIn();
      });
      await part('fault-sign-in').waitFor();
    },
  },
  banner: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => {
        c.shows(undefined, { minimises: true });
        c.idles(59);
      });
      await part('banner').waitFor();
      await part('idle').waitFor();
    },
  },
  'banner-small': {
    scene: 'inbox',
    only: SOME,
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => c.shows(undefined, { minimises: true, minimised: true, minimised_text: 'Talking to Ravi' }));
      await part('banner-open').waitFor();
    },
  },
  'banner-leaving': {
    scene: 'inbox',
    only: [...SOME, 'dark'],
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => c.shows());
      await page.locator('[data-choice="leave"]').click();
      await page.locator('[data-pending]').waitFor();
    },
  },
  elsewhere: {
    scene: 'inbox',
    only: SOME,
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c, fake) => c.change({ change: 'fault', to: fake.fault('open_elsewhere') }));
      await part('elsewhere').waitFor();
    },
  },
  'too-long': {
    scene: 'inbox',
    only: [...SOME, 'dark', 'forced'],
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => c.canMore());
      await page.locator('textarea').fill('word '.repeat(60));
      await part('too-long').waitFor();
    },
  },
  details: {
    scene: 'inbox',
    only: [...SOME, 'dark'],
    go: async ({ page, part }) => {
      await openFirst(page, part);
      await part('more').click();
      await part('menu-details').click();
      await page.locator('.stays').waitFor();
    },
  },
  name: {
    scene: 'inbox',
    only: [...SOME, 'dark'],
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => c.can({ nickname: true }));
      await part('more').click();
      await part('menu-name').click();
      await page.locator('input[name="nickname"]').waitFor();
    },
  },
  closing: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => c.closes('Maya'));
      await part('closing').waitFor();
    },
  },
  guard: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => c.closes('Maya'));
      await page.locator('textarea').fill('Thanks!');
      await page.keyboard.press('Enter');
      await part('guard').waitFor();
    },
  },
  ended: {
    scene: 'inbox',
    go: async ({ page, part }) => {
      await page.evaluate(() => window.__fake.show('fernway-1'));
      await part('ended').waitFor();
    },
  },
  lost: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => {
        c.wrote('one', Date.now(), { state: 'queued' });
        c.ends('lost', null, { unsent: 1 });
      });
      await part('ended').waitFor();
    },
  },
  offline: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => c.down('offline', 40));
      await part('strip').waitFor();
    },
  },
  menu: {
    scene: 'inbox',
    go: async ({ page, part }) => {
      await openFirst(page, part);
      await part('more').click();
      await part('menu-hide').waitFor();
    },
  },
  'menu-guest': {
    scene: 'inbox',
    only: SOME,
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c) => c.can({ sign_in: true }));
      await part('more').click();
      await part('menu-sign-in').waitFor();
    },
  },
  'menu-save': {
    scene: 'inbox',
    go: async ({ page, part }) => {
      await page.evaluate(() => window.__fake.show('fernway-1'));
      await part('ended').waitFor();
      await part('save-copy').click();
      await part('save-json').waitFor();
    },
  },
  'delete-question': {
    scene: 'inbox',
    go: async ({ page, part }) => {
      await openFirst(page, part);
      await part('more').click();
      await part('menu-delete').click();
      await part('delete-question').waitFor();
    },
  },
  'search-hint': { scene: 'inbox', only: SOME, go: async ({ page, part }) => search(page, part, '') },
  'search-nothing': {
    scene: 'inbox',
    only: SOME,
    go: async ({ page, part }) => {
      await search(page, part, 'metre');
      await part('search-nothing').waitFor();
    },
  },
  search: {
    scene: 'inbox',
    go: async ({ page, part }) => {
      await page.evaluate(longer);
      await search(page, part, 'the');
      await part('hit').first().waitFor();
    },
  },
  found: {
    scene: 'inbox',
    only: SOME,
    go: async ({ page, part }) => {
      await page.evaluate(longer);
      await search(page, part, 'meter');
      await part('hit').first().click();
      await page.locator('[data-found]').waitFor();
    },
  },
  find: {
    scene: 'inbox',
    go: async ({ page, part }) => {
      await page.evaluate(longer);
      await openFirst(page, part);
      await page.keyboard.press('Control+f');
      await part('find-field').fill('meter');
      await page.locator('[data-found]').waitFor();
    },
  },
  unsure: {
    scene: 'inbox',
    go: async ({ page, part, other }) => {
      await openFirst(page, part);
      await other((c, fake) => c.wrote('It usually goes out on the 28th.', Date.now(), { state: 'stuck', fault: fake.fault('perhaps_sent') }));
      await part('retry').waitFor();
    },
  },
  'disk-full': {
    scene: 'inbox',
    go: async ({ page, part }) => {
      await openFirst(page, part);
      await page.evaluate(() => window.__fake.fullDisk(true));
      await page.locator('textarea').fill('It usually goes out on the 28th.');
      await page.keyboard.press('Enter');
      await part('sending-slow').waitFor();
      await part('memory').locator('summary').click();
    },
  },
  shared: {
    scene: 'inbox',
    only: SOME,
    go: async ({ page, part }) => {
      await openFirst(page, part);
      await page.evaluate(() => window.__fake.host().setSettings({ ...window.__fake.view.settings, keep: { keep: 'until_quit' } }));
      await page.locator('[data-part="memory"][data-why="shared"]').waitFor();
    },
  },
  'archive-memory': { scene: 'inbox', go: (tools) => archive(tools, { archive: 'memory', why: 'keyring_missing' }) },
  'archive-rebuilt': {
    scene: 'inbox',
    go: (tools) => archive(tools, { archive: 'rebuilt', aside: '/home/sam/.local/share/envoi/archive-2026-11-27.damaged' }),
  },
  'archive-opening': {
    only: SOME,
    go: async ({ page, part }) => {
      await archive({ page, part }, { archive: 'opening' }, 'opening');
      await page.waitForTimeout(500);
    },
  },
  'settings-keep-question': {
    scene: 'inbox',
    go: async (tools) => {
      await settings(tools, 'notifications');
      await tools.page.locator('[name="keep"]').selectOption('30');
      await tools.part('keep-question').waitFor();
    },
  },
  'settings-notifications': { scene: 'inbox', go: (tools) => settings(tools, 'notifications') },
  'settings-appearance': { scene: 'inbox', go: (tools) => settings(tools, 'appearance') },
  'settings-keyboard': { scene: 'inbox', go: (tools) => settings(tools, 'keyboard') },
  'settings-contact-centres': { scene: 'inbox', go: (tools) => settings(tools, 'contact-centres') },
  'settings-about': { scene: 'inbox', go: (tools) => settings(tools, 'about') },
};

async function openFirst(page, part) {
  await page.evaluate(() => window.__fake.show('tidewater-3'));
  await part('composer').waitFor();
}

/** More words to find, older and newer. */
function longer() {
  const chat = window.__fake.conversations.get('tidewater-3');
  chat.lively = false;
  chat.writes('Maya', 'Just read the meter on the first of each month, and you’ll never get an estimate again. The display is behind the small grey flap of the meter.');
  chat.remember(90);
  chat.past[4].content.text = [{ text: 'Time for a meter reading. It takes about a minute, and the photo of the meter can be sent right here.', href: null }];
  window.__fake.conversations.get('alder-2').wrote('The payment to Tidewater for the smart meter was returned.');
}

async function search(page, part, words) {
  await part('search-field').waitFor();
  await page.keyboard.press('Control+k');
  await part('search-field').fill(words);
}

async function archive({ page, part }, state, shown = 'archive') {
  await page.waitForFunction(() => window.__fake);
  await page.evaluate((to) => window.__fake.refresh({ archive: to }), state);
  await part(shown).waitFor();
}

async function settings({ page, part }, section) {
  await part('settings').click();
  await page.locator(`[data-section="${section}"]`).click();
}

/** To look at some views alone: their names in `VIEWS`, with commas. */
const WANTED = process.env.VIEWS?.split(',') ?? null;

/** How the window may look. */
const DRESSES = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  small: { colorScheme: 'light', width: 380, height: 480 },
  rtl: { locale: 'ar' },
  'rtl-small': { locale: 'ar', width: 380, height: 480 },
  german: { locale: 'de-DE', width: 380, height: 640 },
  forced: { forcedColors: 'active' },
  contrast: { contrast: 'more' },
};

/** Where axe looks as well; the others differ in nothing that it could tell. */
const EXAMINED = ['light', 'dark', 'small', 'rtl', 'forced'];

/** Parts that stick out of the window at a side, or words that are cut off without an ellipsis. */
function overflows() {
  const wide = document.documentElement.clientWidth;
  const seen = (element) => element.checkVisibility() && !element.closest('.sr');
  return Array.from(document.querySelectorAll('button, input, select, textarea, h1, h2, h3, p, .b, .photo'))
    .filter(seen)
    .filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && (box.left < -1 || box.right > wide + 1);
    })
    .map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`);
}

// Two at once: one waits for its page while the other's is drawn.
describe('every view', { concurrency: 2 }, () => {
  for (const [dress, options] of Object.entries(DRESSES)) {
    test(dress, async () => {
      for (const [name, view] of Object.entries(VIEWS)) {
        if (view.only && !view.only.includes(dress)) continue;
        if (WANTED && !WANTED.includes(name)) continue;
        const tools = await bench.page({ ...options, scene: view.scene });
        await view.go(tools);
        await tools.page.waitForTimeout(220);
        await tools.shot(`${name}-${dress}`);
        if (EXAMINED.includes(dress)) await soon(async () => assert.deepEqual(await barriers(tools.page), [], `${name} ${dress}`));
        await soon(async () => assert.deepEqual(await tools.page.evaluate(overflows), [], `${name} ${dress}`));
        assert.deepEqual(tools.complaints, [], `${name} ${dress}`);
        await tools.close();
      }
    });
  }
});

test('the theme of the settings wins over the system’s', async () => {
  const { page, part, close } = await bench.page({ scene: 'inbox', colorScheme: 'light' });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await settings({ page, part }, 'appearance');
  await page.locator('[name="theme"][value="dark"]').check();
  await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor !== before, light);
  await soon(async () => assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.locator('[name="theme"][value="system"]').check();
  await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor === before, light);
  await close();
});

test('nothing moves when the person wants no motion', async () => {
  const { page, part, other, close } = await bench.page({ scene: 'inbox', reducedMotion: 'reduce' });
  await part('composer').waitFor();
  await other((c) => {
    c.wrote('slow', Date.now(), { state: 'sending' });
    c.types('Maya');
  });
  await page.getByText('Sending…').waitFor();
  await other((c) => c.closes('Maya'));
  const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 0).length);
  assert.equal(moving, 0);
  await close();
});

test('a small window shows the list or the chat, with a way back', async () => {
  const { page, part, close } = await bench.page({ scene: 'inbox', width: 380, height: 480 });
  await soon(async () => assert.equal(await part('list').count(), 1));
  await soon(async () => assert.equal(await part('chat').count(), 0));
  await part('row').first().click();
  await part('composer').waitFor();
  await soon(async () => assert.equal(await part('list').count(), 0));
  await part('back').click();
  await part('list').waitFor();
  await soon(async () => assert.equal(await part('chat').count(), 0));
  const watching = await page.evaluate(() => window.__fake.calls.findLast((call) => call.name === 'watching').args[0]);
  assert.equal(watching, null);
  await page.setViewportSize({ width: 960, height: 680 });
  await part('chat').waitFor();
  await soon(async () => assert.equal(await part('list').count(), 1));
  await close();
});

test('right-to-left text mirrors the window', async () => {
  const { page, part, close } = await bench.page({ scene: 'inbox', locale: 'ar-EG' });
  await part('composer').waitFor();
  await soon(async () => assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl'));
  const list = await part('list').boundingBox();
  const chat = await part('chat').boundingBox();
  assert.ok(list.x > chat.x);
  const own = await page.locator('[data-part="message"][data-role="me"] [data-part="words"]').first().boundingBox();
  const theirs = await page.locator('[data-part="message"][data-role="agent"] [data-part="words"]').first().boundingBox();
  assert.ok(own.x < theirs.x);
  await close();
});

test('the shipped build holds nothing inline and no in-memory host', () => {
  const dist = new URL('../dist/', import.meta.url);
  const page = readFileSync(new URL('index.html', dist), 'utf8');
  assert.doesNotMatch(page, /<style|style=|<script>|<script(?![^>]*\bsrc=)|\son\w+=/);
  assert.doesNotMatch(page, /https?:\/\//);
  const code = readdirSync(new URL('assets/', dist)).map((file) => readFileSync(new URL(`assets/${file}`, dist), 'utf8')).join('\n');
  assert.doesNotMatch(code, /__fake/);
  assert.doesNotMatch(code, /\beval\(|new Function\(/);
});
