// The checker itself: each rule that can be broken is seen to be broken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkEvents, checkHistory, checkStates, checkWhole } from '../lib/checker.mjs';

const event = (sequence, key = 'a') => ({ id: `${key}${sequence}`, topic: 't', key, sequence, type: 'x', data: '{}' });
const message = (sequence, key = 'a', more = {}) => {
  const { data, ...rest } = event(sequence, key);
  return { ...rest, value: data, partition: 0, ...more };
};
const log = [event(1), event(2), event(3), event(1, 'b')];
const good = [message(1), message(1, 'b'), message(2), message(3)];
const rules = (messages, committed = log) => checkEvents(committed, messages).map(({ rule }) => rule);

test('a faithful topic passes, with repetitions too', () => {
  assert.deepEqual(rules(good), []);
  assert.deepEqual(rules([message(1), message(2), message(1), message(2), message(3), message(1, 'b'), message(3)]), []);
});

test('each broken rule is seen', () => {
  assert.deepEqual(rules(good.slice(1)), ['order', 'missing'], 'the first is gone');
  assert.deepEqual(rules(good.slice(0, 3)), ['missing'], 'the last is gone');
  assert.deepEqual(rules([good[0], good[1], good[3], good[2]]), ['order'], 'swapped');
  assert.deepEqual(rules([...good, message(4)]), ['phantom']);
  assert.deepEqual(rules([...good, message(2, 'a', { id: 'other' })]), ['phantom'], 'repeated under another id');
  assert.deepEqual(rules([...good, message(2, 'a', { value: '{"x":1}' })]), ['altered']);
  assert.deepEqual(rules([...good, message(2, 'a', { partition: 1 })]), ['order']);
  assert.deepEqual(rules([message(1), message(3)], [event(1), event(3)]), ['order', 'log'], 'a gap in the log');
});

test('a change without its event is seen, and an event without its change', () => {
  const proposed = { ...event(1), type: 'career.evidence-proposed.v1', data: '{"evidenceId":"a-b"}' };
  assert.deepEqual(checkWhole([proposed, event(2)], new Set(['ab'])), []);
  assert.deepEqual(checkWhole([proposed], new Set(['ab', 'cd'])).map(({ rule }) => rule), ['torn']);
  assert.deepEqual(checkWhole([proposed], new Set()).map(({ rule }) => rule), ['torn']);
});

test('an older state at the end is seen', () => {
  const people = [{ id: 'a', version: 3, levels: { sql: 2 } }];
  const state = (version, attestedLevel) => ({ key: 'a', value: JSON.stringify({ version, skills: [{ skillId: 'sql', attestedLevel }] }) });
  assert.deepEqual(checkStates(people, [state(2, 1), state(3, 2)]), []);
  for (const messages of [[state(3, 2), state(2, 1)], [state(3, 1)], []]) {
    assert.deepEqual(checkStates(people, messages).map(({ rule }) => rule), ['state']);
  }
});

test('what was acknowledged and is gone is seen, and what nobody asked for', () => {
  const history = [{ outcome: 'ok', id: 'a' }, { outcome: 'unknown', creates: true }, { outcome: 'refused' }];
  assert.deepEqual(checkHistory(history, new Set(['a'])), []);
  assert.deepEqual(checkHistory(history, new Set(['a', 'b'])), []);
  assert.deepEqual(checkHistory(history, new Set(['b'])).map(({ rule }) => rule), ['lost']);
  assert.deepEqual(checkHistory(history, new Set(['a', 'b', 'c'])).map(({ rule }) => rule), ['invented']);
});
