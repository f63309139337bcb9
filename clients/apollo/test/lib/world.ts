// A running service with sample data, a client for each of its people, and a record of what clients send.
import { after, before } from 'node:test';
import WebSocket from 'ws';
import { embedded } from '../../../journey/lib/service.mjs';
import { createClient } from '../../src/client.js';
import { FindSkill, Standing } from '../../src/documents.js';

// Browsers, and Node from 22 on, have it.
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;

export interface Exchange {
  method: string;
  url: URL;
  accept: string | null;
  /** Members of the body, or the parameters of a GET. */
  sent: { query?: string; operationName?: string; extensions?: { persistedQuery?: { sha256Hash: string } } };
  status: number;
  headers: Headers;
  received: { data?: unknown; errors?: { message: string; extensions?: { code?: string } }[] };
}

type Persona = 'noor' | 'tomas' | 'mira';
type Client = ReturnType<typeof createClient>['client'];
type Socket = ReturnType<typeof createClient>['socket'];

/** What a test has at hand: `connect` is a client of its own with an empty cache. */
export interface World {
  readonly url: string;
  token(persona: Persona): string;
  connect(persona: Persona | { token: string }): { client: Client; socket: Socket; exchanges: Exchange[] };
}

/** Starts before the tests of a file, ends after them. */
export function world(): World {
  let service: Awaited<ReturnType<typeof embedded>> | undefined;
  const open: (() => Promise<void>)[] = [];
  before(async () => void (service = await embedded({ sample: true })));
  after(async () => {
    await Promise.all(open.map((close) => close()));
    await service?.end();
  });
  const running = () => service ?? raise('The service does not run yet.');
  return {
    get url() {
      return running().url;
    },
    token: (persona) => running().token(persona),
    connect(who) {
      const token = typeof who === 'string' ? running().token(who) : who.token;
      const exchanges: Exchange[] = [];
      const { client, socket, close } = createClient({
        url: running().url,
        token: () => token,
        fetch: recorder(exchanges),
      });
      open.push(close);
      return { client, socket, exchanges };
    },
  };
}

/** A `fetch` that remembers. */
function recorder(exchanges: Exchange[]): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const parameters = Object.fromEntries(url.searchParams);
    const sent = request.method === 'GET' ? parameters : JSON.parse(await request.clone().text());
    if (request.method === 'GET' && parameters.extensions) sent.extensions = JSON.parse(parameters.extensions);
    const response = await fetch(request);
    const received = await response.clone().json();
    const { method, headers } = request;
    exchanges.push({
      method,
      url,
      accept: headers.get('accept'),
      sent,
      status: response.status,
      headers: response.headers,
      received,
    });
    return response;
  };
}

/** Something that has to be there. */
export function raise(message: string): never {
  throw new Error(message);
}

export const today = () => new Date().toISOString().slice(0, 10);

/** Ids of the sample data that tests need to write something. */
export async function sample(client: Client) {
  const standing = await client.query({ query: Standing, variables: { person: 'mira' } });
  const skill = await client.query({ query: FindSkill, variables: { framework: 'backend-developer', name: 'sql' } });
  return {
    mira: standing.data?.person?.id ?? raise('Mira is not there.'),
    sql: skill.data?.framework?.publishedVersion?.skill?.id ?? raise('SQL is not there.'),
  };
}

export const evidence = (ids: { mira: string; sql: string }, title: string) => ({
  personId: ids.mira,
  kind: 'WORK_ARTEFACT' as const,
  title,
  occurredOn: today(),
  claims: [{ skillId: ids.sql, level: 2 }],
});

/** Operations that went over HTTP, by name. */
export const operations = (exchanges: Exchange[]) => exchanges.map(({ sent }) => sent.operationName);
