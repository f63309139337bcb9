// A bounded load over GraphQL, and the history of what was answered.
import { documents, evidence, framework } from '../../journey/lib/story.mjs';
import { mutate, request } from '../../journey/lib/graphql.mjs';

/** Most writes under way at once. */
const WIDTH = 32;

/** Engineers of the organisation. */
const PEOPLE = 40;

/** Framework and people are in. */
export async function organise(service) {
  const header = 'external_id,name,email,discipline,team,manager_external_id,position,since';
  const lead = ['noor,Noor,noor@example.com,backend,Core,,,', 'tomas,Tomas,tomas@example.com,backend,Core,noor,,'];
  const names = Array.from({ length: PEOPLE }, (_, n) => `p${n}`);
  const rest = names.map((name) => `${name},${name},${name}@example.com,backend,Core,tomas,engineer,2025-01-01`);
  const { version } = await mutate(service, 'noor', documents.importFramework, { input: { document: framework } });
  const published = await mutate(service, 'noor', documents.publishFramework, { input: { versionId: version.id } });
  await mutate(service, 'noor', documents.importPeople, { input: { csv: [header, ...lead, ...rest].join('\n') } });
  const people = {};
  for (const name of names) people[name] = (await mutate(service, 'noor', documents.person, { id: name })).id;
  return { names, people, skills: Object.fromEntries(published.version.skills.nodes.map(({ id, key }) => [key, id])) };
}

export class Loader {
  history = [];
  #running = true;
  #under_way = new Set();
  #count = 0;

  constructor({ service, gateways }, ids, random, perSecond) {
    Object.assign(this, { service, gateways, ids, random, perSecond });
  }

  /** Writes at the given rate, as far as the answers keep up. */
  async run() {
    const began = Date.now();
    while (this.#running) {
      const due = ((Date.now() - began) / 1000) * this.perSecond;
      while (this.#count < due && this.#under_way.size < WIDTH) this.#begin();
      // What could not be begun in time is not made up for: the load is bounded.
      this.#count = Math.max(this.#count, Math.floor(due) - this.perSecond);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(this.#under_way);
  }

  stop() {
    this.#running = false;
  }

  #begin() {
    this.#count += 1;
    const writing = this.write();
    this.#under_way.add(writing);
    writing.finally(() => this.#under_way.delete(writing));
  }

  /** One write, on either gateway; its answer goes into the history. */
  async write() {
    this.history.push(await this.#answer());
  }

  async #answer() {
    const { names, people, skills } = this.ids;
    const name = names[Math.floor(this.random() * names.length)];
    const personId = people[name];
    const level = 1 + Math.floor(this.random() * 3);
    const creates = this.random() < 0.6;
    const { url } = this.gateways[Math.floor(this.random() * this.gateways.length)];
    const target = { url, token: this.service.token };
    const began = Date.now();
    const send = creates
      ? () => request(target, name, documents.recordEvidence, { input: evidence({ people: { mira: personId }, skills }) })
      : () => request(target, 'tomas', documents.attestSkill, { input: { personId, skillId: skills.sql, level } });
    const answered = await send().catch((error) => error);
    const entry = { creates, began, took: Date.now() - began };
    // Nothing was sent to a gateway that does not listen; of anything else nobody knows.
    if (answered.cause?.code === 'ECONNREFUSED') return { ...entry, outcome: 'unreachable' };
    if (answered instanceof Error) return { ...entry, outcome: 'unknown' };
    const payload = Object.values(answered.data ?? {})[0];
    const refusal = answered.errors?.[0]?.extensions?.code ?? payload?.userErrors?.[0]?.code;
    if (refusal) return { ...entry, outcome: refusal === 'CONFLICT' ? 'conflict' : 'refused', code: refusal };
    const id = creates ? Buffer.from(payload.evidence.id, 'base64url').subarray(2).toString('hex') : undefined;
    return { ...entry, outcome: 'ok', id };
  }
}
