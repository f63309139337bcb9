// The playground as people see it: in a real browser, with sample data, from nothing but the service itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from '../lib/browser.mjs';
import { data, mutate } from '../lib/graphql.mjs';
import { embedded } from '../lib/service.mjs';
import { documents, evidence } from '../lib/story.mjs';

const lookUp = `{ person(by: { externalId: "mira" }) { id }
  framework(key: "backend-developer") { publishedVersion { skill(name: "SQL") { id } } } }`;

let service, browser, page;
const requests = [];
const problems = [];

before(async () => {
  service = await embedded({ sample: true });
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(60_000);
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

/** Until the editor that can be seen there shows this text: Monaco draws what it has when it gets to it. */
const shows = (selector, text) =>
  page.waitForFunction(
    ([selector, text]) =>
      [...document.querySelectorAll(`${selector} .view-lines`)].some(
        (lines) => lines.offsetParent !== null && lines.innerText.replaceAll('\u00a0', ' ').includes(text),
      ),
    [selector, text],
    { timeout: 60_000 },
  );

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/**
 * Runs what the editor shows until it is answered. GraphiQL learns the name of a tab's operation a moment after it
 * shows the text, and who is faster runs nothing, or that of the tab before. While something runs there is no button.
 */
async function runUntil(answered) {
  let over = false;
  answered.finally(() => (over = true)).catch(() => {});
  while (!over) {
    await page.click('button[aria-label^="Execute query"]', { timeout: 5_000 }).catch(() => {});
    await Promise.race([answered, pause(5_000)]);
  }
  await answered;
}

const answer = (text) =>
  page.waitForFunction(
    (text) => document.querySelector('.result-window')?.innerText.replaceAll('\u00a0', ' ').includes(text),
    text,
    { timeout: 60_000 },
  );

test('the token leaves the address bar and the editor has it', async () => {
  assert.equal(new URL(page.url()).hash, '');
  await shows('.graphiql-query-editor', 'WhereDoIStand');
  await shows('.graphiql-editor-tool', 'Bearer ey');
});

test('the first query runs and the schema is read', async () => {
  await runUntil(answer('"displayName": "Mira'));
  await page.click('button[aria-label="Show Documentation Explorer"]');
  await page.waitForSelector('.graphiql-doc-explorer >> text=Query');
});

test('the framework is shown', async () => {
  await page.click('.graphiql-tab >> nth=1');
  await shows('.graphiql-query-editor', 'publishedVersion');
  await runUntil(answer('"title": "Backend Developer"'));
});

test('a live event is shown', async () => {
  const found = await data(service, 'mira', lookUp);
  const ids = { people: { mira: found.person.id }, skills: { sql: found.framework.publishedVersion.skill.id } };
  await page.click('.graphiql-tab >> nth=2');
  await shows('.graphiql-query-editor', 'progressEvents');
  await page.click('.graphiql-editor-tools button:has-text("Variables")');
  await page.click('.graphiql-editor-tool .view-lines >> visible=true');
  await page.keyboard.insertText(JSON.stringify({ person: ids.people.mira }));
  await shows('.graphiql-editor-tool', ids.people.mira);
  // Heard from the moment the socket is there: the frame may be sent before anybody could ask for it afterwards.
  const subscribed = new Promise((resolve, reject) => {
    setTimeout(reject, 60_000, new Error('nothing was subscribed to within 60 s')).unref();
    const isEvents = (text) => text.includes('"subscribe"') && text.includes('"operationName":"Events"');
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => isEvents(String(payload)) && resolve()));
  });
  await runUntil(subscribed);
  // Nothing says when a subscription has begun, and what came before is not shown: so until it is seen.
  const seen = answer('career.evidence-proposed.v1').then(() => true);
  for (let turn = 0; turn < 100; turn += 1) {
    const input = evidence(ids, { title: `Seen in the playground ${turn}` });
    const recorded = await mutate(service, 'mira', documents.recordEvidence, { input });
    assert.deepEqual(recorded.userErrors, []);
    if (await Promise.race([seen, pause(500)])) break;
  }
  await seen;
});

test('no other host was asked for anything, and nothing went wrong', () => {
  const foreign = requests.filter((url) => !url.startsWith(service.url) && !/^(data|blob):/.test(url));
  assert.deepEqual(foreign, []);
  assert.deepEqual(problems, []);
});
