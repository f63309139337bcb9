// A mail server, a broker and waymark-notifier between them.
import { Kafka, logLevel } from 'kafkajs';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generate } from 'selfsigned';
import { SMTPServer } from 'smtp-server';

const user = 'waymark';
const password = 'p@ss/word';
export const progress = 'career.progress.events.v1';
export const evidence = 'career.evidence.events.v1';

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: run these tests by \`cargo xtask test\``);
  return value;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function until(what, ready, most = 120_000) {
  const end = Date.now() + most;
  for (;;) {
    const value = await ready();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${most} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A certificate for loopback, by itself its authority. */
async function certificate() {
  const altNames = [{ type: 2, value: 'localhost' }, { type: 7, ip: '127.0.0.1' }];
  const extensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'subjectAltName', altNames },
  ];
  const name = [{ name: 'commonName', value: 'localhost' }];
  const { cert, private: key } = await generate(name, { algorithm: 'sha256', keyType: 'ec', extensions });
  return { cert, key };
}

export class World {
  static async start() {
    const world = new World();
    world.folder = mkdtempSync(join(tmpdir(), 'waymark-mail-'));
    world.port = await freePort();
    world.tls = await certificate();
    world.group = `mail-${randomUUID()}`;
    world.people = new Map();
    world.mails = [];
    // What the server says of a mail, or before it says anything.
    world.answer = () => undefined;
    writeFileSync(join(world.folder, 'authority.pem'), world.tls.cert);
    const brokers = [needed('WAYMARK_TEST_KAFKA')];
    world.kafka = new Kafka({ clientId: 'mail', brokers, logLevel: logLevel.NOTHING });
    const admin = world.kafka.admin();
    await admin.connect();
    const topics = [progress, evidence].map((topic) => ({ topic, numPartitions: 12, replicationFactor: 1 }));
    await admin.createTopics({ topics }).catch(() => {});
    await admin.disconnect();
    world.producer = world.kafka.producer();
    await world.producer.connect();
    return world;
  }

  /** A person with an address. */
  person(address) {
    const id = randomUUID();
    this.people.set(id, address);
    const rows = [...this.people].map((row) => row.join(','));
    writeFileSync(join(this.folder, 'people.csv'), ['person_id,email', ...rows, ''].join('\n'));
    return { id, sequences: {} };
  }

  /** Publishes an event about the person; gives its id. */
  async publish(person, type, data, { topic = progress, time = new Date() } = {}) {
    const [id, sequence] = [randomUUID(), (person.sequences[topic] = (person.sequences[topic] ?? 0) + 1)];
    const headers = {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: '/waymark/mail',
      ce_type: type,
      ce_time: time.toISOString(),
      ce_subject: `person/${person.id}`,
      ce_sequence: `${sequence}`,
    };
    const value = JSON.stringify({ personId: person.id, ...data });
    await this.producer.send({ topic, messages: [{ key: person.id, value, headers }] });
    return id;
  }

  closedGap(person, options) {
    const data = { positionId: randomUUID(), skillId: randomUUID(), requiredLevel: 3 };
    return this.publish(person, 'career.gap-closed.v1', data, options);
  }

  /** A server that takes mail over TLS alone, from those who know the password. */
  async serve() {
    this.server = new SMTPServer({
      ...this.tls,
      authMethods: ['PLAIN', 'LOGIN'],
      onAuth: (auth, session, done) => {
        const known = session.secure && auth.username === user && auth.password === password;
        done(known ? null : new Error('unknown'), { user });
      },
      onRcptTo: ({ address }, session, done) => done(this.answer(address)),
      onData: (stream, { envelope }, done) => {
        const parts = [];
        stream.on('data', (part) => parts.push(part));
        stream.on('end', () => {
          this.mails.push({ envelope, text: Buffer.concat(parts).toString() });
          this.took?.();
          done();
        });
      },
    });
    await new Promise((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  /** Mails that arrived at the address. */
  to(address) {
    return this.mails.filter(({ envelope }) => envelope.rcptTo.some((to) => to.address === address));
  }

  notify() {
    const url = `smtp://${user}:${encodeURIComponent(password)}@127.0.0.1:${this.port}?tls=required`;
    const secret = join(this.folder, 'smtp-url');
    writeFileSync(secret, `${url}\n`);
    const env = {
      PATH: process.env.PATH,
      SSL_CERT_FILE: join(this.folder, 'authority.pem'),
      WAYMARK_NOTIFIER_BROKERS: needed('WAYMARK_TEST_KAFKA'),
      WAYMARK_NOTIFIER_GROUP: this.group,
      WAYMARK_NOTIFIER_REPLICATION_FACTOR: '1',
      WAYMARK_NOTIFIER_DATABASE_URL: `sqlite://${join(this.folder, 'inbox.db')}?mode=rwc`,
      WAYMARK_NOTIFIER_DIRECTORY_FILE: join(this.folder, 'people.csv'),
      WAYMARK_NOTIFIER_SMTP_URL_FILE: secret,
      WAYMARK_NOTIFIER_MAIL_FROM: 'Waymark <waymark@example.com>',
    };
    const binary = join(dirname(needed('WAYMARK_BIN')), 'waymark-notifier');
    this.notifier = spawn(binary, [], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.output ??= '';
    for (const stream of [this.notifier.stdout, this.notifier.stderr]) {
      stream.on('data', (text) => (this.output += text));
    }
    return this.notifier;
  }

  /** Ends the notifier; its exit code, or the signal. */
  async end(signal) {
    const ended = new Promise((resolve) => this.notifier.on('exit', (code, by) => resolve(by ?? code)));
    this.notifier.kill(signal);
    return await ended;
  }

  /** Calls `waymark-dlq` for the topic of careers. */
  letters(...args) {
    const binary = join(dirname(needed('WAYMARK_BIN')), 'waymark-dlq');
    const whose = ['--brokers', needed('WAYMARK_TEST_KAFKA'), '--topic', progress, '--group', this.group];
    return spawnSync(binary, [...whose, ...args], { encoding: 'utf8', timeout: 60_000 });
  }

  /** The dead letters about these people in a topic, once there are so many. */
  async dead(topic, count) {
    const consumer = this.kafka.consumer({ groupId: `letters-${randomUUID()}` });
    const letters = [];
    await consumer.connect();
    await consumer.subscribe({ topic: `${topic}.dlq.${this.group}`, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void (this.people.has(`${message.key}`) && letters.push(message)) });
    await until(`${count} dead letters`, () => letters.length >= count);
    await consumer.disconnect();
    return letters.map(({ headers }) => ({ id: `${headers.ce_id}`, error: `${headers.dlq_error}` }));
  }

  async stop() {
    if (this.notifier?.exitCode === null && this.notifier.signalCode === null) await this.end('SIGKILL');
    if (this.server) await new Promise((resolve) => this.server.close(resolve));
    await this.producer.disconnect();
    rmSync(this.folder, { recursive: true });
  }
}
