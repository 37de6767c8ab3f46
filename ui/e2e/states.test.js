// Everything that can stand in the way of a chat or at its end: what is shown, what is offered, what is said.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { barriers, open, soon } from './bench.js';

let bench;
before(async () => {
  bench = await open();
});
after(() => bench.stop());

/** A page with the filled list and the chat with Tidewater open. */
async function chat(options) {
  const tools = await bench.page({ scene: 'inbox', ...options });
  if (options?.width < 720) await tools.part('row').first().click();
  await tools.part('composer').waitFor();
  return tools;
}

const said = (page) => page.locator('[data-part="said-status"] p').allInnerTexts();

test('every end has its own words and the same next step', async () => {
  const ends = {
    ended_by_me: ['You ended this chat', /stays on this computer/],
    ended_by_them: ['The chat has ended', /^Jonas ended it and you have left/],
    read_only: ['This chat is read only', /^Tidewater Energy keeps it/],
    expired: ['This chat was quiet for too long', /closed it on/],
    signed_out: ['You were signed out', /takes nothing more in this chat/],
    signed_in_elsewhere: ['You signed in somewhere else', /goes on there/],
    lost: ['This chat can’t be picked up again', /no longer has it open/],
  };
  for (const [reason, [heading, text]] of Object.entries(ends)) {
    const { page, part, other, complaints, shot, close } = await chat();
    await page.locator('textarea').fill('half a thought');
    await other((c, _, arg) => c.ends(arg, 'Jonas'), reason);
    await part('ended').waitFor();
    await soon(async () => assert.equal(await part('ended').getAttribute('data-reason'), reason));
    await soon(async () => assert.equal(await part('ended').locator('h2').innerText(), heading));
    await soon(async () => assert.match(await part('ended').locator('p').first().innerText(), text));
    // The composer had the focus; the heading of what took its place has it now.
    await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.textContent), heading));
    await soon(async () => assert.equal(await part('composer').count(), 0));
    await soon(async () => assert.equal(await part('end-chat').count(), 0));
    await soon(async () => assert.ok((await said(page)).at(-1).startsWith(heading)));
    await part('ended').locator('[data-part="save-copy"]').click();
    await part('save-text').click();
    await soon(async () => assert.match(await part('saved').innerText(), /Saved to .*Tidewater Energy\.txt/));
    await soon(async () => assert.deepEqual(await barriers(page), []));
    await shot(`ended-${reason}`);
    await part('start-again').click();
    await part('entry-form').waitFor();
    assert.deepEqual(complaints, []);
    await close();
  }
});

test('words that never left can be copied', async () => {
  const { page, part, other, close } = await chat();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await other((c) => {
    c.wrote('one', Date.now(), { state: 'queued' });
    c.wrote('two', Date.now(), { state: 'waiting', until: 0 });
    c.ends('lost', null, { unsent: 2 });
  });
  await soon(async () => assert.match(await part('unsent').innerText(), /2 messages were not sent\./));
  await part('copy-unsent').click();
  await page.getByText('Copied.').first().waitFor();
  await soon(async () => assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'one\ntwo'));
  await close();
});

test('a closing banner has the company’s own words if it gave some, and goes with the next message', async () => {
  const { page, part, other, shot, complaints, close } = await chat();
  await other((c) => c.closes('Maya', 'We are done here. Write any time.'));
  await soon(async () => assert.match(await part('closing').innerText(), /Maya has closed this case\n+We are done here\. Write any time\./));
  await soon(async () => assert.equal(await page.locator('textarea').getAttribute('placeholder'), 'Write to start a new case'));
  await soon(async () => assert.equal(await part('standing').innerText(), 'Case closed'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await shot('closing');
  await page.locator('textarea').fill('One more thing: the deposit.');
  await part('send').click();
  await part('closing').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await part('guard').count(), 0));
  assert.deepEqual(complaints, []);
  await close();
});

test('a held message: other words are asked about on their own, and the answer is the person’s', async () => {
  const { page, part, other, shot, close } = await chat();
  await other((c) => c.closes('Maya'));
  await page.locator('textarea').fill('ok');
  await part('send').click();
  await part('guard').waitFor();
  await shot('guard');
  await soon(async () => assert.equal(await page.locator('textarea').inputValue(), 'ok'));
  await page.locator('textarea').fill('ok, but when will the money come?');
  await page.keyboard.press('Enter');
  await page.locator('[data-part="message"]', { hasText: 'when will the money' }).waitFor();
  await soon(async () => assert.equal(await part('guard').count(), 0));
  const sent = await page.evaluate(() => window.__fake.calls.filter((call) => call.name === 'command').map((call) => call.args[1].do));
  assert.equal(sent.filter((name) => name === 'send_anyway').length, 0);
  await close();
});

test('the strip comes after three seconds with the time to the next try, and is said once', async () => {
  const { page, part, other, shot, complaints, close } = await chat({ clock: true });
  await other((c) => c.down('offline', 30));
  await page.clock.runFor(2500);
  await soon(async () => assert.equal(await part('strip').count(), 0));
  await page.clock.runFor(700);
  await soon(async () => assert.match(await part('strip').innerText(), /You’re offline\. Next try in 2\d seconds\./));
  await soon(async () => assert.equal(await page.locator('textarea').getAttribute('placeholder'), 'Write now, send when you’re back'));
  await page.locator('textarea').fill('It usually goes out on the 28th.');
  await page.keyboard.press('Enter');
  await page.clock.runFor(1000);
  await soon(async () => assert.match(await page.locator('[data-delivery="queued"]').innerText(), /Waiting to send/));
  await page.clock.runFor(5000);
  await soon(async () => assert.deepEqual((await said(page)).filter((text) => text.includes('offline')), ['You’re offline. Messages wait here.']));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await shot('offline');
  await part('try-now').click();
  await page.clock.runFor(1000);
  await soon(async () => assert.equal(await part('strip').count(), 0));
  await soon(async () => assert.equal((await said(page)).at(-1), 'Connected again. 1 message sent.'));
  assert.deepEqual(complaints, []);
  await close();
});

test('a chat whose company was removed can be read, searched and copied, and says how it goes on', async () => {
  const { page, part, other, shot, complaints, close } = await chat();
  await other((c) => c.shelve());
  await part('shelved').waitFor();
  await shot('shelved');
  await soon(async () => assert.match(await part('shelved').innerText(), /Tidewater Energy is no longer in your list of contact centres\. Everything said is still here\./));
  await soon(async () => assert.equal(await page.locator('textarea').count(), 0));
  await soon(async () => assert.equal(await part('end-chat').count(), 0));
  await soon(async () => assert.equal(await part('standing').innerText(), 'Read only'));
  await soon(async () => assert.equal(await part('fault').count(), 0, 'it is said once'));
  await soon(async () => assert.ok((await page.locator('[data-part="message"]').count()) > 0));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.keyboard.press('Control+f');
  await page.locator('[data-part="find-field"]').waitFor();
  await page.keyboard.press('Escape');
  await part('add-again').click();
  await page.locator('form').waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test('a waiting message can be taken back', async () => {
  const { page, part, other, close } = await chat();
  await other((c) => c.down('not_answering', 40));
  await page.locator('textarea').fill('never mind');
  await page.keyboard.press('Enter');
  await page.locator('[data-delivery="queued"] [data-part="cancel"]').click();
  await page.locator('[data-part="message"]', { hasText: 'never mind' }).waitFor({ state: 'detached' });
  await close();
});

test('a stuck message says why and can be tried again or deleted', async () => {
  const { page, part, other, shot, complaints, close } = await chat();
  await other((c, fake) => {
    c.lively = false;
    c.sendFails = fake.fault('message_too_long');
  });
  await page.locator('textarea').fill('far too long');
  await page.keyboard.press('Enter');
  const stuck = page.locator('[data-delivery="stuck"]');
  await stuck.waitFor();
  await soon(async () => assert.match(await stuck.innerText(), /Not sent[\s\S]*This message is too long to send\./));
  await soon(async () => assert.deepEqual(await page.locator('[data-part="said-alert"] p').allInnerTexts(), ['Not sent. Retry is under the message.']));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await shot('stuck');
  await part('retry').click();
  await page.locator('[data-part="message"][data-delivery="sent"]', { hasText: 'far too long' }).waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test('a start that fails is told where it can be mended', async () => {
  const { page, part, other, shot, close } = await bench.page({ scene: 'inbox' });
  await page.evaluate(() => window.__fake.show(window.__fake.open('tidewater').id));
  await part('composer').waitFor();
  await other((c) => c.ends('ended_by_me'));
  await part('start-again').click();
  await part('entry-form').waitFor();
  await other((c, fake) => {
    c.startFails = fake.fault('name_missing');
  });
  await part('start-chat').click();
  await part('field-error').waitFor();
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.name), 'firstname'));
  await other((c, fake) => {
    c.startFails = fake.fault('wrong_key', 'refused', '403 from the service');
  });
  await part('start-chat').click();
  await part('fault').waitFor();
  await soon(async () => assert.match(await part('fault').innerText(), /This key isn’t accepted here\./));
  await soon(async () => assert.equal(await part('fault').getAttribute('data-code'), 'wrong_key'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await shot('start-failed');
  await part('start-chat').click();
  await part('composer').waitFor();
  await close();
});

test('a chat that is not kept says so, and why', async () => {
  for (const why of ['keyring_locked', 'keyring_missing', 'keyring_failed']) {
    const { page, part, other, shot, close } = await chat();
    await other((c, _, arg) => c.change({ change: 'memory', to: { memory: 'not_kept', why: arg } }), why);
    await soon(async () => assert.match(await part('memory').innerText(), /forgotten when Envoi quits/));
    await part('memory').locator('summary').click();
    await soon(async () => assert.deepEqual(await barriers(page), []));
    await shot(`memory-${why}`);
    await part('memory-got-it').click();
    await soon(async () => assert.equal(await part('memory').count(), 0));
    await close();
  }
});

test('faults of the configuration file name file, line, field and what to do', async () => {
  const { page, part, shot, close } = await chat();
  await page.evaluate(() =>
    window.__fake.configFaults([
      { file: '/home/sam/.config/envoi/deployments.toml', line: 12, field: 'deployment[2].url', message: 'This is not an address. Write it as https://host/path.' },
    ]),
  );
  const text = await part('config-faults').innerText();
  for (const piece of ['deployments.toml, line 12', 'deployment[2].url', 'Write it as https://host/path.']) assert.ok(text.includes(piece), piece);
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await shot('config-faults');
  await close();
});

test('adding a company asks the service and tells faults at their fields', async () => {
  const { page, part, shot, complaints, close } = await bench.page();
  await part('add-company').click();
  await page.locator('[name="url"]').fill('chat.tidewater.example');
  await part('check-and-add').click();
  await soon(async () => assert.deepEqual(await part('field-error').allInnerTexts(), ['This doesn’t look like an address.', 'Add the key.', 'Add a name.']));
  await page.locator('[name="url"]').fill('https://chat.tidewater.example/nexus/v3/chat/sessions');
  await page.locator('[name="api_key"]').fill('a-key');
  await page.locator('[name="name"]').fill('Tidewater Energy');
  await page.evaluate(() => {
    window.__fake.addFaults = [{ field: 'settings.api_key', fault: window.__fake.fault('wrong_key') }];
  });
  await part('check-and-add').click();
  await soon(async () => assert.equal(await part('check-and-add').innerText(), 'Checking…'));
  await part('field-error').waitFor();
  await soon(async () => assert.equal(await part('field-error').innerText(), 'This key isn’t accepted here.'));
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.name), 'api_key'));
  await shot('add-fault');
  await page.evaluate(() => {
    window.__fake.addFaults = [];
  });
  await page.locator('[name="mode"][value="ends"]').check();
  await part('check-and-add').click();
  await part('ready').waitFor();
  await soon(async () => assert.match(await part('ready').innerText(), /Tidewater Energy is ready\./));
  const added = await page.evaluate(() => window.__fake.calls.find((call) => call.name === 'addDeployment').args[0]);
  assert.equal(added.asynchronous, false);
  assert.deepEqual(added.settings, { url: 'https://chat.tidewater.example/nexus/v3/chat/sessions', api_key: 'a-key' });
  await part('start-a-chat').click();
  await part('entry-form').waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test('scrolled up, the place stays and the number of new messages is offered; at the end it follows', async () => {
  const { page, part, other, complaints, close } = await chat();
  await other((c) => {
    c.lively = false;
    c.addMany(Array.from({ length: 60 }, (_, i) => `line ${i}`), { id: 'm', name: 'Maya', role: 'agent' });
  });
  const scroll = page.locator('.scroll');
  const last = part('message').last();
  await page.waitForFunction(() => document.querySelector('.scroll').scrollTop === 0);
  await soon(async () => assert.ok(await last.evaluate((row) => row.getBoundingClientRect().bottom < innerHeight)));
  await scroll.evaluate((element) => element.scrollTo(0, -400));
  await part('jump').waitFor();
  await soon(async () => assert.equal(await part('jump').innerText(), 'Newest'));
  const place = () => page.locator('[data-part="message"]', { hasText: 'line 45' }).evaluate((row) => Math.round(row.getBoundingClientRect().top));
  const before = await place();
  await other((c) => {
    c.types('Maya');
    c.writes('Maya', 'new one');
    c.writes('Maya', 'new two');
  });
  await page.getByRole('button', { name: '2 new', exact: true }).waitFor();
  await soon(async () => assert.ok(Math.abs((await place()) - before) <= 1));
  await part('jump').click();
  await part('jump').waitFor({ state: 'detached' });
  await soon(async () => assert.ok(await last.evaluate((row) => row.getBoundingClientRect().bottom < innerHeight)));
  // Own words always go to the end.
  await scroll.evaluate((element) => element.scrollTo(0, -400));
  await part('jump').waitFor();
  await page.locator('textarea').fill('mine');
  await page.keyboard.press('Enter');
  await part('jump').waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
  await close();
});

test('earlier messages come when they are scrolled to, without moving what is read, and are never announced', async () => {
  const { page, part, other, complaints, close } = await chat();
  await other((c) => c.remember(130));
  const heard = await page.locator('[data-part="said-log"] p').count();
  await page.locator('.scroll').evaluate((element) => element.scrollTo(0, -100000));
  await page.locator('[data-part="message"]', { hasText: 'Earlier message 130' }).waitFor();
  await soon(async () => {
    await page.locator('.scroll').evaluate((element) => element.scrollTo(0, -100000));
    assert.equal(await page.locator('[data-part="words"]', { hasText: /^Earlier message 1$/ }).count(), 1);
  });
  await soon(async () => assert.equal(await part('older').count(), 0));
  const texts = await page.locator('[data-part="words"]').allInnerTexts();
  const numbers = texts.flatMap((text) => /^Earlier message (\d+)$/.exec(text)?.[1] ?? []).map(Number);
  assert.deepEqual(numbers, Array.from({ length: 130 }, (_, i) => i + 1));
  await soon(async () => assert.equal(await page.locator('[data-part="said-log"] p').count(), heard));
  assert.deepEqual(complaints, []);
  await close();
});

test('thousands of messages stay quick, and only the newest are drawn', async () => {
  const { page, part, other, complaints, close } = await chat();
  await other((c) => {
    c.lively = false;
  });
  // From an update to a page that is laid out again, half of thirty times.
  const median = () =>
    page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
      const spent = [];
      for (let i = 0; i < 30; i++) {
        await frame();
        const began = performance.now();
        window.__fake.last.writes('Maya', `quick ${i}`);
        await Promise.resolve();
        document.querySelector('.scroll').getBoundingClientRect();
        spent.push(performance.now() - began);
      }
      return spent.sort((a, b) => a - b)[15];
    });
  const few = await median();
  await other((c) => {
    c.addMany(Array.from({ length: 5000 }, (_, i) => `line ${i}`), { id: 'm', name: 'Maya', role: 'agent' });
  });
  await page.locator('[data-part="words"]', { hasText: 'line 4999' }).waitFor();
  await soon(async () => assert.ok((await part('message').count()) < 400));
  // Twenty times as many rows are drawn as before, a hundred times as many are there: a page that grew with them all would show it.
  const many = await median();
  assert.ok(many < 20 * few + 20, `${many} ms against ${few} ms`);
  assert.deepEqual(complaints, []);
  await close();
});

test('words count as seen after a second at the end of the window in front', async () => {
  const { page, part, other, close } = await chat();
  const seen = () => page.evaluate(() => window.__fake.calls.filter((call) => call.args[1]?.do === 'seen').length);
  await page.waitForFunction(() => window.__fake.calls.some((call) => call.args[1]?.do === 'seen'));
  await soon(async () => assert.equal(await part('row').first().locator('[data-part="badge"]').count(), 0));
  const before = await seen();
  await other((c) => c.addMany(Array.from({ length: 60 }, (_, i) => `line ${i}`), { id: 'm', name: 'Maya', role: 'agent' }));
  await page.locator('.scroll').evaluate((element) => element.scrollTo(0, -600));
  await part('jump').waitFor();
  await other((c) => c.writes('Maya', 'unseen'));
  await page.waitForTimeout(1300);
  await soon(async () => assert.equal(await seen(), before));
  await part('jump').click();
  await page.waitForFunction((count) => window.__fake.calls.filter((call) => call.args[1]?.do === 'seen').length === count + 1, before);
  const watching = await page.evaluate(() => window.__fake.calls.findLast((call) => call.name === 'watching').args);
  assert.deepEqual(watching, ['tidewater-3', true]);
  await close();
});

test('a message elsewhere is counted in the list and said; a notification’s click opens it', async () => {
  const { page, part, close } = await chat();
  await page.evaluate(() => window.__fake.conversations.get('alder-2').writes('Ravi', 'It is here.'));
  const row = part('row').filter({ hasText: 'Alder Bank' });
  await row.locator('[data-part="badge"]', { hasText: '2' }).waitFor();
  await soon(async () => assert.ok((await said(page)).includes('Alder Bank: 1 new message.')));
  await page.evaluate(() => window.__fake.show('alder-2'));
  await part('unread-line').waitFor();
  await soon(async () => assert.equal(await part('unread-line').innerText(), '2 new messages'));
  await soon(async () => assert.equal(await row.getAttribute('aria-current'), 'true'));
  await close();
});

test('a draft waits while another chat is open', async () => {
  const { page, part, close } = await chat();
  await page.locator('textarea').fill('About the standing order');
  await part('row').filter({ hasText: 'Alder Bank' }).click();
  await part('row').filter({ hasText: 'Draft: About the standing order' }).waitFor();
  await soon(async () => assert.equal(await page.locator('textarea').inputValue(), ''));
  await part('row').filter({ hasText: 'Tidewater' }).click();
  await page.waitForFunction(() => document.querySelector('textarea')?.value === 'About the standing order');
  await close();
});

test('a link is opened by the host and the page stays', async () => {
  const { page, other, complaints, close } = await chat();
  await other((c) => c.writes('Maya', 'Here: https://tidewater.example/bills/10 <b>not bold</b>'));
  const address = page.url();
  await page.locator('[data-part="words"] a').click();
  assert.equal(page.url(), address);
  await soon(async () => assert.deepEqual(await page.evaluate(() => window.__fake.calls.findLast((call) => call.name === 'openLink').args.slice(2)), ['https://tidewater.example/bills/10']));
  await soon(async () => assert.equal(await page.locator('[data-part="words"] b').count(), 0));
  assert.deepEqual(complaints, []);
  await close();
});

test('a lost update is made up for', async () => {
  const { page, other, close } = await chat();
  await other((c) => {
    c.lose({ change: 'people', to: [] });
    c.writes('Maya', 'after the gap');
  });
  await page.locator('[data-part="words"]', { hasText: 'after the gap' }).waitFor();
  await soon(async () => assert.equal(await page.locator('[data-part="standing"]').innerText(), 'Waiting for an agent'));
  await close();
});
