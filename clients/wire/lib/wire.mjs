// Requests to the byte, and what every answer must have. Built on node:http, which adds nothing by itself.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';

export const JSON_TYPE = 'application/json';
export const GRAPHQL_TYPE = 'application/graphql-response+json';
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

/** One request; `subject: null` sends no token. Headers that are undefined are left out. */
export function send(service, { method = 'POST', path = '/graphql', subject = 'noor', headers = {}, body } = {}) {
  const all = subject === null ? {} : { authorization: `Bearer ${service.token(subject)}` };
  if (method === 'POST') all['content-type'] = JSON_TYPE;
  // Node leaves the length out for DELETE, say, and the body would look like another request.
  if (body !== undefined) all['content-length'] = Buffer.byteLength(body);
  Object.assign(all, headers);
  for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
  return new Promise((resolve, reject) => {
    const request = http.request(`${service.url}${path}`, { method, headers: all, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(answer(response, Buffer.concat(chunks).toString())));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function answer(response, text) {
  let body;
  if (text && /json/.test(response.headers['content-type'] ?? '')) body = JSON.parse(text);
  const errors = body?.errors ?? [];
  const codes = errors.map((error) => error.extensions?.code);
  return { status: response.statusCode, headers: response.headers, text, body, data: body?.data, errors, codes };
}

/** A GraphQL request; `accept` is graphql-response+json unless said, so that request errors have their status. */
export function execute(service, query, variables, { accept = GRAPHQL_TYPE, headers, members, ...more } = {}) {
  const body = JSON.stringify({ query, variables, ...members });
  return send(service, { body, headers: { accept, ...headers }, ...more });
}

/** The same by GET. */
export function get(service, parameters, { headers, ...more } = {}) {
  const path = `/graphql?${new URLSearchParams(parameters)}`;
  return send(service, { method: 'GET', path, headers: { accept: GRAPHQL_TYPE, ...headers }, ...more });
}

/** The data of an answer that has no errors. */
export function ok(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.errors, []);
  return answer.data;
}

/** Nothing was executed, and the answer says why: one of these codes, without a word about our insides. */
export function refused(answer, code, { status = 400, label } = {}) {
  const about = `${label ?? ''} ${answer.status} ${answer.text.slice(0, 400)}`;
  assert.equal(answer.status, status, about);
  assert.ok(answer.errors.length >= 1 && answer.errors.length <= 20, about);
  const codes = [code].flat();
  for (const found of answer.codes) assert.ok(codes.includes(found), `wanted ${codes}: ${about}`);
  assert.ok(!('data' in answer.body), about);
  discreet(answer.text);
}

/** Checks every case and tells all that fail, not the first alone. */
export async function each(cases, check) {
  const failures = [];
  for (const [index, one] of cases.entries()) {
    const label = JSON.stringify(one)?.slice(0, 160) ?? `${index}`;
    await check(one).catch((error) => failures.push(`${label}\n    ${error.message.trim().replaceAll('\n', ' ').slice(0, 300)}`));
  }
  const more = failures.length > 15 ? '\nand more' : '';
  assert.ok(failures.length === 0, `${failures.length} of ${cases.length}:\n${failures.slice(0, 15).join('\n')}${more}`);
}

/** No name of a library, type, file or statement. */
export function discreet(text) {
  const insides = /serde|InvalidRequest|async.graphql|at line \d+ column|panicked|\.rs\b|sea.?orm|sqlx|SELECT |did you mean/i;
  assert.doesNotMatch(text, insides);
}

/**
 * Sends bytes as they are; hands back everything that came until the other side closed, or until it is enough. An answer
 * that comes while something is still being sent may be lost with the connection: then it is asked for again.
 */
export async function raw(service, bytes, options) {
  for (let turn = 0; ; turn += 1) {
    const answer = await once(service, bytes, options);
    if (answer.text !== '' || !answer.reset || turn === 20) return answer;
  }
}

function once(service, bytes, { most = 60_000, enough = () => false } = {}) {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname);
    const chunks = [];
    const timer = setTimeout(() => socket.destroy(new Error(`not closed within ${most} ms`)), most);
    const started = performance.now();
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (enough(Buffer.concat(chunks).toString())) socket.destroy();
    });
    let reset = false;
    // A reset after the answer is an end like any other.
    socket.on('error', (error) => (['ECONNRESET', 'EPIPE'].includes(error.code) ? (reset = true) : reject(error)));
    socket.on('close', () => {
      clearTimeout(timer);
      const text = Buffer.concat(chunks).toString();
      resolve({ text, reset, status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]), after: performance.now() - started });
    });
    socket.write(bytes);
  });
}

/** The head of a request, for `raw`. */
export function head(service, lines, { method = 'POST', path = '/graphql' } = {}) {
  const { host } = new URL(service.url);
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** Runs the command line. */
export function run(...args) {
  const { status, stdout, stderr } = spawnSync(process.env.WAYMARK_BIN, args, { encoding: 'utf8' });
  return { status, stdout, stderr, output: stdout + stderr };
}

/** Asks until it holds, for what tells nobody when it happens. */
export async function eventually(what, most, holds) {
  const end = Date.now() + most;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`${what}: not within ${most} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Opens services together; when one does not start, the others end. */
export async function openAll(...opening) {
  const results = await Promise.allSettled(opening);
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return results.map((result) => result.value);
  await Promise.all(results.map((result) => result.value?.end()));
  throw failed.reason;
}

/** The process still works. */
export async function alive(service) {
  ok(await execute(service, '{ __typename }'));
}
