// Starts Waymark as its operators do, in both of its forms, and signs tokens for its people.
import { spawn, execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, randomInt, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: run these tests by \`cargo xtask test\``);
  return value;
}

const binary = () => needed('WAYMARK_BIN');

/** The first port that the system gives away by itself, for outgoing connections say. */
function firstEphemeralPort() {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
  } catch {
    return 0;
  }
}

/**
 * A port that nobody uses, now or when the service listens on it, a second time after a crash as well: below those
 * that any connection may be given meanwhile. Where there is no room below, one that the system chooses.
 */
export async function freePort() {
  const [lowest, end] = [10_000, firstEphemeralPort()];
  const free = (port) =>
    new Promise((resolve) => {
      const server = createServer();
      server.on('error', () => resolve(undefined));
      server.listen(port, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
    });
  for (let turn = 0; turn < 100; turn += 1) {
    const port = await free(end - lowest >= 1_000 ? randomInt(lowest, end) : 0);
    if (port) return port;
  }
  throw new Error('100 ports in a row are in use');
}

async function until(what, most, ready) {
  const end = Date.now() + most;
  for (;;) {
    if (await ready()) return;
    if (Date.now() > end) throw new Error(`${what}: not within ${most} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const answers = async (url) => (await fetch(url).catch(() => undefined))?.ok === true;

/** A process whose output is kept for when something goes wrong. */
export function launch(args, env) {
  const child = spawn(binary(), args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const state = { child, output: '', exited: undefined };
  child.stdout.on('data', (data) => (state.output += data));
  child.stderr.on('data', (data) => (state.output += data));
  // Nothing outlives the tests, whatever becomes of them.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  // `close` comes after the last of the output.
  state.exited = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
  return state;
}

/** Waits until it answers; when it ends instead, that is told at once, and nothing is left running. */
async function started(url, ...processes) {
  let over = false;
  const ended = Promise.race(processes.map(({ exited }) => exited)).then(() => {
    over = true;
    throw new Error(`ended instead of starting: ${processes.map(({ output }) => output).join('\n')}`);
  });
  try {
    await Promise.race([until('start', 60_000, async () => over || answers(url)), ended]);
  } catch (error) {
    for (const { child } of processes) child.kill('SIGKILL');
    throw error;
  }
}

async function stop(process, signal = 'SIGTERM') {
  process.child.kill(signal);
  return process.exited;
}

/**
 * The embedded form: one process with SQLite and its own broker. `args` are further arguments of
 * `waymark dev`, `env` further variables of its environment.
 */
export async function embedded({ sample = false, args: more = [], env = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-embedded-'));
  const [http, kafka] = [await freePort(), await freePort()];
  const args = ['dev', '--data', folder, '--listen', `127.0.0.1:${http}`, '--kafka-listen', `127.0.0.1:${kafka}`, ...more];
  const tokens = new Map();
  const service = {
    form: 'embedded',
    url: `http://127.0.0.1:${http}`,
    brokers: `127.0.0.1:${kafka}`,
    tenant: 'default',
    folder,
    async start() {
      this.process = launch(sample ? args : [...args, '--empty'], env);
      await started(`${this.url}/health/ready`, this.process);
    },
    kill() {
      return stop(this.process, 'SIGKILL');
    },
    /** A token of a persona. */
    token(persona) {
      const names = {
        noor: 'admin',
        tomas: 'manager',
        mira: 'engineer',
        kwame: 'panel-member',
        amara: 'people-partner',
        diego: 'framework-owner',
        'reporting-service': 'service',
      };
      const print = ['token', names[persona], '--data', folder];
      if (!tokens.has(persona)) tokens.set(persona, execFileSync(binary(), print, { encoding: 'utf8' }).trim());
      return tokens.get(persona);
    },
    async end() {
      const ended = await stop(this.process);
      rmSync(folder, { recursive: true, force: true });
      return ended;
    },
  };
  await service.start();
  return service;
}

/** A list of tables as a setting in the environment. */
export function setting(tables) {
  const table = (members) => Object.entries(members).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return `[${tables.map((members) => `{${table(members).join(', ')}}`).join(', ')}]`;
}

/**
 * The production form: gateway and relay as processes of their own, on PostgreSQL and Apache Kafka. `env` are
 * further settings.
 */
export async function production({ env: more = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-production-'));
  const server = needed('WAYMARK_TEST_POSTGRES');
  const brokers = needed('WAYMARK_TEST_KAFKA');
  const tenant = `t${randomBytes(6).toString('hex')}`;
  // Only this form needs the driver, so that clients of other folders can use this file without it.
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${tenant}`);
  await client.end();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(folder, 'issuer.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(folder, 'cursor.key'), randomBytes(32));
  writeFileSync(join(folder, 'master.key'), randomBytes(32).toString('base64'));
  const [port, serveMetrics, relayMetrics] = [await freePort(), await freePort(), await freePort()];
  const env = {
    WAYMARK_DATABASE__URL: server.replace(/\/[^/]*$/, `/${tenant}`),
    WAYMARK_EVENTS__BROKERS: brokers,
    WAYMARK_EVENTS__REPLICATION_FACTOR: '1',
    WAYMARK_EVENTS__MIN_INSYNC_REPLICAS: '1',
    WAYMARK_HTTP__LISTEN: `127.0.0.1:${port}`,
    WAYMARK_HTTP__CURSOR_SECRET_FILE: join(folder, 'cursor.key'),
    WAYMARK_ENCRYPTION__MASTER_KEY_FILE: join(folder, 'master.key'),
    WAYMARK_AUTH__ISSUERS: setting([
      {
        issuer: 'https://issuer.example.com',
        audience: 'waymark',
        public_key_file: join(folder, 'issuer.pem'),
        administrators: ['noor'],
      },
    ]),
    WAYMARK_TENANT__KEY: tenant,
    WAYMARK_ADMIN__SERVE_LISTEN: `127.0.0.1:${serveMetrics}`,
    WAYMARK_ADMIN__RELAY_LISTEN: `127.0.0.1:${relayMetrics}`,
    // Tests ask for more than one person would.
    WAYMARK_LIMITS__POINTS_PER_MINUTE: '0',
    ...more,
  };
  const cli = (...args) => execFileSync(binary(), args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  cli('check-config');
  cli('migrate');
  const service = {
    form: 'production',
    url: `http://127.0.0.1:${port}`,
    brokers,
    tenant,
    folder,
    /** Where each process tells its metrics. */
    metrics: { serve: `http://127.0.0.1:${serveMetrics}/metrics`, relay: `http://127.0.0.1:${relayMetrics}/metrics` },
    /** Its settings, for more processes of the same service. */
    env,
    /** Runs a command of the operator's on the same configuration. */
    cli,
    /** The same beside the test; hands back how it ended, whatever that is. */
    run(args, more = {}) {
      const child = spawn(binary(), args, { env: { ...process.env, ...env, ...more } });
      const said = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr']) child[stream].on('data', (data) => (said[stream] += data));
      return new Promise((resolve) => child.on('close', (status) => resolve({ status, ...said })));
    },
    /** Stops the gateway, and starts it with further settings. */
    async restart(more = {}) {
      Object.assign(env, more);
      await stop(this.process);
      this.process = launch(['serve'], env);
      await started(`${this.url}/health/ready`, this.process);
    },
    async start() {
      this.process = launch(['serve'], env);
      this.relay = launch(['relay'], env);
      await started(`${this.url}/health/ready`, this.process, this.relay);
    },
    async kill() {
      return Promise.all([stop(this.process, 'SIGKILL'), stop(this.relay, 'SIGKILL')]);
    },
    /** Runs queries on the database behind the service's back. */
    async database(work) {
      const client = new pg.Client({ connectionString: env.WAYMARK_DATABASE__URL });
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    },
    /** Everything that lies in the database, a line for each row; bytes in hexadecimal. */
    dump() {
      return this.database(async (client) => {
        const lines = [];
        const tables = await client.query("select tablename from pg_tables where schemaname = 'public'");
        for (const { tablename } of tables.rows) {
          const { rows } = await client.query(`select t::text as row from "${tablename}" t`);
          lines.push(...rows.map(({ row }) => `${tablename} ${row}`));
        }
        return lines.join('\n');
      });
    },
    /** A token of this subject; `more` are further claims. */
    token(subject, more = {}) {
      const now = Math.floor(Date.now() / 1000);
      const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const head = encode({ alg: 'EdDSA', typ: 'at+jwt' });
      const claims = { iss: 'https://issuer.example.com', aud: 'waymark', sub: subject, iat: now, exp: now + 600, ...more };
      const body = `${head}.${encode(claims)}`;
      return `${body}.${sign(null, Buffer.from(body), privateKey).toString('base64url')}`;
    },
    async end() {
      const ended = await Promise.all([stop(this.process), stop(this.relay)]);
      rmSync(folder, { recursive: true, force: true });
      return ended[0];
    },
  };
  await service.start();
  return service;
}

export const forms = { embedded, production };
