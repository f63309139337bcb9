// What is killed and started again: two gateways, two relays, and a broker of our own.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { freePort, launch, production } from '../../journey/lib/service.mjs';

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(what, so, most = 120_000) {
  const end = Date.now() + most;
  while (!(await so())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${most / 1000} s`);
    await sleep(100);
  }
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer) => resolve(answer) || socket.destroy();
    socket.on('connect', () => done(true)).on('error', () => done(false));
  });

/** The broker that `cargo xtask chaos` prepared. */
class Broker {
  name = 'broker';
  #command = JSON.parse(process.env.WAYMARK_CHAOS_KAFKA);
  #port = Number(process.env.WAYMARK_TEST_KAFKA.split(':')[1]);

  async start() {
    const [program, ...args] = this.#command;
    this.child = spawn(program, args, { stdio: 'ignore' });
    process.once('exit', () => this.child.kill('SIGKILL'));
    await until('the broker', () => listens(this.#port));
  }

  async kill() {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}

/** A process of Waymark's. */
class Member {
  constructor(name, role, env, url) {
    Object.assign(this, { name, role, env, url });
  }

  async start() {
    this.state = launch([this.role], this.env);
    if (this.url) await until(this.name, async () => (await fetch(`${this.url}/health/ready`).catch(() => undefined))?.ok);
  }

  async kill() {
    this.state.child.kill('SIGKILL');
    await this.state.exited;
  }
}

/** Everything, running. */
export async function cluster() {
  const broker = new Broker();
  await broker.start();
  const service = await production();
  const another = async (name, role) => {
    const [http, metrics] = [await freePort(), await freePort()];
    const listen = { WAYMARK_HTTP__LISTEN: `127.0.0.1:${http}`, [`WAYMARK_ADMIN__${role.toUpperCase()}_LISTEN`]: `127.0.0.1:${metrics}` };
    const member = new Member(name, role, { ...service.env, ...listen }, role === 'serve' ? `http://127.0.0.1:${http}` : undefined);
    await member.start();
    return member;
  };
  const first = (name, role, state, url) => Object.assign(new Member(name, role, service.env, url), { state });
  const gateways = [first('gateway 1', 'serve', service.process, service.url), await another('gateway 2', 'serve')];
  const relays = [first('relay 1', 'relay', service.relay), await another('relay 2', 'relay')];
  return { service, broker, gateways, relays };
}
