// Refuses a schema that breaks clients of the one before: node gate.mjs OLD.graphql NEW.graphql
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

const isoDate = /\b\d{4}-\d{2}-\d{2}\b/;

/** The reason of the deprecation of `Type`, `Type.field`, `Type.field.argument` or `Enum.VALUE`, if there is one. */
function deprecation(schema, path) {
  const [name, member, argument] = path.split('.');
  const type = schema.getType(name);
  const field = type?.getFields?.()[member] ?? type?.getValue?.(member);
  return (argument ? field?.args.find(({ name }) => name === argument) : field)?.deprecationReason;
}

/** What was deprecated may go, but not before the day that its deprecation promised. */
function due(before, change, today) {
  if (!/_REMOVED$/.test(change.type) || !change.path) return false;
  const day = deprecation(before, change.path)?.match(isoDate)?.[0];
  return day !== undefined && day <= today;
}

/** All changes from one schema to the other; those that break clients are `breaking`. */
export async function compare(before, after, today = new Date().toISOString().slice(0, 10)) {
  const changes = await diff(before, after);
  return changes.map((change) => ({
    path: change.path,
    message: change.message,
    breaking: change.criticality.level === CriticalityLevel.Breaking && !due(before, change, today),
  }));
}

async function main([before, after]) {
  if (!before || !after) {
    console.error('Usage: node gate.mjs OLD.graphql NEW.graphql');
    return 2;
  }
  const [old, changed] = [before, after].map((file) => buildSchema(readFileSync(file, 'utf8')));
  const changes = await compare(old, changed);
  for (const { breaking, message } of changes) console.log(`${breaking ? 'BREAKING' : 'ok      '} ${message}`);
  const breaking = changes.filter((change) => change.breaking).length;
  console.log(`${changes.length} changes, ${breaking} of them breaking`);
  return breaking > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // What cannot be read is no pass.
  process.exitCode = await main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    return 2;
  });
}
