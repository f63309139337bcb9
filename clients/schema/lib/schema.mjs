// The schema as it is promised and as it is served.
import { readFileSync } from 'node:fs';
import { buildClientSchema, buildSchema, getIntrospectionQuery, introspectionFromSchema } from 'graphql';
import { data } from '../../journey/lib/graphql.mjs';

export const goldenText = readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8');
export const golden = () => buildSchema(goldenText);

const options = {
  descriptions: true,
  directiveIsRepeatable: true,
  inputValueDeprecation: true,
  oneOf: true,
  schemaDescription: true,
  specifiedByUrl: true,
};

/** The golden schema as introspection would tell it. */
export const introspected = () => buildClientSchema(introspectionFromSchema(golden(), options));

/** The schema of a running service, by introspection. */
export async function served(service) {
  return buildClientSchema(await data(service, 'noor', getIntrospectionQuery(options)));
}
