// What is half filled in is there again when somebody comes back to it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open, soon } from './bench.js';

let bench;
before(async () => {
  bench = await open();
});
after(() => bench.stop());

const row = (page, company) => page.locator('[data-part="row"]', { hasText: company }).first();
const title = (part) => part('header').locator('.title').innerText();

test('a half-filled entry form is there again after another chat, and gone once its chat has begun', async () => {
  const { page, part, other, complaints, close } = await bench.page({ scene: 'inbox' });
  await page.evaluate(() => window.__fake.show(window.__fake.open('tidewater').id));
  await part('composer').waitFor();
  await other((c) => c.ends('ended_by_me'));
  await part('start-again').click();
  await part('entry-form').waitFor();
  const form = await page.locator('[data-part="chat"]').getAttribute('data-conversation');
  await page.locator('[name="firstname"]').fill('Ada');
  await page.locator('[name="email"]').fill('ada@ex');
  await row(page, 'Alder Bank').click();
  await soon(async () => assert.equal(await title(part), 'Alder Bank'));
  await page.locator(`[data-part="row"][data-conversation="${form}"]`).click();
  await part('entry-form').waitFor();
  await soon(async () => assert.equal(await page.locator('[name="firstname"]').inputValue(), 'Ada'));
  assert.equal(await page.locator('[name="email"]').inputValue(), 'ada@ex');
  const told = await page.evaluate(() => JSON.stringify(window.__fake.calls) + JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.equal(told.includes('ada@ex'), false, 'it is kept nowhere but in the window');
  await page.locator('[name="email"]').fill('ada@example.org');
  await part('start-chat').click();
  await part('composer').waitFor();
  await other((c) => c.ends('ended_by_me'));
  await part('start-again').click();
  await part('entry-form').waitFor();
  await soon(async () => assert.notEqual(await page.locator('[name="email"]').inputValue(), 'ada@example.org'));
  assert.deepEqual(complaints, []);
  await close();
});

test('half-given answers and marks are there again after another chat', async () => {
  const { page, part, other, complaints, close } = await bench.page({ scene: 'inbox' });
  await part('composer').waitFor();
  await other((c) => {
    c.lively = false;
    c.canMore();
    c.offers('Tide', 'topics');
    c.offers('Tide', 'questions');
  });
  await page.getByLabel('Number').fill('4711');
  await page.locator('[data-choice="bill"]').first().click();
  await row(page, 'Alder Bank').click();
  await soon(async () => assert.equal(await title(part), 'Alder Bank'));
  await row(page, 'Tidewater Energy').click();
  await soon(async () => assert.equal(await title(part), 'Tidewater Energy'));
  await soon(async () => assert.equal(await page.getByLabel('Number').inputValue(), '4711'));
  await page.locator('[data-choice="bill"][aria-pressed="true"]').first().waitFor();
  assert.deepEqual(complaints, []);
  await close();
});
