// An organisation in which somebody holds each role and nothing else, and somebody stands in each relation to them.
import { readFileSync } from 'node:fs';
import { mutate, request } from '../../journey/lib/graphql.mjs';
import { production } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';

/** The table as the service has it: by action and role. */
const csv = readFileSync(new URL('../../../crates/domain/src/access/table.csv', import.meta.url), 'utf8');
const [header, ...rows] = csv.trim().split('\n').map((line) => line.split(','));
export const roles = header.slice(1);
export const table = new Map(rows.map(([action, ...cells]) => [action, new Map(cells.map((cell, i) => [roles[i], cell]))]));

export const permissions = [...new Set(rows.flat().filter((cell) => cell.includes(':')))];

/** `lead` has a report and a report's report; `solo` has nobody. */
const people = `external_id,name,email,discipline,team,manager_external_id,position,since
boss,Boss,boss@example.com,backend,Top,,engineer,2025-01-01
lead,Lead,lead@example.com,backend,Top,boss,engineer,2025-01-01
direct,Direct,direct@example.com,backend,Top,lead,engineer,2025-01-01
deep,Deep,deep@example.com,backend,Top,direct,engineer,2025-01-01
candidate,Candidate,candidate@example.com,backend,Top,boss,engineer,2025-01-01
member,Member,member@example.com,backend,Unit,boss,engineer,2025-01-01
solo,Solo,solo@example.com,backend,Top,boss,engineer,2025-01-01
stranger,Stranger,stranger@example.com,backend,Top,boss,engineer,2025-01-01
`;
const names = ['lead', 'direct', 'deep', 'candidate', 'member', 'solo', 'stranger'];

/** Who acts for a role, and who of the organisation is themselves to them. */
export const holders = {
  engineer: { subject: 'solo', own: 'solo' },
  manager: { subject: 'lead', own: 'lead' },
  'panel-member': { subject: 'holds-a-panel' },
  'people-partner': { subject: 'holds-a-unit' },
  'framework-owner': { subject: 'owns-frameworks' },
  service: { subject: 'may-everything' },
  'tenant-administrator': { subject: 'administers' },
};

/** The service that may do everything but this. */
export const allBut = (permission) => `all-but-${permission.replace(':', '-')}`;

/** Whom the relation means, for somebody with this role. */
export const targets = (role) => ({
  own: holders[role].own,
  direct: 'direct',
  deep: 'deep',
  case: 'candidate',
  unit: 'member',
  stranger: 'stranger',
});

/** Whom the cell of a role reaches, by relation; a person has a line, whether anybody is in it or not. */
export function reached(action, role) {
  const of = (name) => table.get(action).get(name);
  const cells = role === 'manager' ? [of('engineer'), of('manager')] : [of(role)];
  const relations = Object.keys(targets(role)).filter((relation) => targets(role)[relation]);
  const meant = { line: ['direct', 'deep'], own: ['own'], case: ['case'], unit: ['unit'], '-': [] };
  return new Set(cells.flatMap((cell) => meant[cell] ?? relations));
}

export async function world() {
  const service = await production();
  const ids = await organisation(service);
  await mutate(service, 'noor', documents.importPeople, { input: { csv: people } });
  const grant = (role, subject, ...more) => service.cli('grant', role, subject, ...more);
  grant('panel-member', holders['panel-member'].subject, '--person', 'candidate');
  grant('people-partner', holders['people-partner'].subject, '--team', 'unit');
  grant('framework-owner', holders['framework-owner'].subject);
  grant('tenant-administrator', holders['tenant-administrator'].subject);
  const flags = (list) => list.flatMap((permission) => ['--permission', permission]);
  grant('service', holders.service.subject, ...flags(permissions));
  for (const one of permissions) grant('service', allBut(one), ...flags(permissions.filter((other) => other !== one)));
  ids.evidence = {};
  for (const name of names) {
    const { data } = await request(service, 'noor', documents.person, { id: name });
    ids.people[name] = data.person.id;
    ids.evidence[name] = await record(service, ids, name);
  }
  for (const name of names) {
    const input = { personId: ids.people[name], skillId: ids.skills.sql, level: 1 };
    await mutate(service, 'boss', documents.attestSkill, { input });
  }
  // Asked for by the administrator who is tried, so that nobody's attempt decides it.
  const ask = 'mutation($input: RequestErasureInput!) { requestErasure(input: $input) { request { id } } }';
  const asked = await mutate(service, holders['tenant-administrator'].subject, ask, { input: { personId: ids.people.stranger } });
  ids.request = asked.request.id;
  await audited(service, asked.request.id);
  return { service, ids, people };
}

/** Waits until the audit log has an entry about this thing, and so everything that was done before. */
export async function audited(service, objectId, more = {}) {
  const query = `query($of: AuditWhere!) { auditTrail(where: $of, first: 100) { nodes {
    id number at actorId actor { externalId } action objectKind objectId personId outcome correlationId hash } } }`;
  for (const end = Date.now() + 10_000; ; ) {
    const { data } = await request(service, 'noor', query, { of: { objectId: { eq: objectId }, ...more } });
    if (data.auditTrail.nodes.length > 0) return data.auditTrail.nodes;
    if (Date.now() > end) throw new Error(`no entry about ${objectId} within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A piece of evidence that somebody records of themselves. */
export async function record(service, ids, name) {
  const input = evidence(ids, { personId: ids.people[name], title: `Of ${name}` });
  const recorded = await mutate(service, name, documents.recordEvidence, { input });
  return recorded.evidence.id;
}
