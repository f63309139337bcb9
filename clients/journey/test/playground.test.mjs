// The playground as people see it: in a real browser, with sample data, from nothing but the service itself.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { data, mutate } from '../lib/graphql.mjs';
import { embedded } from '../lib/service.mjs';
import { documents, evidence } from '../lib/story.mjs';

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);

const lookUp = `{ person(by: { externalId: "mira" }) { id }
  framework(key: "backend-developer") { publishedVersion { skill(name: "SQL") { id } } } }`;

let service, browser, page;
const requests = [];
const problems = [];

before(async () => {
  service = await embedded({ sample: true });
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(`${service.url}/playground#token=${service.token('mira')}`);
  await page.waitForSelector('.graphiql-query-editor .view-lines');
});

after(async () => {
  await browser?.close();
  await service?.end();
});

/** The text of an editor, as Monaco shows it. */
const shown = (selector) => page.$eval(`${selector} .view-lines`, (e) => e.innerText.replaceAll('\u00a0', ' '));

async function run() {
  await page.click('button[aria-label^="Execute query"]');
}

const answer = (text) =>
  page.waitForFunction(
    (text) => document.querySelector('.result-window')?.innerText.replaceAll('\u00a0', ' ').includes(text),
    text,
    { timeout: 10_000 },
  );

test('the token leaves the address bar and the editor has it', async () => {
  assert.equal(new URL(page.url()).hash, '');
  assert.match(await shown('.graphiql-query-editor'), /WhereDoIStand/);
  assert.match(await page.innerText('.graphiql-editor-tool .view-lines >> visible=true'), /Bearer.ey/);
});

test('the first query runs and the schema is read', async () => {
  await run();
  await answer('"displayName": "Mira');
  await page.click('button[aria-label="Show Documentation Explorer"]');
  await page.waitForSelector('.graphiql-doc-explorer >> text=Query');
});

test('the framework is shown', async () => {
  await page.click('.graphiql-tab >> nth=1');
  await page.waitForFunction(() => document.querySelector('.graphiql-query-editor').innerText.includes('publishedVersion'));
  // GraphiQL notices a moment later that the tab has another operation, and shows no sign of it.
  await page.waitForTimeout(1_000);
  await run();
  await answer('"title": "Backend Developer"');
});

test('a live event is shown', async () => {
  const found = await data(service, 'mira', lookUp);
  const ids = { people: { mira: found.person.id }, skills: { sql: found.framework.publishedVersion.skill.id } };
  await page.click('.graphiql-tab >> nth=2');
  await page.waitForFunction(() => document.querySelector('.graphiql-query-editor').innerText.includes('progressEvents'));
  await page.click('.graphiql-editor-tools button:has-text("Variables")');
  await page.click('.graphiql-editor-tool .view-lines >> visible=true');
  await page.keyboard.insertText(JSON.stringify({ person: ids.people.mira }));
  // Heard from the moment the socket is there: the frame may be sent before anybody could ask for it afterwards.
  const subscribed = new Promise((resolve) => {
    page.once('websocket', (socket) =>
      socket.on('framesent', (frame) => String(frame.payload).includes('"subscribe"') && resolve()),
    );
  });
  await run();
  await subscribed;
  // Nothing says when a subscription has begun, and what came before is not shown: so until it is seen.
  const seen = answer('career.evidence-proposed.v1').then(() => true);
  for (let turn = 0; turn < 20; turn += 1) {
    const input = evidence(ids, { title: `Seen in the playground ${turn}` });
    const recorded = await mutate(service, 'mira', documents.recordEvidence, { input });
    assert.deepEqual(recorded.userErrors, []);
    if (await Promise.race([seen, new Promise((resolve) => setTimeout(resolve, 500))])) break;
  }
  await seen;
});

test('no other host was asked for anything, and nothing went wrong', () => {
  const foreign = requests.filter((url) => !url.startsWith(service.url) && !/^(data|blob):/.test(url));
  assert.deepEqual(foreign, []);
  assert.deepEqual(problems, []);
});
