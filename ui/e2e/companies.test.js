// Companies that the person added: changed and removed from where they are found; those of the contact centre stay as they are.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { barriers, open, soon } from './bench.js';

let bench;
before(async () => {
  bench = await open();
});
after(() => bench.stop());

const said = (page) => page.locator('[data-part="said-status"] p').allInnerTexts();
const calls = (page, name) => page.evaluate((wanted) => window.__fake.calls.filter((call) => call.name === wanted), name);
const part = (page) => page.evaluate(() => document.activeElement?.dataset.part ?? document.activeElement?.tagName);

test('a company in the list is changed by keyboard, with its details filled in', async () => {
  const { page, part: at, complaints, shot, close } = await bench.page({ scene: 'inbox' });
  await at('composer').waitFor();
  // Only the one that the person added has a menu.
  await soon(async () => assert.equal(await at('company-menu').count(), 1));
  await at('company-menu').focus();
  assert.equal(await at('company-menu').getAttribute('aria-label'), 'Change or remove Harden Library');
  await page.keyboard.press('Enter');
  await soon(async () => assert.equal(await part(page), 'menu-change-company'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await shot('company-menu');
  await page.keyboard.press('Enter');
  await at('add').waitFor();
  await soon(async () => assert.equal(await page.locator('[data-part="add"] .title').innerText(), 'Change Harden Library'));
  assert.equal(await page.locator('[name="name"]').inputValue(), 'Harden Library');
  assert.equal(await page.locator('[name="url"]').inputValue(), 'https://chat.harden.example/sessions');
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.locator('[name="api_key"]').fill('k-2');
  await page.keyboard.press('Enter');
  await at('ready').waitFor();
  const [added] = await calls(page, 'addDeployment');
  assert.deepEqual([added.args[0].id, added.args[0].settings.api_key], ['harden', 'k-2']);
  await soon(async () => assert.ok((await said(page)).includes('The details of Harden Library are saved.')));
  assert.deepEqual(complaints, []);
  await close();
});

test('a company is removed after a question, and its chat stays to be read', async () => {
  for (const width of [1000, 400]) {
    const { page, part: at, complaints, close } = await bench.page({ scene: 'inbox', width });
    await page.locator('[data-part="row"]', { hasText: 'Alder Bank' }).click();
    await page.locator('[data-part="header"] .title', { hasText: 'Alder Bank' }).waitFor();
    const ask = async () => {
      await at('more').focus();
      await page.keyboard.press('Enter');
      await at('menu-remove-company').click();
      await at('remove-question').waitFor();
    };
    await ask();
    await soon(async () => assert.equal(await part(page), 'keep-company'), 'the careful answer has the focus');
    await soon(async () => assert.deepEqual(await barriers(page), []));
    await page.keyboard.press('Escape');
    await at('remove-question').waitFor({ state: 'detached' });
    assert.equal((await calls(page, 'removeDeployment')).length, 0);
    await ask();
    await at('confirm-remove').click();
    await at('shelved').waitFor();
    assert.equal(await at('shelved').getAttribute('data-why'), 'company_gone');
    assert.ok((await page.locator('[data-part="message"]').count()) > 0, 'what was said is there');
    await soon(async () => assert.ok((await said(page)).includes('Alder Bank removed from your list.')));
    await at('more').click();
    assert.equal(await at('menu-remove-company').count(), 0);
    await page.keyboard.press('Escape');
    assert.deepEqual(complaints, []);
    await close();
  }
});

test('one without a chat is gone from the list, and the focus is not lost with it', async () => {
  const { page, part: at, close } = await bench.page({ scene: 'inbox' });
  await at('company-menu').click();
  await at('menu-remove-company').click();
  await at('confirm-remove').click();
  await at('company').waitFor({ state: 'detached' });
  await soon(async () => assert.notEqual(await part(page), 'BODY'));
  await close();
});

test('what cannot be removed stays, and that is said', async () => {
  const { page, part: at, close } = await bench.page({ scene: 'inbox' });
  await page.evaluate(() => (window.__fake.removeFails = window.__fake.fault('disk_failed')));
  await at('company-menu').click();
  await at('menu-remove-company').click();
  await at('confirm-remove').click();
  await page.locator('[data-part="list"] [data-part="fault"]').waitFor();
  assert.equal(await at('company').count(), 1);
  await close();
});

test('a company of the contact centre has neither', async () => {
  const { page, part: at, close } = await bench.page({ scene: 'inbox' });
  await page.locator('[data-part="header"] .title', { hasText: 'Tidewater Energy' }).waitFor();
  await at('more').click();
  await at('menu-hide').waitFor();
  assert.equal(await at('menu-change-company').count(), 0);
  await at('settings').click();
  await page.locator('[data-section="contact-centres"]').click();
  await soon(async () => assert.equal(await at('company-menu').count(), 2, 'of four companies, two are one’s own'));
  await close();
});
