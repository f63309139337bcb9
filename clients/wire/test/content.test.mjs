// What people write is shown to others: as HTML it runs nothing, loads nothing and leads nowhere unexpected, and the
// service itself follows no link.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { launch } from '../../journey/lib/browser.mjs';
import { embedded } from '../../journey/lib/service.mjs';
import { evidence, organisation } from '../../journey/lib/story.mjs';
import { vectors, working } from '../lib/vectors.mjs';
import { alive, each, execute, ok, refused } from '../lib/wire.mjs';

let service, ids;
before(async () => {
  service = await embedded();
  ids = await organisation(service);
});
after(async () => {
  await alive(service);
  await service.end();
});

const record = `mutation($input: RecordEvidenceInput!) { recordEvidence(input: $input) {
  evidence { id title body bodyHtml links } userErrors { code field } } }`;
const write = async (more) => ok(await execute(service, record, { input: evidence(ids, more) })).recordEvidence;
/** The HTML of a body that is taken. */
async function shown(body) {
  const { evidence: piece, userErrors } = await write({ title: 'Content', body });
  assert.deepEqual(userErrors, []);
  assert.equal(piece.body, body.trim(), 'kept as it was written');
  return piece.bodyHtml;
}

test('Markdown comes as HTML beside what was written', async () => {
  const html = await shown('It **pages** by `key`:\n\n|a|b|\n|-|-|\n|1|~~2~~|\n\n[more](https://example.com/)');
  assert.match(html, /^<p>It <strong>pages<\/strong> by <code>key<\/code>:<\/p>/);
  assert.match(html, /<td><del>2<\/del><\/td>/);
  assert.match(html, /<a href="https:\/\/example.com\/" rel="noopener noreferrer nofollow">more<\/a>/);
  assert.equal(await shown(''), '');
  const { __type } = ok(await execute(service, '{ __type(name: "HTML") { kind specifiedByURL description } }'));
  assert.equal(__type.kind, 'SCALAR');
  assert.match(__type.specifiedByURL, /^https:\/\/html\.spec\.whatwg\.org/);
  assert.match(__type.description, /sanitised/);
});

test('HTML costs more than a field, wherever there are many of it', async () => {
  const list = (size, field) => `{ evidence(first: ${size}) { nodes { ${field} } } }`;
  ok(await execute(service, list(100, 'body')));
  ok(await execute(service, list(50, 'bodyHtml')));
  refused(await execute(service, list(100, 'bodyHtml')), 'QUERY_TOO_COMPLEX');
});

const elements = new Set(
  ['a', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p', 'pre', 'strong']
    .concat(['table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul']),
);
const attributes = {
  a: /^( href="(https?:\/\/|mailto:)[^"<>\s]*")? rel="noopener noreferrer nofollow"$/,
  ol: /^( start="\d+")?$/,
};

/** By rule: every `<` begins a tag that is known, with no attribute but those that are. */
function harmless(html) {
  const tags = [...html.matchAll(/<(\/?)([^\s>]*)([^>]*)>?/g)];
  assert.equal(tags.length, html.split('<').length - 1, html);
  for (const [tag, close, name, rest] of tags) {
    assert.ok(elements.has(name) && tag.endsWith('>'), `${tag} in ${html}`);
    assert.match(rest, close ? /^$/ : (attributes[name] ?? /^$/), `${tag} in ${html}`);
  }
}

test('no text becomes an element or an attribute that is not on the list', async () => {
  assert.ok(vectors.length > 130, `${vectors.length}`);
  for (const html of working) assert.throws(() => harmless(html), html);
  await each(vectors, async (body) => harmless(await shown(body)));
});

/**
 * Shows HTML in the ways in which pages do, as part of a document and set by a script, touches everything on it, and
 * tells what ran and what was asked for.
 */
async function look(browser, html) {
  const whole = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body>${html.join('\n')}`;
  const page = await browser.newPage();
  const noticed = [];
  await page.exposeFunction('notice', (what) => noticed.push(what));
  await page.addInitScript(() => {
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) window[name] = () => window.notice(`ran ${name}`);
  });
  await page.route('**/*', (route) => {
    if (route.request().url() === 'http://page.example/') return route.fulfill({ contentType: 'text/html', body: whole });
    noticed.push(`asked for ${route.request().url()}`);
    return route.abort();
  });
  await page.goto('http://page.example/');
  for (const one of html) {
    await page.evaluate(async (one) => {
      const box = document.createElement('div');
      document.body.append(box);
      box.innerHTML = one;
      // What was harmless must still be so when it is read back and parsed again.
      for (let turn = 0; turn < 2; turn += 1) box.innerHTML = `${box.innerHTML}`;
      addEventListener('click', (event) => event.target.closest?.('a[href^="http"], a[href^="mailto"]') && event.preventDefault());
      for (const element of box.querySelectorAll('*')) {
        for (const type of ['mouseover', 'focus', 'error', 'load', 'toggle']) element.dispatchEvent(new Event(type));
        element.click?.();
        element.focus?.();
      }
    }, one);
  }
  // What loads, loads soon; a page that comes to rest has asked for everything.
  await page.waitForLoadState('load');
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
  const names = await page.evaluate(() => [...document.body.querySelectorAll('*')].map(({ localName }) => localName));
  await page.close();
  return { noticed, names: new Set(names) };
}

test('a browser runs nothing of it and asks for nothing', async (t) => {
  const html = [];
  await each(vectors, async (body) => void html.push(await shown(body)));
  const browser = await launch();
  t.after(() => browser.close());
  for (const bad of working) {
    const { noticed } = await look(browser, [bad]);
    assert.ok(noticed.length > 0, `the watch does not notice ${bad}`);
  }
  const { noticed, names } = await look(browser, html);
  assert.deepEqual(noticed, []);
  for (const name of names) assert.ok(elements.has(name) || name === 'div', name);
});

test('text that was made to keep a renderer busy is shown', async () => {
  const most = (unit) => unit.repeat(20_000 / unit.length);
  const units = ['[', '![', '> ', '- ', '*', '_a', '`', '<', '&', '|a', '[a](', '**a ', '<!--', '\\', '[a]: b\n', '1. '];
  const wide = `${'a|'.repeat(2_000)}\n${'-|'.repeat(2_000)}\n${'a\n'.repeat(5_000)}`;
  await each([...units.map(most), wide], async (body) => {
    // Answered at all is within the 10 s that the service gives an operation.
    const html = await shown(body);
    harmless(html);
    assert.ok(html.length < 1_000_000, `${html.length}`);
  });
});

test('links are https, and whatever they name is asked for nothing', async (t) => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const here = `127.0.0.1:${server.address().port}`;
  const refusals = [
    `http://${here}/`, 'http://169.254.169.254/latest/meta-data/', 'file:///etc/passwd', 'gopher://127.0.0.1:6379/_INFO',
    'ftp://127.0.0.1/', 'dict://127.0.0.1:11211/', 'ldap://127.0.0.1/', 'jar:https://example.com!/x', 'javascript:alert(1)',
    'data:text/html,x', `https://user:word@${here}/`, 'mailto:a@example.com',
  ];
  await each(refusals, async (link) => {
    const { evidence: piece, userErrors } = await write({ links: [link] });
    assert.equal(piece, null);
    assert.deepEqual(userErrors, [{ code: 'LINK_NOT_ALLOWED', field: ['links', '0'] }]);
  });
  const taken = [`https://${here}/a`, 'https://169.254.169.254/latest/meta-data/', 'https://localhost/', 'https://[::1]/'];
  const body = `![a](http://${here}/b) [c](http://${here}/d) <http://${here}/e> <img src="http://${here}/f">`;
  const { evidence: piece } = await write({ links: taken, body });
  assert.deepEqual(piece.links, taken, 'kept as text');
  assert.match(piece.bodyHtml, /<p>a <a href="http:/);
  const all = '{ evidence(first: 5) { nodes { bodyHtml links } } }';
  ok(await execute(service, all));
  // Long enough for the events of it to have left as well.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  assert.equal(connections, 0);
  await assert.rejects(fetch(`http://${here}/`));
  assert.equal(connections, 1, 'the listener would have noticed');
});
