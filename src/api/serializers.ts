import type { TSchema } from '@sinclair/typebox';
import { asGoMaps, printGoJson, quoteGoJson, sortedByBytes } from '../model/go-json.js';
import { shapeOf } from './schema-walk.js';

type Printer = (value: unknown) => string;

/**
 * Prints answers as Go's encoder does: struct members in the order of the schema with `undefined` left out, map members sorted by key,
 * a line feed at the end.
 */
export function compileSerializer({ schema }: { schema: TSchema }): Printer {
  const print = compilePrinter(schema);
  return (value) => `${print(value)}\n`;
}

function compilePrinter(schema: TSchema): Printer {
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'struct': {
      const fields = shape.fields.map(([name, field]) => ({
        name,
        label: `${quoteGoJson(name)}:`,
        print: compilePrinter(field),
      }));
      return (value) => {
        const members: string[] = [];
        for (const { name, label, print } of fields) {
          const member = (value as Record<string, unknown>)[name];
          if (member !== undefined) members.push(label + print(member));
        }
        return `{${members.join(',')}}`;
      };
    }
    case 'map': {
      const print = compilePrinter(shape.values);
      return (value) => {
        const members = sortedByBytes(new Map(Object.entries(value as Record<string, unknown>)));
        return `{${members.map(([key, member]) => `${quoteGoJson(key)}:${print(member)}`).join(',')}}`;
      };
    }
    case 'list': {
      const print = compilePrinter(shape.items);
      return (value) => `[${(value as readonly unknown[]).map(print).join(',')}]`;
    }
    case 'scalar':
      return (value) => (typeof value === 'string' ? quoteGoJson(value) : String(value));
    case 'any':
      return (value) => printGoJson(asGoMaps(value));
  }
}
