// Every field that returns a list or a connection, and the shortest query that reaches it.
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isListType,
  isRequiredArgument,
} from 'graphql';

/** A value that fits the type and means nothing. Lists get two items, so that their number can matter. */
function madeUp(type) {
  const known = getNullableType(type);
  if (isListType(known)) return `[${madeUp(known.ofType)}, ${madeUp(known.ofType)}]`;
  if (known.getValues) return known.getValues()[0].name;
  if (known.getFields) {
    const fields = Object.values(known.getFields());
    // Of a @oneOf input exactly one.
    const wanted = known.isOneOf ? fields.slice(0, 1) : fields.filter(isRequiredArgument);
    return `{ ${wanted.map((field) => `${field.name}: ${madeUp(field.type)}`).join(', ')} }`;
  }
  const values = {
    Boolean: 'false',
    Date: '"2025-01-01"',
    Float: '1',
    Int: '1',
    _Any: '{ __typename: "Person", id: "x" }',
  };
  return values[known.name] ?? '"x"';
}

/** A selection of the field with its required arguments, and with those in `more`. */
export function select(field, inner = '', more = {}) {
  const required = field.args.filter((arg) => isRequiredArgument(arg) && !(arg.name in more));
  const values = [...required.map((arg) => [arg.name, madeUp(arg.type)]), ...Object.entries(more)];
  const args = values.map(([name, value]) => `${name}: ${value}`).join(', ');
  return `${field.name}${args && `(${args})`}${inner && ` { ${inner} }`}`;
}

const isList = (type) => isListType(getNullableType(type));
export const isConnection = (type) =>
  /Connection$/.test(getNamedType(type).name) && 'pageInfo' in getNamedType(type).getFields();

const plain = ({ type, args }) => isLeafType(getNullableType(type)) && !args.some(isRequiredArgument);

/** The least that can be asked of a type; with an alias also beside itself. */
export function least(schema, type, alias = '') {
  if (isAbstractType(type)) {
    const [first] = schema.getPossibleTypes(type);
    return `... on ${first.name} { ${least(schema, first, alias)} }`;
  }
  const fields = Object.values(type.getFields());
  const leaf = fields.find(plain);
  if (leaf) return `${alias}${leaf.name}`;
  const deeper = fields.find(({ args }) => !args.some(isRequiredArgument));
  return `${alias}${select(deeper, least(schema, getNamedType(deeper.type)))}`;
}

/** A field that costs once what a field beside it costs. */
export const beside = (type) => `beside: ${Object.values(type.getFields()).find(plain)?.name ?? '__typename'}`;

/**
 * For each type that can be reached: a function that puts a selection of it into a whole operation. Breadth first,
 * so the way is the shortest; connections are passed through their nodes.
 */
function ways(schema) {
  const found = new Map();
  const queue = [];
  const reach = (type, way) => {
    if (found.has(type.name)) return;
    found.set(type.name, way);
    queue.push([type, way]);
  };
  for (const [root, keyword] of [
    [schema.getQueryType(), 'query'],
    [schema.getMutationType(), 'mutation'],
  ]) {
    reach(root, (inner) => `${keyword} { ${inner} }`);
    for (let next; (next = queue.shift());) {
      const [type, way] = next;
      if (isAbstractType(type)) {
        for (const possible of schema.getPossibleTypes(type))
          reach(possible, (inner) => way(`... on ${possible.name} { ${inner} }`));
        continue;
      }
      for (const field of Object.values(type.getFields())) {
        const target = getNamedType(field.type);
        if (isCompositeType(target)) reach(target, (inner) => way(select(field, inner)));
      }
    }
  }
  return found;
}

/** The fields, each with its kind and with the way to the type that has it. */
export function listFields(schema) {
  const fields = [];
  for (const [name, way] of ways(schema)) {
    const type = schema.getType(name);
    if (isAbstractType(type) || /Connection$/.test(name)) continue;
    for (const field of Object.values(type.getFields())) {
      const place = `${name}.${field.name}`;
      if (isConnection(field.type)) fields.push({ place, kind: 'connection', type, field, way });
      else if (isList(field.type))
        fields.push({ place, kind: isLeafType(getNamedType(field.type)) ? 'values' : 'objects', type, field, way });
    }
  }
  return fields.sort((a, b) => (a.place < b.place ? -1 : 1));
}
