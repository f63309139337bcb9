// A WebSocket to the frame: messages are awaited one by one, and so is the close.
import assert from 'node:assert/strict';
import WebSocket from 'ws';

export const PROTOCOL = 'graphql-transport-ws';

/** Opens a socket and waits until it is open; `status` is what the server said instead, if it refused. */
export async function open(service, { protocols = [PROTOCOL], headers = {}, path = '/graphql/ws' } = {}) {
  const ws = new WebSocket(`${service.url.replace('http', 'ws')}${path}`, protocols, { headers });
  const socket = { ws, messages: [], waiting: [] };
  socket.closed = new Promise((resolve) => {
    ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  ws.on('message', (text) => {
    const message = JSON.parse(text);
    message.text = text.toString();
    const wanted = socket.waiting.shift();
    if (wanted) wanted(message);
    else socket.messages.push(message);
  });
  socket.send = (message) => ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  socket.receive = () => receive(socket);
  socket.init = async (subject = 'noor') => {
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${service.token(subject)}` } });
    assert.equal((await socket.receive()).type, 'connection_ack');
    return socket;
  };
  socket.subscribe = (id, query, variables, more) =>
    socket.send({ id, type: 'subscribe', payload: { query, variables, ...more } });
  socket.status = await new Promise((resolve) => {
    ws.on('open', () => resolve(101));
    ws.on('unexpected-response', (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    // A client that is offered no protocol of its own gives up by itself.
    ws.on('error', () => resolve(undefined));
  });
  return socket;
}

/** The next message; fails when the socket closes before. */
async function receive(socket) {
  if (socket.messages.length > 0) return socket.messages.shift();
  const message = new Promise((resolve) => socket.waiting.push(resolve));
  const closed = socket.closed.then(({ code, reason }) => assert.fail(`closed with ${code} ${reason}`));
  return Promise.race([message, closed]);
}

/** The next messages of one operation until its `complete` or `error`. */
export async function operation(socket, id) {
  const messages = [];
  for (;;) {
    const message = await socket.receive();
    if (message.id !== id) continue;
    messages.push(message);
    if (message.type !== 'next') return messages;
  }
}

/** The codes of an operation that did not work out, whether as `error` or as a `next` with errors. */
export async function codesOf(socket, id) {
  const message = await socket.receive();
  assert.equal(message.id, id, message.text);
  const errors = message.type === 'error' ? message.payload : message.payload?.errors;
  return (errors ?? []).map((error) => error.extensions.code);
}

/** The code with which the server closes, or what it sent instead of closing. */
export async function closeCode(socket, most = 60_000) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, most, { code: `open after ${most} ms` })));
  const { code } = await Promise.race([socket.closed, late]);
  clearTimeout(timer);
  if (typeof code === 'string') socket.ws.terminate();
  return code;
}

/** How the server answers a message: the close code, or `taken` if it goes on as if nothing was wrong. */
export async function verdict(socket, message) {
  socket.send(message);
  if (socket.ws.readyState === socket.ws.OPEN) socket.send({ type: 'ping', payload: { after: 'it' } });
  for (;;) {
    const next = await socket.receive().catch(() => undefined);
    if (!next) return socket.closed;
    if (next.type !== 'pong') continue;
    socket.ws.terminate();
    return { code: 'taken', reason: '' };
  }
}
