// Each cell of the table through GraphQL: whom it names is reached, and nobody else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { probes, tenantWide, unreachable } from '../lib/probes.mjs';
import { allBut, holders, reached, roles, table, targets, world } from '../lib/world.mjs';

let place;
before(async () => {
  place = await world();
  // An id of a person whom nobody ever was.
  const id = Buffer.from(place.ids.people.solo, 'base64url');
  id[id.length - 1] ^= 0xff;
  place.ids.nothing = id.toString('base64url');
});
after(() => place?.service.end());

async function probe(action, subject, name) {
  const { service, ids, people } = place;
  const call = { service, ids, people, subject, name, person: ids.people[name], evidence: ids.evidence[name] };
  return probes[action](call);
}

test('the table and what is tried agree on the actions there are', () => {
  assert.deepEqual([...table.keys()].filter((action) => !unreachable.has(action)), Object.keys(probes));
});

for (const [action, cells] of table) {
  if (unreachable.has(action)) continue;
  describe(action, () => {
    for (const role of roles) {
      test(`${action} / ${role}: ${cells.get(role)}`, async () => {
        const { subject } = holders[role];
        const named = reached(action, role);
        if (tenantWide.has(action)) {
          assert.equal(await probe(action, subject, 'stranger'), named.has('stranger'));
        } else {
          const found = {};
          const wanted = {};
          for (const [relation, name] of Object.entries(targets(role))) {
            if (!name) continue;
            found[relation] = await probe(action, subject, name);
            wanted[relation] = named.has(relation);
          }
          assert.deepEqual(found, wanted);
        }
        const permission = cells.get(role);
        if (permission.includes(':')) {
          assert.equal(await probe(action, allBut(permission), 'stranger'), false, `without ${permission}`);
        }
      });
    }
  });
}
