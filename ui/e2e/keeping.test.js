// What stays and what goes: searching it, words that are not sent yet, how long chats are kept, deleting and copying them.
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
const focused = (page) => page.evaluate(() => document.activeElement?.closest('[data-part]')?.getAttribute('data-part'));
const calls = (page, name) => page.evaluate((wanted) => window.__fake.calls.filter((call) => call.name === wanted).map((call) => call.args), name);
const commands = (page, kind) => page.evaluate((wanted) => window.__fake.calls.filter((call) => call.name === 'command' && call.args[1].do === wanted).map((call) => call.args[1]), kind);
const inView = (row) => row.evaluate((element) => {
  const box = element.getBoundingClientRect();
  const scroll = document.querySelector('.scroll').getBoundingClientRect();
  return box.top >= scroll.top && box.bottom <= scroll.bottom;
});

test('all chats are searched by keyboard alone, and a hit is shown in its place', async () => {
  const { page, part, complaints, close } = await chat();
  await page.evaluate(() => {
    const alder = window.__fake.conversations.get('alder-2');
    alder.remember(300);
    alder.past[20].content.text = [{ text: 'The Zähler was read', href: null }];
  });
  await page.keyboard.press('Control+k');
  await soon(async () => assert.equal(await focused(page), 'search-field'));
  await soon(async () => assert.equal(await part('search-hint').innerText(), 'Type to search everything that was said in your chats.'));
  await page.keyboard.type('zahl');
  await part('hit').waitFor();
  await soon(async () => assert.equal(await part('hit').locator('mark').innerText(), 'Zähler'));
  await soon(async () => assert.equal(await part('search-count').innerText(), '1 message in 1 chat'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.waitForFunction(() => document.querySelector('[data-part="said-status"]').textContent.includes('1 message in 1 chat'));

  await page.keyboard.press('ArrowDown');
  await soon(async () => assert.equal(await focused(page), 'hit'));
  await page.keyboard.press('ArrowUp');
  await soon(async () => assert.equal(await focused(page), 'search-field'));
  await page.keyboard.press('Enter');

  // The chat opens, what is missing is loaded, the message stands in its place with the focus on it.
  const row = page.locator('[data-part="message"][data-item="p20"]');
  await row.waitFor();
  await page.locator('[data-found]').waitFor();
  await soon(async () => assert.equal(await part('chat').getAttribute('data-conversation'), 'alder-2'));
  await soon(async () => assert.deepEqual(await commands(page, 'reveal'), [{ do: 'reveal', item: 'p20' }]));
  await soon(async () => assert.ok(await inView(row)));
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.dataset.item), 'p20'));
  await soon(async () => assert.equal(await page.evaluate(() => CSS.highlights.get('found').size), 1));
  await soon(async () => assert.equal(await part('find-standing').innerText(), '1 of 1'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.locator('[data-found]').waitFor({ state: 'detached', timeout: 4000 });

  // Esc closes the search in the chat; in the list it closes the one in all of them.
  await page.keyboard.press('Escape');
  await part('find').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await page.evaluate(() => document.activeElement.dataset.item), 'p20'));
  await page.keyboard.press('Escape');
  await soon(async () => assert.equal(await focused(page), 'composer'));
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Escape');
  await part('hits').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await focused(page), 'composer'));
  await soon(async () => assert.equal(await part('row').count(), 3));

  // The key for searching a chat searches all of them where no chat is meant: in the list, and in the settings.
  await part('row').first().focus();
  await page.keyboard.press('Control+f');
  await soon(async () => assert.equal(await focused(page), 'search-field'));
  await page.keyboard.press('Escape');
  await soon(async () => assert.equal(await focused(page), 'row'));
  await page.keyboard.press('Control+,');
  await part('settings-view').waitFor();
  await page.keyboard.press('Control+f');
  await part('search-field').waitFor();
  await soon(async () => assert.equal(await focused(page), 'search-field'));
  assert.deepEqual(complaints, []);
  await close();
});

test('a late answer to earlier words is never shown', async () => {
  const { page, part, close } = await chat();
  await page.evaluate(() => {
    window.__fake.searchTakes = [400, 10];
  });
  await page.keyboard.press('Control+k');
  await part('search-field').fill('card');
  await part('search-field').fill('meter');
  await part('hit').filter({ hasText: 'meter' }).waitFor();
  await page.waitForTimeout(500);
  await soon(async () => assert.deepEqual(await part('hit').locator('mark').allInnerTexts(), ['meter']));
  await close();
});

test('nothing found says so and offers to begin again', async () => {
  const { page, part, close } = await chat();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('metre');
  await soon(async () => assert.match(await part('search-nothing').innerText(), /Nothing found for “metre”\./));
  await part('clear-search').click();
  await soon(async () => assert.equal(await part('search-field').inputValue(), ''));
  await soon(async () => assert.equal(await focused(page), 'search-field'));
  await part('search-hint').waitFor();
  await part('close-search').click();
  await part('row').first().waitFor();
  await close();
});

test('one chat is searched from the newest match back, with the focus in the field', async () => {
  const { page, part, other, complaints, close } = await chat();
  await other((c) => {
    c.lively = false;
    c.remember(150);
    c.past[3].content.text = [{ text: 'the very first meter', href: null }];
    c.writes('Maya', 'Just read the meter each month.');
  });
  await page.keyboard.press('Control+f');
  await soon(async () => assert.equal(await focused(page), 'find-field'));
  await page.keyboard.type('meter');
  await page.waitForFunction(() => document.querySelector('[data-part="find-standing"]').textContent === '1 of 3');
  const marked = page.locator('[data-found] [data-part="words"]');
  await soon(async () => assert.equal(await marked.innerText(), 'Just read the meter each month.'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('[data-part="find-standing"]').textContent === '3 of 3');
  const first = page.locator('[data-part="message"]', { hasText: 'the very first meter' });
  await first.waitFor();
  await soon(async () => assert.ok(await inView(first)));
  await soon(async () => assert.equal(await focused(page), 'find-field'));
  await page.keyboard.press('Shift+Enter');
  await soon(async () => assert.equal(await part('find-standing').innerText(), '2 of 3'));
  await part('find-older').click();
  await part('find-older').click();
  await soon(async () => assert.equal(await part('find-standing').innerText(), '1 of 3'));
  await page.waitForFunction(() => document.querySelector('[data-part="said-status"]').textContent.includes('1 of 3. Maya: Just read the meter each month.'));
  await part('find-field').fill('nothing like it');
  await soon(async () => assert.equal(await part('find-standing').innerText(), 'Nothing found'));
  await part('find-field').focus();
  await page.keyboard.press('Escape');
  await part('find').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await focused(page), 'composer'));
  await soon(async () => assert.equal(await page.evaluate(() => CSS.highlights.has('found')), false));
  assert.deepEqual(complaints, []);
  await close();
});

test('a message from long ago is shown without drawing all that was said since, and the way from there is whole', async () => {
  const { page, part, other, complaints, close } = await chat();
  await other((c) => {
    c.lively = false;
    c.remember(3000);
    c.past[700].content.text = [{ text: 'a needle', href: null }];
  });
  await page.keyboard.press('Control+f');
  await page.keyboard.type('needle');
  await page.locator('[data-found]').waitFor();
  await soon(async () => assert.ok(await inView(page.locator('[data-item="p700"]'))));
  await soon(async () => assert.ok((await part('message').count()) < 300));
  await soon(async () => assert.equal(await part('jump').innerText(), 'Newest'));

  // Down from there the messages follow one another, without a gap and without a jump.
  const numbers = () => page.locator('[data-part="message"]').evaluateAll((rows) => rows.map((row) => row.dataset.item).filter((id) => id.startsWith('p')).map((id) => Number(id.slice(1))));
  const top = () => page.evaluate(() => {
    const edge = document.querySelector('.scroll').getBoundingClientRect().top;
    const row = Array.from(document.querySelectorAll('[data-part="message"]')).find((one) => one.getBoundingClientRect().bottom > edge);
    return Number(row.dataset.item.slice(1));
  });
  let before = await top();
  for (let i = 0; i < 12; i++) {
    await page.locator('.scroll').evaluate((element) => element.scrollBy(0, element.clientHeight * 2));
    // As far as two windows reach, and no further: what is drawn anew above or below must not move what is read.
    const now = await soon(async () => {
      const first = await top();
      assert.ok(first > before && first - before < 60, `${before} to ${first}`);
      return first;
    });
    before = now;
  }
  const drawn = await numbers();
  assert.deepEqual(drawn, Array.from({ length: drawn.length }, (_, i) => drawn[0] + i));
  assert.ok(drawn.length < 400);
  await part('jump').click();
  await part('jump').waitFor({ state: 'detached' });
  await page.getByText('I’ll correct the bill now. The new one will be £64.20.').last().waitFor();
  await soon(async () => assert.equal(await page.locator('.scroll').evaluate((element) => element.scrollTop), 0));

  // End goes from there to the newest words.
  await part('find-older').click();
  await page.locator('[data-found]').waitFor();
  await page.locator('[data-item="p700"]').focus();
  await page.keyboard.press('End');
  await soon(async () => assert.match(await page.evaluate(() => document.activeElement.innerText), /The new one will be/));
  await soon(async () => assert.equal(await part('jump').count(), 0));
  assert.deepEqual(complaints, []);
  await close();
});

test('in a small window a hit opens the chat, and the way back leads to the hits', async () => {
  const { page, part, close } = await bench.page({ scene: 'inbox', width: 380, height: 480 });
  await part('search-field').click();
  await page.keyboard.type('meter');
  await part('hit').first().click();
  await part('composer').waitFor();
  await soon(async () => assert.equal(await focused(page), 'message'));
  await part('back').click();
  await part('hit').first().waitFor();
  await soon(async () => assert.equal(await part('search-field').inputValue(), 'meter'));
  await close();
});

test('nothing moves for a found message when the person wants no motion', async () => {
  const { page, part, close } = await chat({ reducedMotion: 'reduce' });
  await page.keyboard.press('Control+f');
  await page.keyboard.type('meter');
  await page.locator('[data-found]').waitFor();
  await soon(async () => assert.equal(await page.evaluate(() => document.getAnimations().length), 0));
  await part('find-close').click();
  await close();
});

test('what is written is kept when the composer rests, is left, or the chat is changed, and shown again', async () => {
  const { page, part, close } = await chat();
  const field = page.locator('textarea');
  await field.pressSequentially('About the', { delay: 20 });
  await soon(async () => assert.deepEqual(await commands(page, 'draft'), []));
  await page.waitForFunction(() => window.__fake.conversations.get('tidewater-3').snapshot.draft === 'About the');
  await field.pressSequentially(' deposit');
  await part('search-field').focus();
  await page.waitForFunction(() => window.__fake.conversations.get('tidewater-3').snapshot.draft === 'About the deposit');
  await field.fill('About the deposit, again');
  await page.keyboard.press('Alt+ArrowDown');
  await part('row').filter({ hasText: 'Draft: About the deposit, again' }).waitFor();
  await soon(async () => assert.equal(await page.evaluate(() => window.__fake.conversations.get('tidewater-3').snapshot.draft), 'About the deposit, again'));
  await close();
});

test('a kept draft is there when a chat is opened, and gone once it is sent', async () => {
  const { page, part, close } = await bench.page({ scene: 'inbox', width: 380, height: 640 });
  await page.evaluate(() => {
    const chat = window.__fake.conversations.get('tidewater-3');
    chat.lively = false;
    chat.command({ do: 'draft', text: 'from before the restart' });
  });
  await part('row').first().click();
  await part('composer').waitFor();
  await soon(async () => assert.equal(await page.locator('textarea').inputValue(), 'from before the restart'));
  await page.keyboard.press('Enter');
  await page.locator('[data-part="message"]', { hasText: 'from before the restart' }).waitFor();
  await soon(async () => assert.equal(await page.locator('textarea').inputValue(), ''));
  await part('back').click();
  await part('row').first().click();
  await part('composer').waitFor();
  await page.waitForTimeout(500);
  await soon(async () => assert.equal(await page.locator('textarea').inputValue(), ''));
  await soon(async () => assert.equal(await page.evaluate(() => window.__fake.conversations.get('tidewater-3').snapshot.draft), ''));
  await close();
});

test('words that can’t be sent stay in the composer, with the reason', async () => {
  const { page, part, close } = await chat();
  await page.evaluate(() => {
    const chat = window.__fake.last;
    const take = chat.command.bind(chat);
    chat.command = (command) => {
      if (command.do === 'send') throw window.__fake.fault('message_too_long');
      take(command);
    };
  });
  await page.locator('textarea').fill('far too long');
  await page.keyboard.press('Enter');
  await part('failure').waitFor();
  await soon(async () => assert.equal(await part('failure').innerText(), 'This message is too long to send.'));
  await soon(async () => assert.equal(await page.locator('textarea').inputValue(), 'far too long'));
  await close();
});

test('a full disk is told calmly; words wait in the composer and go out once', async () => {
  const { page, part, complaints, close } = await chat();
  await page.evaluate(() => {
    window.__fake.last.lively = false;
    window.__fake.fullDisk(true);
  });
  await soon(async () => assert.match(await part('memory').innerText(), /This computer’s disk is full\. Nothing is sent until there is room/));
  const field = page.locator('textarea');
  await field.fill('It waits.');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await part('sending-slow').waitFor();
  await soon(async () => assert.equal(await field.inputValue(), 'It waits.'));
  await page.keyboard.press('Enter');
  await page.keyboard.type('x');
  await soon(async () => assert.equal(await field.inputValue(), 'It waits.'));
  await soon(async () => assert.equal(await page.locator('[data-part="message"]', { hasText: 'It waits.' }).count(), 0));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.evaluate(() => window.__fake.fullDisk(false));
  await page.locator('[data-part="message"][data-delivery="sent"]', { hasText: 'It waits.' }).waitFor();
  await part('sending-slow').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await field.inputValue(), ''));
  await soon(async () => assert.equal(await part('memory').count(), 0));
  await page.waitForTimeout(300);
  await soon(async () => assert.equal((await commands(page, 'send')).length, 1));
  await soon(async () => assert.equal(await page.locator('[data-part="message"]', { hasText: 'It waits.' }).count(), 1));
  await soon(async () => assert.deepEqual((await said(page)).slice(-3), [
    'This computer’s disk is full. Nothing is sent until there is room; then it goes on by itself.',
    'Not sent yet. Your words stay here until this computer can keep them.',
    'There is room again. Messages are sent.',
  ]));
  assert.deepEqual(complaints, []);
  await close();
});

test('a message of which nobody knows can be sent again or removed, and may turn out to be sent', async () => {
  const { page, part, other, close } = await chat();
  await other((c, fake) => {
    c.lively = false;
    c.unsure = ['one', 'two', 'three'].map((text) => c.wrote(text, Date.now(), { state: 'stuck', fault: fake.fault('perhaps_sent') }));
  });
  const rows = page.locator('[data-delivery="stuck"]');
  await rows.nth(2).waitFor();
  await soon(async () => assert.match(await rows.first().innerText(), /We could not tell whether this arrived\.[\s\S]*Send again[\s\S]*Remove/));
  await soon(async () => assert.doesNotMatch(await rows.first().innerText(), /Not sent/));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await other((c) => c.delivery(c.unsure[0], { state: 'sent' }));
  await page.locator('[data-part="message"][data-delivery="sent"]', { hasText: 'one' }).waitFor();
  await rows.first().locator('[data-part="cancel"]').click();
  await page.locator('[data-part="message"]', { hasText: 'two' }).waitFor({ state: 'detached' });
  await rows.first().locator('[data-part="retry"]').click();
  await page.locator('[data-part="message"][data-delivery="sent"]', { hasText: 'three' }).waitFor();
  await soon(async () => assert.equal(await part('retry').count(), 0));
  await close();
});

test('keeping chats for a shorter time is asked about once, and deletes what is older', async () => {
  const { page, part, complaints, close } = await chat();
  await page.evaluate(() => {
    const fernway = window.__fake.conversations.get('fernway-1');
    fernway.wrote('long ago', Date.now() - 40 * 86400000);
    window.__fake.refresh({
      deployments: window.__fake.view.deployments.map((one) => (one.id === 'tidewater' ? { ...one, keep: { keep: 'days', days: 30 } } : one)),
    });
  });
  await page.keyboard.press('Control+,');
  const choice = page.locator('[name="keep"]');
  await soon(async () => assert.equal(await choice.inputValue(), 'forever'));
  await soon(async () => assert.equal(await part('keep-limits').innerText(), 'Tidewater Energy keeps chats at most 30 days on this computer.'));

  await choice.selectOption('30');
  await soon(async () => assert.match(await part('keep-question').innerText(), /Keep chats for only 30 days\?\s+What is older than 30 days is deleted from this computer now/));
  await soon(async () => assert.equal(await focused(page), 'keep-no'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.keyboard.press('Escape');
  await part('keep-question').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await choice.inputValue(), 'forever'));
  await soon(async () => assert.deepEqual(await calls(page, 'setSettings'), []));

  await choice.selectOption('30');
  await part('keep-yes').click();
  await page.waitForFunction(() => window.__fake.view.settings.keep.days === 30);
  await soon(async () => assert.equal(await part('keep-limits').count(), 0));
  await soon(async () => assert.equal(await page.evaluate(() => JSON.stringify(window.__fake.conversations.get('fernway-1').snapshot.items).includes('long ago')), false));

  // Longer again deletes nothing, so nothing is asked.
  await choice.selectOption('90');
  await page.waitForFunction(() => window.__fake.view.settings.keep.days === 90);
  await soon(async () => assert.equal(await part('keep-question').count(), 0));

  await choice.selectOption('until_quit');
  await soon(async () => assert.match(await part('keep-question').innerText(), /Keep chats only until you quit\?/));
  await part('keep-yes').click();
  await part('settings-back').click();
  await soon(async () => assert.equal(await part('memory').innerText(), 'This chat is deleted when you quit.'));
  await page.evaluate(() => window.__fake.last.ends('ended_by_me'));
  await soon(async () => assert.match(await part('ended').innerText(), /What was said stays here until Envoi quits\./));
  assert.deepEqual(complaints, []);
  await close();
});

test('a chat is deleted after one question; one that goes on ends first', async () => {
  const { page, part, complaints, close } = await chat();
  await part('more').click();
  await part('menu-delete').click();
  await soon(async () => assert.match(await part('delete-question').innerText(), /Delete this chat with Tidewater Energy\?\s+The chat ends, and everything said in it is deleted from this computer\. This can’t be undone\./));
  await soon(async () => assert.equal(await focused(page), 'keep-chat'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.keyboard.press('Escape');
  await part('delete-question').waitFor({ state: 'detached' });
  await soon(async () => assert.equal(await focused(page), 'more'));
  await soon(async () => assert.deepEqual(await calls(page, 'deleteConversation'), []));

  await page.evaluate(() => {
    window.__fake.deleteFails = window.__fake.fault('disk_failed');
  });
  await part('more').click();
  await part('menu-delete').click();
  await part('confirm-delete').click();
  await part('failure').waitFor();
  await soon(async () => assert.equal(await part('row').count(), 3));

  await part('more').click();
  await part('menu-delete').click();
  await part('confirm-delete').click();
  await page.waitForFunction(() => document.querySelectorAll('[data-part="row"]').length === 2);
  await soon(async () => assert.ok((await said(page)).includes('Chat with Tidewater Energy deleted.')));
  // The next chat is open, with the cursor where one writes.
  await page.waitForFunction(() => document.activeElement?.matches('textarea'));
  await soon(async () => assert.equal(await part('chat').getAttribute('data-conversation'), 'alder-2'));

  // An ended one is only deleted.
  await page.keyboard.press('Control+2');
  await part('ended').waitFor();
  await part('more').click();
  await part('menu-delete').click();
  await soon(async () => assert.match(await part('delete-question').innerText(), /\s+Everything said in it is deleted/));
  await part('confirm-delete').click();
  await page.waitForFunction(() => document.querySelectorAll('[data-part="row"]').length === 1);
  await soon(async () => assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'BODY'));
  assert.deepEqual(complaints, []);
  await close();
});

test('in a small window a deleted chat gives the focus to the list', async () => {
  const { page, part, close } = await chat({ width: 380, height: 480 });
  await part('more').click();
  await part('menu-delete').click();
  await part('confirm-delete').click();
  await part('list').waitFor();
  await page.waitForFunction(() => document.activeElement?.matches('[data-part="row"]'));
  await close();
});

test('a copy is saved as text, as JSON or as a web page', async () => {
  const { page, part, other, close } = await chat();
  for (const [format, ending] of [['html', 'html'], ['text', 'txt'], ['json', 'json']]) {
    await part('more').click();
    await part(`save-${format}`).click();
    await part('saved').filter({ hasText: `.${ending}` }).waitFor();
  }
  await soon(async () => assert.deepEqual((await calls(page, 'saveCopy')).map((args) => args[1]), ['html', 'text', 'json']));
  // The choice is one menu for the keyboard.
  await other((c) => c.closes('Maya'));
  await part('closing').locator('[data-part="save-copy"]').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await soon(async () => assert.equal(await focused(page), 'save-text'));
  await soon(async () => assert.deepEqual(await barriers(page), []));
  await page.keyboard.press('Escape');
  await soon(async () => assert.equal(await focused(page), 'save-copy'));
  await close();
});

test('an archive that is not there, or had to be begun anew, is told once', async () => {
  const { page, part, close } = await chat();
  await page.evaluate(() => {
    window.__fake.refresh({ archive: { archive: 'memory', why: 'keyring_missing' } });
    window.__fake.last.change({ change: 'memory', to: { memory: 'not_kept', why: 'keyring_missing' } });
  });
  await soon(async () => assert.match(await part('archive').innerText(), /Chats are not kept\s+This computer has no password store/));
  await part('archive').locator('summary').click();
  await soon(async () => assert.match(await part('archive').innerText(), /Install a password store/));
  await soon(async () => assert.equal(await part('memory').count(), 0));
  await part('archive-got-it').click();
  await soon(async () => assert.equal(await part('archive').count(), 0));
  await soon(async () => assert.equal(await part('memory').count(), 0));
  await page.evaluate(() => window.__fake.last.ends('ended_by_me'));
  await soon(async () => assert.match(await part('ended').innerText(), /stays here until Envoi quits/));
  await close();

  const other = await chat();
  await other.page.evaluate(() => window.__fake.refresh({ archive: { archive: 'rebuilt', aside: '/home/sam/archive.damaged' } }));
  await soon(async () => assert.match(await other.part('archive').innerText(), /Kept chats could not be read/));
  await other.part('archive').locator('summary').click();
  await soon(async () => assert.match(await other.part('archive').innerText(), /\/home\/sam\/archive\.damaged/));
  await other.part('archive-got-it').click();
  await soon(async () => assert.equal(await other.part('archive').count(), 0));
  await other.close();
});

test('while the archive is being opened, nothing pretends that there are no chats', async () => {
  const { page, part, close } = await bench.page();
  await page.evaluate(() => window.__fake.refresh({ archive: { archive: 'opening' } }));
  await part('opening').waitFor();
  await soon(async () => assert.equal(await part('first-run').count(), 0));
  await page.evaluate(() => window.__fake.refresh({ archive: { archive: 'kept' } }));
  await part('first-run').waitFor();
  await close();
});
