// The documents and steps that the tests share.
import { readFileSync } from 'node:fs';
import { data, mutate } from './graphql.mjs';

const fixture = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
export const framework = fixture('framework.yaml');
export const people = fixture('people.csv');

const errors = 'userErrors { code message field line column }';

export const documents = {
  importFramework: `mutation($input: ImportFrameworkInput!) {
    importFramework(input: $input) { changed version { id state number } ${errors} } }`,
  publishFramework: `mutation($input: PublishFrameworkInput!) {
    publishFramework(input: $input) { version { id state positions { id key } skills { nodes { id key } } } ${errors} } }`,
  importPeople: `mutation($input: ImportPeopleInput!) {
    importPeople(input: $input) { summary { rows registered updated unchanged teams } ${errors} } }`,
  recordEvidence: `mutation($input: RecordEvidenceInput!) {
    recordEvidence(input: $input) { evidence { id state } ${errors} } }`,
  acceptEvidence: `mutation($input: EvidenceInput!) { acceptEvidence(input: $input) { evidence { id state } ${errors} } }`,
  rejectEvidence: `mutation($input: EvidenceInput!) { rejectEvidence(input: $input) { evidence { id state } ${errors} } }`,
  verifyEvidence: `mutation($input: EvidenceInput!) { verifyEvidence(input: $input) { evidence { id state } ${errors} } }`,
  attestSkill: `mutation($input: AttestSkillInput!) {
    attestSkill(input: $input) { skillRecord { id attestedLevel effectiveLevel } ${errors} } }`,
  endorseSkill: `mutation($input: AttestSkillInput!) {
    endorseSkill(input: $input) { skillRecord { id attestedLevel } ${errors} } }`,
  person: `query($id: String!) { person(by: { externalId: $id }) { id displayName team { title } manager { displayName } } }`,
  readiness: `query($person: ID!, $position: ID!) { readiness(person: $person, position: $position) {
    score eligible mandatoryMissing { key } gaps { skill { key } required level missing mandatory }
    blockers { code } nextSkills { skill { key } target path { key } } ruleVersion } }`,
};

export const today = () => new Date().toISOString().slice(0, 10);

/** Framework and people are in; hands back the ids that the rest needs. */
export async function organisation(service) {
  const imported = await mutate(service, 'noor', documents.importFramework, { input: { document: framework } });
  const input = { versionId: imported.version.id };
  const published = await mutate(service, 'noor', documents.publishFramework, { input });
  const summary = await mutate(service, 'noor', documents.importPeople, { input: { csv: people } });
  const ids = { imported, published, summary, skills: {}, people: {} };
  for (const { id, key } of published.version.skills.nodes) ids.skills[key] = id;
  for (const { id } of published.version.positions) ids.position = id;
  for (const name of ['noor', 'tomas', 'mira']) {
    ids.people[name] = (await data(service, name, documents.person, { id: name })).person.id;
  }
  return ids;
}

export async function readiness(service, ids) {
  const variables = { person: ids.people.mira, position: ids.position };
  return (await data(service, 'mira', documents.readiness, variables)).readiness;
}

export function evidence(ids, more = {}) {
  return {
    personId: ids.people.mira,
    kind: 'WORK_ARTEFACT',
    title: 'A faster export',
    body: 'It **pages** by key now.',
    links: ['https://git.example.com/1'],
    occurredOn: today(),
    claims: [{ skillId: ids.skills.sql, level: 3 }],
    ...more,
  };
}
