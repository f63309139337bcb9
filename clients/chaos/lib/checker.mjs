// The rules that no crash may break. Pure: it judges what was read from the database and from the topics.

/** Sequences of each stream, as they were committed and as they first arrived. */
const stream = ({ topic, key }) => `${topic} ${key}`;

/**
 * Everything that is wrong, as `{ rule, text }`.
 *
 * `log` has the committed events `{ id, topic, key, sequence, type, data }`, `messages` what lies on their topics in the
 * order of each partition: `{ topic, partition, key, id, sequence, type, value }`.
 */
export function checkEvents(log, messages) {
  const problems = [];
  const problem = (rule, text) => problems.push({ rule, text });
  const committed = new Map(log.map((event) => [event.id, event]));
  const arrived = new Set();
  const last = new Map();
  const partitions = new Map();
  for (const message of messages) {
    const name = stream(message);
    const event = committed.get(message.id);
    if (!event) {
      problem('phantom', `${name} ${message.sequence}: ${message.id} was never committed`);
      continue;
    }
    arrived.add(message.id);
    for (const field of ['topic', 'key', 'sequence', 'type']) {
      if (event[field] !== message[field]) problem('altered', `${message.id}: ${field} is ${message[field]}, not ${event[field]}`);
    }
    if (event.data !== message.value) problem('altered', `${message.id}: another value than was committed`);
    if ((partitions.get(name) ?? message.partition) !== message.partition) problem('order', `${name} lies in two partitions`);
    partitions.set(name, message.partition);
    const before = last.get(name) ?? 0;
    if (message.sequence > before + 1) problem('order', `${name}: ${message.sequence} came after ${before}`);
    last.set(name, Math.max(before, message.sequence));
  }
  for (const event of log) {
    if (!arrived.has(event.id)) problem('missing', `${stream(event)} ${event.sequence}: ${event.id} never arrived`);
  }
  return [...problems, ...checkLog(log)];
}

/** Committed streams count 1, 2, 3, ... */
function checkLog(log) {
  const streams = new Map();
  for (const event of log) streams.set(stream(event), [...(streams.get(stream(event)) ?? []), event.sequence]);
  return [...streams].flatMap(([name, sequences]) => {
    const sorted = sequences.toSorted((a, b) => a - b);
    return sorted.every((sequence, index) => sequence === index + 1) ? [] : [{ rule: 'log', text: `${name} has gaps` }];
  });
}

/** The newest state of each person is that of the tables: `people` are `{ id, version, levels }`, levels by skill. */
export function checkStates(people, messages) {
  const newest = new Map(messages.map((message) => [message.key, message]));
  return people.flatMap(({ id, version, levels }) => {
    const state = newest.get(id);
    if (!state) return [{ rule: 'state', text: `${id} has none` }];
    const { version: told, skills } = JSON.parse(state.value);
    const found = Object.fromEntries(skills.map(({ skillId, attestedLevel }) => [skillId, attestedLevel]));
    const same = Object.keys({ ...levels, ...found }).every((skill) => (levels[skill] ?? null) === (found[skill] ?? null));
    return told === version && same ? [] : [{ rule: 'state', text: `${id} is told as of ${told}, not ${version}` }];
  });
}

/** Evidence and the event that it was proposed are both there or both not. */
export function checkWhole(log, kept) {
  const proposed = log.filter(({ type }) => type === 'career.evidence-proposed.v1').map(({ data }) => JSON.parse(data).evidenceId.replaceAll('-', ''));
  const told = new Set(proposed);
  const half = [...[...kept].filter((id) => !told.has(id)), ...proposed.filter((id) => !kept.has(id))];
  return half.map((id) => ({ rule: 'torn', text: `${id} is there without its event, or the other way round` }));
}

/** What was acknowledged is there; what nobody knows may be; nothing else is. `kept` are the ids in the database. */
export function checkHistory(history, kept) {
  const problems = [];
  const ok = history.filter(({ outcome, id }) => outcome === 'ok' && id).map(({ id }) => id);
  const unknown = history.filter(({ outcome, creates }) => outcome === 'unknown' && creates).length;
  for (const id of ok) if (!kept.has(id)) problems.push({ rule: 'lost', text: `${id} was acknowledged and is gone` });
  const extra = kept.size - ok.length;
  if (extra > unknown) problems.push({ rule: 'invented', text: `${extra} more than acknowledged, though only ${unknown} are unknown` });
  return problems;
}
