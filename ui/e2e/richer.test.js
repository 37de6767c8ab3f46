// More than words: offers, files, banners, idle alerts, and what follows from what a service can do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open, soon } from './bench.js';

let bench;
before(async () => {
  bench = await open();
});
after(() => bench.stop());

/** The chat with the energy company, quiet, with everything that can be done. */
async function chat(options = {}) {
  const tools = await bench.page({ scene: 'inbox', ...options });
  await tools.part('composer').waitFor();
  await tools.other((c) => {
    c.lively = false;
    c.canMore();
  });
  const commands = () => tools.page.evaluate(() => window.__fake.calls.filter((call) => call.name === 'command').map((call) => call.args[1]));
  const said = () => tools.page.evaluate(() => Array.from(document.querySelectorAll('[data-part^="said"]'), (one) => one.textContent).join('\n'));
  return { ...tools, commands, said };
}

test('a quick reply is chosen with the keyboard alone, and the composer is ready again', async () => {
  const { page, other, commands, said, close } = await chat();
  await other((c) => c.offers('Tide', 'quick'));
  await page.locator('[data-choice="refund"]').waitFor();
  await soon(async () => assert.match(await said(), /3 answers to choose from/));
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA', 'nothing takes the focus'));
  await page.keyboard.press('Shift+Tab');
  for (let step = 0; step < 12; step++) {
    if ((await page.evaluate(() => document.activeElement.dataset.choice)) === 'keep') break;
    await page.keyboard.press('Shift+Tab');
  }
  await page.keyboard.press('Enter');
  await page.locator('[data-choice="keep"]').waitFor({ state: 'detached' });
  await soon(async () => assert.deepEqual((await commands()).filter((one) => one.do === 'choose').map((one) => one.choices), [['keep']]));
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA'));
  await close();
});

test('quick replies vanish when the person writes something else', async () => {
  const { page, other, close } = await chat();
  await other((c) => c.offers('Tide', 'quick'));
  await page.locator('[data-choice="refund"]').waitFor();
  await page.locator('textarea').fill('Neither');
  await page.keyboard.press('Enter');
  await page.locator('[data-choice="refund"]').waitFor({ state: 'detached' });
  await close();
});

test('several choices are marked and sent together', async () => {
  const { page, other, commands, close } = await chat();
  await other((c) => c.offers('Tide', 'topics'));
  await page.locator('[data-choice="other"]').click();
  await page.locator('[data-choice="bill"]').click();
  await page.getByRole('button', { name: 'Send 2 choices' }).click();
  await page.locator('[data-choice="bill"][aria-disabled="true"][aria-pressed="true"]').waitFor();
  await soon(async () => assert.deepEqual((await commands()).find((one) => one.do === 'choose')?.choices, ['bill', 'other']));
  await close();
});

test('questions are filled in by keyboard, and all answers leave at once', async () => {
  const { page, other, commands, close } = await chat();
  const item = await other((c) => c.offers('Tide', 'questions'));
  await page.getByLabel('Number').focus();
  await page.keyboard.type('12345');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'number', 'the arrows are the field’s');
  await page.getByLabel('Read on').fill('2026-01-06');
  await page.getByLabel('Gas').focus();
  await page.keyboard.press('Space');
  await page.getByLabel('It hangs in').selectOption('cellar');
  await page.getByRole('button', { name: 'Send answers' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('[data-part="questions-closed"]').waitFor();
  const answers = { number: ['12345'], day: ['2026-01-06'], what: ['gas'], where: ['cellar'] };
  await soon(async () => assert.deepEqual((await commands()).find((one) => one.do === 'fill'), { do: 'fill', item, answers }));
  await close();
});

test('a link of a card opens through the host', async () => {
  const { page, other, close } = await chat();
  const item = await other((c) => c.offers('Tide', 'cards'));
  await page.locator('[data-choice="see"]').click();
  const call = await page.evaluate(() => window.__fake.calls.findLast((one) => one.name === 'openLink'));
  assert.deepEqual(call.args, ['tidewater-3', item, 'https://tidewater.example/bills/10']);
  await close();
});

test('a file is checked before it leaves, and the reason is a sentence with the limit', async () => {
  const { page, part, close } = await chat();
  const choose = (name, mimeType, size) => part('file').setInputFiles({ name, mimeType, buffer: Buffer.alloc(size) });
  await choose('tool.exe', 'application/octet-stream', 10);
  await soon(async () => assert.match(await part('failure').textContent(), /Tidewater Energy.* doesn’t take .*\.exe.* files/));
  await choose('huge.pdf', 'application/pdf', 5_000_001);
  await page.getByText(/takes up to/).waitFor();
  const sent = () => page.evaluate(() => window.__fake.calls.filter((call) => call.name === 'attach').map((call) => call.args.slice(1)));
  await soon(async () => assert.deepEqual(await sent(), []));
  await choose('bill.pdf', 'application/pdf', 10);
  await page.locator('[data-part="file-card"]').waitFor();
  await soon(async () => assert.deepEqual(await sent(), [['bill.pdf', 'application/pdf', 10]]));
  await close();
});

test('a dropped file of any kind is taken where the company takes it', async () => {
  const { page, part, other, close } = await chat();
  const drop = async () => {
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['x'], 'notes.txt', { type: 'text/plain' }));
      return transfer;
    });
    await part('chat').dispatchEvent('drop', { dataTransfer: data });
  };
  await other((c) => c.can({ files: null }));
  await part('attach').waitFor({ state: 'detached' });
  await drop();
  await other((c) => c.canMore());
  await part('attach').waitFor();
  await drop();
  await page.locator('[data-part="file-card"]').waitFor();
  await soon(async () => assert.equal(await page.locator('[data-part="file-card"]').count(), 1));
  await close();
});

test('an upload shows how far it is, is given up, and that is said once', async () => {
  const { page, part, other, commands, said, close } = await chat();
  const item = await other((c) => {
    const sent = c.files('Sam', 'me', 'Bills 2025.pdf', 3_100_000);
    c.delivery(sent, { state: 'uploading', sent: 1_900_000, total: 3_100_000 });
    return sent;
  });
  await soon(async () => assert.equal(await page.getByRole('progressbar').getAttribute('value'), '61'));
  await soon(async () => assert.doesNotMatch(await said(), /1\.9/, 'progress is not read aloud'));
  await page.getByRole('button', { name: 'Cancel upload' }).click();
  await part('file-card').waitFor({ state: 'detached' });
  await soon(async () => assert.deepEqual((await commands()).at(-1), { do: 'cancel', item }));
  await soon(async () => assert.match(await said(), /Upload cancelled/));
  await close();
});

test('a received file is saved where the person says, and nothing opens it', async () => {
  const { page, part, other, close } = await chat();
  const item = await other((c) => c.files('Maya', 'agent', 'Contract.pdf', 1_000));
  await part('save-file').click();
  await part('saved').waitFor();
  await soon(async () => assert.match(await part('saved').textContent(), /Contract\.pdf/));
  const calls = await page.evaluate(() => window.__fake.calls.filter((call) => ['saveFile', 'openLink'].includes(call.name)));
  assert.deepEqual(calls.map((call) => [call.name, call.args[1]]), [['saveFile', item]]);
  await close();
});

test('the banner is announced once, leaves the focus alone, and waits after its button', async () => {
  const { page, part, other, commands, said, close } = await chat();
  await page.locator('textarea').focus();
  await other((c) => {
    c.joins('Ravi');
    c.shows();
    c.shows();
  });
  await page.getByRole('region', { name: 'From the company' }).waitFor();
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA'));
  await soon(async () => assert.equal((await said()).split('You’re talking to Ravi').length - 1, 1));
  const banner = await part('banner').boundingBox();
  const log = await page.locator('[data-region="timeline"]').boundingBox();
  assert.ok(banner.y + banner.height <= log.y + 1, 'above the transcript');
  await page.getByRole('button', { name: 'Leave the agent' }).click();
  await part('banner').getByText('Leaving the agent…').waitFor();
  await soon(async () => assert.deepEqual((await commands()).filter((one) => one.do !== 'seen').at(-1), { do: 'choose_banner', choice: 'leave' }));
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA', 'the button is gone'));
  await other((c) => c.shows(null));
  await part('banner').waitFor({ state: 'detached' });
  await close();
});

test('a banner is made small and large again', async () => {
  const { page, part, other, close } = await chat();
  await other((c) => c.shows(undefined, { minimises: true }));
  await page.getByRole('button', { name: 'Make small' }).click();
  await part('banner-open').click();
  await page.getByRole('button', { name: 'Leave the agent' }).waitFor();
  await close();
});

test('an idle alert is said once however long it counts, and writing answers it', async () => {
  const { page, part, other, said, close } = await chat({ clock: true });
  await other((c) => c.idles(60));
  await part('idle').waitFor();
  await soon(async () => assert.match(await said(), /Still there\?/));
  const before = await said();
  await page.clock.runFor(5_000);
  await soon(async () => assert.match(await part('idle').textContent(), /0:5[45]/));
  await soon(async () => assert.equal(await said(), before, 'seconds are for the eye'));
  await page.getByRole('button', { name: 'I’m still here' }).click();
  await part('idle').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA'));
  await close();
});

test('a chat that is open elsewhere goes on here with one button', async () => {
  const { page, part, other, commands, close } = await chat();
  await other((c, fake) => c.change({ change: 'fault', to: fake.fault('open_elsewhere') }));
  await page.getByRole('button', { name: 'Go on here' }).click();
  await soon(async () => assert.deepEqual((await commands()).at(-1), { do: 'try_now' }));
  await soon(async () => assert.equal(await part('fault').count(), 0, 'said in one place'));
  await close();
});

test('files that need an agent are offered once one is there', async () => {
  const { page, part, other, close } = await chat();
  await other((c) => {
    c.change({ change: 'people', to: [] });
    c.can({ files: { kinds: { kinds: 'pictures' }, largest: null, needs_agent: true } });
  });
  await page.locator('[data-part="attach"][aria-disabled="true"]').waitFor();
  await soon(async () => assert.match(await part('attach').getAttribute('title'), /once an agent/));
  await other((c) => c.joins('Maya'));
  await page.locator('[data-part="attach"][aria-disabled="false"]').waitFor();
  await close();
});

test('what cannot be done is not offered', async () => {
  const { part, other, close } = await chat();
  await part('end-chat').waitFor();
  await other((c) => c.can({ end: false, files: null }));
  await part('end-chat').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await part('attach').count(), 0));
  await close();
});

test('words that are too long stay in the composer and say by how much', async () => {
  const { page, part, commands, said, close } = await chat();
  await page.locator('textarea').fill('👍'.repeat(203));
  await soon(async () => assert.match(await part('too-long').textContent(), /3.* characters too long/));
  await page.keyboard.press('Enter');
  await page.keyboard.type('more');
  await soon(async () => assert.match(await part('too-long').textContent(), /7.* characters too long/));
  await soon(async () => assert.equal((await said()).split('too long').length - 1, 1, 'said once'));
  await soon(async () => assert.equal((await commands()).some((one) => one.do === 'send'), false));
  await page.locator('textarea').fill('👍'.repeat(200));
  await part('too-long').waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await soon(async () => assert.equal((await commands()).some((one) => one.do === 'send'), true));
  await close();
});

test('another name is offered where the service can be told, by keyboard, and a refusal keeps what was typed', async () => {
  const { page, part, other, commands, said, close } = await chat();
  await part('more').click();
  await part('menu-hide').waitFor();
  assert.equal(await part('menu-name').count(), 0, 'not offered where it cannot be told');
  await page.keyboard.press('Escape');
  await other((c) => c.can({ nickname: true }));
  await part('more').click();
  await part('menu-name').click();
  await part('name-sheet').waitFor();
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.getAttribute('name')), 'nickname'));
  await page.keyboard.press('Enter');
  await part('field-error').waitFor();
  assert.equal((await commands()).some((one) => one.do === 'nickname'), false, 'a name without a letter is none');
  await page.keyboard.type('  Samira ');
  await other((c) => c.can({ nickname: false }));
  await page.keyboard.press('Enter');
  await part('name-failure').waitFor();
  assert.equal(await page.locator('input[name="nickname"]').inputValue(), '  Samira ', 'what was typed stays');
  await other((c) => c.can({ nickname: true }));
  await page.keyboard.press('Enter');
  await part('name-sheet').waitFor({ state: 'detached' });
  await soon(async () => assert.deepEqual((await commands()).at(-1), { do: 'nickname', name: 'Samira' }));
  await soon(async () => assert.match(await said(), /Telling Tidewater Energy your new name/));
  await close();
});

test('a guest signs in from the menu where that can be done, and giving it up leaves the chat as it is', async () => {
  const { page, part, other, commands, close } = await chat();
  const open = async () => {
    await part('more').click();
    await part('menu-hide').waitFor();
  };
  await open();
  assert.equal(await part('menu-sign-in').count(), 0, 'not offered where it cannot be done');
  await page.keyboard.press('Escape');
  await other((c) => c.can({ sign_in: true }));
  await open();
  await part('menu-sign-in').click();
  await part('sign-in').waitFor();
  await soon(async () => assert.ok((await commands()).some((one) => one.do === 'sign_in')));
  await part('sign-in-cancel').click();
  await part('fault-sign-in').waitFor();
  await part('fault-sign-in').click();
  await part('sign-in').waitFor();
  await soon(async () => assert.equal((await commands()).filter((one) => one.do === 'sign_in').length, 2));
  assert.equal((await commands()).some((one) => one.do === 'try_now'), false);
  await close();
});

test('signing in is one sentence and three buttons, and giving it up leads back to the start', async () => {
  const { page, part, other, commands, said, close } = await chat();
  await other((c) => c.signsIn());
  await part('sign-in').waitFor();
  await soon(async () => assert.match(await said(), /wants to know who you are/));
  await part('sign-in-open').click();
  await soon(async () => assert.ok((await commands()).some((one) => one.do === 'open_sign_in')));
  await part('sign-in-cancel').focus();
  await page.keyboard.press('Enter');
  await part('sign-in').waitFor({ state: 'detached' });
  await part('fault-sign-in').waitFor();
  await part('fault-sign-in').click();
  await soon(async () => assert.ok((await commands()).some((one) => one.do === 'try_now')));
  await close();
});
