import t from 'tap';
import { Components } from './components.js';

const text = { type: 'string' };
const struct = (title: string | undefined, properties: object) => ({
  ...(title !== undefined && { title }),
  type: 'object',
  properties,
});

t.test('each struct has a name, and stands once', async (t) => {
  const components = new Components();
  const leaf = struct('Leaf', { at: { ...text, 'x-go-type': 'net.IP' } });
  const tree = struct('Tree', {
    one: leaf,
    list: { type: 'array', items: leaf },
    map: { type: 'object', additionalProperties: leaf },
    either: { anyOf: [leaf, { type: 'null' }] },
    // A member may be called as a keyword is.
    title: text,
    properties: text,
  });
  const $ref = '#/components/schemas/Leaf';
  t.strictSame(components.name({ type: 'array', items: tree }, 'here'), {
    type: 'array',
    items: { $ref: '#/components/schemas/Tree' },
  });
  t.strictSame(components.schemas(), {
    Leaf: { type: 'object', properties: { at: text } },
    Tree: {
      type: 'object',
      properties: {
        one: { $ref },
        list: { type: 'array', items: { $ref } },
        map: { type: 'object', additionalProperties: { $ref } },
        either: { anyOf: [{ $ref }, { type: 'null' }] },
        title: text,
        properties: text,
      },
    },
  });
});

t.test('a name that says nothing is refused, with the remedy', async (t) => {
  const refused = (...schemas: readonly object[]) => {
    const components = new Components();
    return () => schemas.map((schema, at) => components.name(schema as Record<string, unknown>, `answer ${at}`));
  };
  t.throws(refused(struct('A', { inner: struct(undefined, { a: text }) })), {
    message: 'the struct at answer 0/inner has no name: give its schema a title, by which the document refers to it',
  });
  t.throws(refused(struct('A', { a: text }), struct('A', { b: text })), {
    message: 'the struct at answer 1 is not the one that is named A before: give it another title',
  });
  t.throws(refused(struct('A', { a: text }), struct('B', { a: text })), {
    message: 'the struct B at answer 1 is the same as A: give both one title',
  });
});
