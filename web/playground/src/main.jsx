import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { operations } from './operations.js';
import { takeToken } from './token.js';

const endpoint = new URL('/graphql', window.location.href);
const socket = new URL('/graphql/ws', window.location.href);
socket.protocol = socket.protocol.replace('http', 'ws');

const token = takeToken();
const authorization = { Authorization: token ? `Bearer ${token}` : 'Bearer <token>' };
const headers = JSON.stringify(authorization, null, 2);

// The headers of the editor are also sent when a socket opens. The schema is asked for before there is an editor.
const send = createGraphiQLFetcher({ url: endpoint.href, subscriptionUrl: socket.href });
const fetcher = (params, options) => send(params, { ...options, headers: options?.headers ?? authorization });

createRoot(document.getElementById('playground')).render(
  <StrictMode>
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={operations(headers)}
      initialHeaders={headers}
      defaultHeaders={headers}
      defaultEditorToolsVisibility="headers"
    >
      <GraphiQL.Logo>Waymark</GraphiQL.Logo>
    </GraphiQL>
  </StrictMode>,
);
