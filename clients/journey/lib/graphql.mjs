// A minimal GraphQL client: what a script without any library would send.
export async function request(service, subject, query, variables = {}) {
  const response = await fetch(`${service.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${service.token(subject)}` },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, headers: response.headers, ...(await response.json()) };
}

/** The data of an answer without errors. */
export async function data(service, subject, query, variables) {
  const answer = await request(service, subject, query, variables);
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

/** The payload of the one mutation of a document. */
export async function mutate(service, subject, query, variables) {
  return Object.values(await data(service, subject, query, variables))[0];
}
