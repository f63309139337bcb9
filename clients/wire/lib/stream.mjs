// Answers that go on: Server-Sent Events and multipart/mixed, read part by part.

/** Begins a request; its answer is read as it comes. It is cut off after a minute at the latest. */
export function begin(service, members, { accept, method = 'POST', subject = 'noor', headers = {} } = {}) {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]);
  const all = { accept, ...headers };
  if (subject) all.authorization = `Bearer ${service.token(subject)}`;
  let url = `${service.url}/graphql`;
  let body;
  if (method === 'POST') {
    all['content-type'] = 'application/json';
    body = JSON.stringify(members);
  } else {
    const texts = Object.entries(members).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
    url += `?${new URLSearchParams(texts)}`;
  }
  return fetch(url, { method, headers: all, body, signal }).then((response) => {
    response.stop = () => stop.abort();
    return response;
  });
}

async function* texts(response) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of response.body) yield decoder.decode(chunk, { stream: true });
}

/** Server-Sent Events as `{ event, data }`; comments are left out. */
export async function* events(response) {
  let rest = '';
  for await (const text of texts(response)) {
    const blocks = (rest + text).split(/\r\n\r\n|\n\n|\r\r/);
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = block.split(/\r\n|\n|\r/).filter((line) => line !== '' && !line.startsWith(':'));
      if (fields.length === 0) continue;
      const values = (name) => fields.filter((line) => line.split(':')[0] === name);
      const value = (name) => values(name).map((line) => line.slice(name.length + 1).replace(/^ /, '')).join('\n');
      yield { event: value('event'), data: value('data'), text: block };
    }
  }
}

/**
 * Parts of multipart/mixed as `{ headers, body, at }`, then `{ closed: true }` if the closing boundary came. Like
 * Apollo's reader it takes a part as whole as soon as the boundary after it is there.
 */
export async function* parts(response, boundary = 'graphql') {
  const delimiter = `\r\n--${boundary}`;
  let rest = '\r\n';
  let preamble = true;
  for await (const text of texts(response)) {
    rest += text;
    for (let at = rest.indexOf(delimiter); at >= 0; at = rest.indexOf(delimiter)) {
      if (!preamble) yield part(rest.slice(0, at));
      preamble = false;
      rest = rest.slice(at + delimiter.length);
    }
    if (!preamble && rest.startsWith('--')) {
      yield { closed: true };
      return;
    }
  }
}

function part(text) {
  const at = text.indexOf('\r\n\r\n');
  return { headers: text.slice(0, at).trim().toLowerCase(), body: JSON.parse(text.slice(at)), at: performance.now() };
}
