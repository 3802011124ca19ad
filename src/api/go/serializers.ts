import type { TSchema } from '@sinclair/typebox';
import type { FastifyReply } from 'fastify';
import { quoteGoJson, sortedByBytes } from '../../model/go/json.js';
import { printParsedJson } from '../../model/go/parsed-json.js';
import { rememberEach } from '../../model/remember-each.js';
import { shapeOf } from './schema-walk.js';

type Printer = (value: unknown) => string;

/** An answer that was printed before, as bytes. */
class PrintedAnswer {
  constructor(readonly body: Buffer) {}
}

/**
 * Prints answers as Go's encoder does: struct members in the order of the schema with `undefined` left out, map members sorted by key,
 * a line feed at the end.
 */
export function compileSerializer({ schema }: { schema: TSchema }): Printer {
  const print = compilePrinter(schema);
  // Fastify takes bytes as well, though its types do not say so.
  return (value) => (value instanceof PrintedAnswer ? (value.body as unknown as string) : `${print(value)}\n`);
}

/** What was printed before; it may stand in an answer wherever the value may that it was printed from. */
class Printed {
  constructor(readonly text: string) {}
}

/**
 * Writes and prints once for each key, for as long as the key lives: a list of thousands of networks is joined from what the last one printed.
 *
 * @returns what stands for the value that `write` would have given
 */
export function printOnce<K extends object, T>(schema: TSchema, write: (key: K) => T): (key: K) => T {
  const print = compilePrinter(schema);
  // Only printers look into it.
  return rememberEach((key: K) => new Printed(print(write(key)))) as unknown as (key: K) => T;
}

/** Makes an answer of what was printed once. Fastify would look for what prints it, by status and type, at each request. */
export function answerPrinted<T>(reply: FastifyReply, printed: T): T {
  reply.type('application/json').serializer(printLine);
  return printed;
}

function printLine({ text }: Printed): string {
  return `${text}\n`;
}

/** As {@link printOnce}, for a whole answer: what is asked for again while nothing has changed only has to be sent. */
export function answerOnce<K extends object, T>(schema: TSchema, write: (key: K) => T): (key: K) => T {
  const print = compileSerializer({ schema });
  return rememberEach((key: K) => new PrintedAnswer(Buffer.from(print(write(key))))) as unknown as (key: K) => T;
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
        if (value instanceof Printed) return value.text;
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
      return printParsedJson;
  }
}
