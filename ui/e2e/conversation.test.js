// A whole conversation without a mouse, from the first run to the end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { barriers, open, soon } from './bench.js';

let bench;
before(async () => {
  bench = await open();
});
after(() => bench.stop());

/** Presses Tab until the focus is on a part, and fails if it never gets there. */
async function tabTo(page, name, key = 'Tab') {
  for (let i = 0; i < 40; i++) {
    if (await page.evaluate((part) => document.activeElement?.matches(`[data-part="${part}"], [data-part="${part}"] *`), name)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${name} is not reached by ${key}`);
}

const focused = (page) => page.evaluate(() => document.activeElement?.closest('[data-part]')?.getAttribute('data-part'));

test('a whole conversation by keyboard alone', async () => {
  const { page, part, other, complaints, close } = await bench.page();
  await tabTo(page, 'try-demo');
  await page.keyboard.press('Enter');

  // The form is ready for writing, and says what is missing where it is missing.
  await part('entry-form').waitFor();
  await page.locator('[name="firstname"]').focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Enter');
  await soon(async () => assert.equal(await part('field-error').innerText(), 'Add your first name.'));
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.name), 'firstname'));
  await page.keyboard.type('Sam');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('sam@nowhere');
  await page.keyboard.press('Enter');
  await soon(async () => assert.equal(await part('field-error').innerText(), 'This doesn’t look like an email address.'));
  await page.keyboard.type('.example');
  await tabTo(page, 'start-chat');
  await page.keyboard.press('Enter');

  // The chat opens with the cursor in the composer.
  await part('composer').waitFor();
  await soon(async () => assert.equal(await focused(page), 'composer'));
  await part('message').filter({ hasText: 'What can I help with?' }).waitFor();
  await page.keyboard.type('My October bill');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('is high.');
  await page.keyboard.press('Enter');
  const own = page.locator('[data-part="message"][data-role="me"]');
  await own.waitFor();
  await soon(async () => assert.equal(await own.locator('[data-part="words"]').innerText(), 'My October bill\nis high.'));
  await page.locator('[data-part="message"][data-role="me"][data-delivery="sent"]').waitFor();
  await part('typing').waitFor();
  await soon(async () => assert.match(await part('typing').innerText(), /Maya is typing/));
  await page.locator('[data-part="message"][data-role="agent"]').first().waitFor();
  await soon(async () => assert.equal(await part('standing').innerText(), 'Maya is with you'));
  await soon(async () => assert.equal(await part('typing').count(), 0));

  // The timeline is one stop; arrows go through it.
  await page.keyboard.press('Shift+F6');
  await soon(async () => assert.equal(await focused(page), 'message'));
  await page.keyboard.press('Home');
  await soon(async () => assert.match(await page.evaluate(() => document.activeElement.innerText), /What can I help with/));
  await page.keyboard.press('ArrowDown');
  await soon(async () => assert.match(await page.evaluate(() => document.activeElement.innerText), /My October bill/));
  await page.keyboard.press('Escape');
  await soon(async () => assert.equal(await focused(page), 'composer'));

  // The agent closes the case; a stray thanks is asked about.
  await other((c) => c.closes('Maya'));
  await part('closing').waitFor();
  await soon(async () => assert.match(await part('closing').innerText(), /Maya has closed this case\n+You can still write\. Your next message starts a new case\./));
  await page.keyboard.type('Thanks!');
  await page.keyboard.press('Enter');
  await part('guard').waitFor();
  await soon(async () => assert.equal(await focused(page), 'dont-send'));
  await page.keyboard.press('Escape');
  await part('guard').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await focused(page), 'composer'));
  await soon(async () => assert.equal(await page.locator('textarea').inputValue(), 'Thanks!'));
  await page.keyboard.press('Enter');
  await part('guard').waitFor();
  await tabTo(page, 'send-anyway');
  await page.keyboard.press('Enter');
  await page.locator('[data-part="message"][data-role="me"]', { hasText: 'Thanks!' }).waitFor();
  await soon(async () => assert.equal(await part('closing').count(), 0));
  await soon(async () => assert.equal(await page.locator('textarea').inputValue(), ''));
  await soon(async () => assert.equal(await focused(page), 'composer'));

  // Ending is asked about too; the careful answer has the focus.
  await tabTo(page, 'end-chat', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await part('end-question').waitFor();
  await soon(async () => assert.equal(await focused(page), 'keep-chatting'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.keyboard.press('Escape');
  await part('end-question').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await focused(page), 'end-chat'));
  await page.keyboard.press('Enter');
  await tabTo(page, 'confirm-end');
  await page.keyboard.press('Enter');
  await part('ended').waitFor();
  await soon(async () => assert.equal(await part('ended').getAttribute('data-reason'), 'ended_by_me'));
  await soon(async () => assert.equal(await part('composer').count(), 0));
  await tabTo(page, 'start-again');
  await page.keyboard.press('Enter');
  await part('entry-form').waitFor();
  await soon(async () => assert.equal(await part('row').count(), 2));
  assert.deepEqual(complaints, []);
  await close();
});

test('the keys of the window', async () => {
  const { page, part, complaints, close } = await bench.page({ scene: 'inbox' });
  const title = () => part('header').locator('.title').innerText();
  await part('composer').waitFor();
  await soon(async () => assert.equal(await title(), 'Tidewater Energy'));
  await page.keyboard.press('Alt+ArrowDown');
  await page.locator('[data-part="row"][aria-current]', { hasText: 'Alder Bank' }).waitFor();
  await soon(async () => assert.equal(await title(), 'Alder Bank'));
  await page.keyboard.press('Alt+ArrowUp');
  await page.keyboard.press('Control+3');
  await part('ended').waitFor();
  await soon(async () => assert.equal(await title(), 'Fernway Rail'));
  await page.keyboard.press('Control+1');
  await part('composer').waitFor();

  // Regions, around and back.
  const order = [];
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press('F6');
    order.push(await page.evaluate(() => document.activeElement.closest('[data-region]').dataset.region));
  }
  assert.deepEqual(order, ['list', 'header', 'timeline', 'composer']);

  // The list is one stop, with arrows inside.
  await page.keyboard.press('F6');
  await page.locator('[data-part="row"]').first().focus();
  await page.keyboard.press('End');
  await soon(async () => assert.match(await page.evaluate(() => document.activeElement.innerText), /Fernway Rail/));
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await soon(async () => assert.equal(await title(), 'Alder Bank'));

  // The list of keys, settings, hiding and quitting.
  await page.keyboard.press('Control+/');
  await part('keys-sheet').waitFor();
  await soon(async () => assert.match(await part('keys').innerText(), /Ctrl\+Shift\+U/));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.keyboard.press('Escape');
  await part('keys-sheet').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+,');
  await part('settings-view').waitFor();
  await page.keyboard.press('Escape');
  await part('composer').waitFor();
  await page.keyboard.press('Control+w');
  await part('hide-explained').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.__fake.calls.some((call) => call.name === 'hideWindow'));
  await page.keyboard.press('Control+w');
  await page.keyboard.press('Control+q');
  const calls = await page.evaluate(() => window.__fake.calls.map((call) => call.name));
  assert.equal(calls.filter((name) => name === 'hideWindow').length, 2);
  assert.equal(calls.filter((name) => name === 'quit').length, 1);
  assert.deepEqual(complaints, []);
  await close();
});

test('attaching by key opens the chooser, and what is chosen is sent and shown', async () => {
  const { page, part, complaints, close } = await bench.page({ scene: 'inbox' });
  await part('composer').waitFor();
  const choosers = [];
  page.on('filechooser', (one) => choosers.push(one));
  // A busy machine may see the key before the page's choosers are caught; whoever sees nothing presses again.
  await soon(async () => {
    await page.keyboard.press('Control+Shift+U');
    await soon(() => assert.ok(choosers.length > 0), 3000);
  });
  await choosers[0].setFiles({ name: 'meter.png', mimeType: 'image/png', buffer: PNG });
  const picture = part('picture').locator('img');
  await picture.waitFor();
  await soon(async () => assert.match(await picture.getAttribute('src'), /^blob:/));
  await soon(async () => assert.ok(await picture.evaluate((image) => image.complete && image.naturalWidth > 0)));
  await part('picture').locator('button').click();
  await page.locator('dialog img.large').waitFor();
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await focused(page), 'picture'));
  assert.deepEqual(complaints, []);
  await close();
});

/** A picture of one point. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
