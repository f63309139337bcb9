// The page of the event contract as people see it: in a real browser, from nothing but the service itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from '../lib/browser.mjs';
import { embedded } from '../lib/service.mjs';

let service, browser, page;
const requests = [];
const problems = [];

before(async () => {
  service = await embedded();
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.setDefaultTimeout(60_000);
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(`${service.url}/events`);
});

after(async () => {
  await browser?.close();
  await service?.end();
});

test('an event is found by the contents, with its fields and an example that is unfolded', async () => {
  assert.equal(await page.title(), 'Waymark events');
  await page.click('nav a:text-is("career.gap-closed.v1")');
  const article = page.locator('article[id="career.gap-closed.v1"]');
  await article.getByText('A person reached what a position requires of a skill.').waitFor();
  const row = article.locator('tr', { hasText: 'requiredLevel' });
  assert.deepEqual(await row.locator('th, td').allInnerTexts(), [
    'requiredLevel', 'integer, 1 to 5', 'The level that the position requires.',
  ]);
  const example = article.locator('pre').last();
  assert.equal(await example.isVisible(), false);
  await article.locator('summary').click();
  assert.equal(JSON.parse(await example.innerText()).requiredLevel, 3);
  assert.match(await page.evaluate(() => location.hash), /gap-closed/);
});

test('its style is in force, and a phone shows it without scrolling sideways', async () => {
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('table')).borderCollapse), 'collapse');
  await page.setViewportSize({ width: 360, height: 700 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360));
});

test('nothing comes from elsewhere, and the browser had nothing to object to', () => {
  assert.ok(requests.length >= 2);
  assert.deepEqual(requests.filter((url) => !url.startsWith(`${service.url}/`)), []);
  assert.deepEqual(problems, []);
});
