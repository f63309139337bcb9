// The contract of the events as it is promised.
import { readFileSync } from 'node:fs';

const events = new URL('../../../crates/events/', import.meta.url);

export const contractText = readFileSync(new URL('asyncapi.json', events), 'utf8');
export const contract = () => JSON.parse(contractText);

/** The JSON Schema of an event type, as consumers get it. */
export const schemaOf = (type) => JSON.parse(readFileSync(new URL(`schemas/${type}.json`, events), 'utf8'));
