// Apollo Client for Waymark: everything that an application needs, and nothing of this repository's tests.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, type FieldPolicy } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { createPersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { createClient as createSocket } from 'graphql-ws';
import possible from './generated/possible-types.js';

export interface Options {
  /** Where Waymark is, for instance `http://127.0.0.1:4000`. */
  url: string;
  /** The access token. It is asked for each request, so that a renewed one is used at once. */
  token: () => string;
  /** Instead of the global one, for instance to look at requests. */
  fetch?: typeof fetch;
}

/** Pages differ in these arguments alone; lists that differ in any other (filter, order) are different lists. */
const page = new Set(['first', 'after', 'last', 'before']);
const pages = (): FieldPolicy =>
  relayStylePagination((args) =>
    Object.keys(args ?? {})
      .filter((name) => !page.has(name))
      .sort(),
  );

/** Objects are known by `__typename` and `id`, which is Apollo's default and what Waymark's global ids are for. */
export const createCache = () =>
  new InMemoryCache({
    possibleTypes: possible.possibleTypes,
    typePolicies: {
      Query: { fields: { evidence: pages(), frameworks: pages(), people: pages(), teams: pages() } },
      FrameworkVersion: { fields: { skills: pages() } },
      Person: { fields: { evidence: pages(), reports: pages() } },
      Team: { fields: { members: pages() } },
      // There is one of it: whoever the token names.
      Viewer: { keyFields: [] },
    },
  });

/** A client, and its socket for who wants to show whether it is open. */
export function createClient({ url, token, fetch: send = fetch }: Options) {
  const authorization = () => `Bearer ${token()}`;

  // Queries and mutations. HttpLink accepts application/graphql-response+json by itself.
  const authorised = new SetContextLink(({ headers }) => ({ headers: { ...headers, authorization: authorization() } }));
  // The hash instead of the document, by GET. What the service does not know yet is sent once, by POST.
  const persisted = createPersistedQueryLink({ sha256, useGETForHashedQueries: true });
  const http = ApolloLink.from([authorised, persisted, new HttpLink({ uri: `${url}/graphql`, fetch: send })]);

  // Subscriptions. A browser cannot set headers on a socket: the token goes with the first message.
  const socket = createSocket({
    url: `${url.replace(/^http/, 'ws')}/graphql/ws`,
    lazy: true,
    connectionParams: () => ({ authorization: authorization() }),
  });
  const subscribes = (document: Parameters<typeof getMainDefinition>[0]) => {
    const definition = getMainDefinition(document);
    return definition.kind === 'OperationDefinition' && definition.operation === OperationTypeNode.SUBSCRIPTION;
  };
  const link = ApolloLink.split(({ query }) => subscribes(query), new GraphQLWsLink(socket), http);

  const client = new ApolloClient({ link, cache: createCache() });
  return {
    client,
    socket,
    async close() {
      client.stop();
      await socket.dispose();
    },
  };
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
