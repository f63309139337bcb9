// The page for people shows the table that the service has.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { roles, table } from '../lib/world.mjs';

test('docs/authorisation.md has every row of the table, and no other', () => {
  const page = readFileSync(new URL('../../../docs/authorisation.md', import.meta.url), 'utf8');
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const wanted = [row(['action', ...roles]), ...[...table].map(([action, cells]) => row([action, ...cells.values()]))];
  const lines = page.split('\n');
  const begin = lines.indexOf(wanted[0]);
  const shown = lines.slice(begin, lines.indexOf('', begin)).filter((line) => !line.startsWith('|---'));
  assert.deepEqual(shown, wanted);
});
