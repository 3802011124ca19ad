import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { parseAddress } from '../../../src/api/address.js';
import type { DialectName } from '../../../src/api/address.js';
import { printGoJson } from '../../../src/model/go/json.js';

/** The expected answer of a server. */
export interface Expected {
  readonly status: number;
  /** The body without its line feed, with the placeholders of `match.ts`; empty for no body. */
  readonly text: string;
}

/** One request as data, and its answer. */
export interface Case {
  /** Method and URL. */
  readonly ask: string;
  readonly method: string;
  readonly url: string;
  readonly dialect: DialectName;
  readonly body: string | undefined;
  readonly podnetd: Expected;
  /** Podman's answer and the reason where it differs, or the reason to skip Podman. */
  readonly podman: (Expected & { readonly why: string }) | { readonly skip: string } | undefined;
}

/** A file of cases, sent in order to one server that begins without networks. */
export interface Scenario {
  readonly name: string;
  /** Text of podnetd's own settings, from a file of the same name; empty where there is none. */
  readonly podnetdToml: string;
  readonly cases: readonly Case[];
}

interface Answer {
  readonly status?: number;
  readonly answer?: string;
  /** The message of an error; `cause` is there if it differs from the message. */
  readonly error?: string;
  readonly cause?: string;
  /** In podnetd's own API alone. */
  readonly remedy?: string;
}

interface Written extends Answer {
  readonly ask: string;
  readonly body?: string;
  /** A number alone is Podman's status for the same words, because podnetd answers user errors with 4xx. */
  readonly podman?: number | (Answer & { readonly why: string }) | { readonly skip: string };
}

const folder = path.join(import.meta.dirname, 'cases');

export function loadScenarios(): readonly Scenario[] {
  const files = readdirSync(folder);
  const readText = (file: string) => readFileSync(path.join(folder, file), 'utf8');
  return files
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => {
      const name = path.basename(file, '.yaml');
      const settings = `${name}.toml`;
      return {
        name,
        podnetdToml: files.includes(settings) ? readText(settings) : '',
        cases: (parse(readText(file)) as readonly Written[]).map(read),
      };
    });
}

function read(written: Written): Case {
  const [method = '', url = ''] = written.ask.split(' ', 2);
  return {
    ask: written.ask,
    method,
    url,
    dialect: parseAddress(url).dialect,
    body: written.body,
    podnetd: expect(written),
    podman: readPodman(written),
  };
}

function readPodman({ podman, ...written }: Written): Case['podman'] {
  if (podman === undefined || (typeof podman === 'object' && 'skip' in podman)) return podman;
  if (typeof podman === 'number') {
    return { ...expect({ ...written, status: podman }), why: 'user errors are 4xx instead of 500' };
  }
  const { status = written.status, ...words } = podman;
  const hasWords = words.answer !== undefined || words.error !== undefined;
  const answer = hasWords ? words : { ...written, ...words };
  return { ...expect({ ...answer, ...(status !== undefined && { status }) }), why: podman.why };
}

function expect({ status = 200, answer = '', error, cause = error, remedy }: Answer): Expected {
  if (error === undefined) return { status, text: answer };
  return {
    status,
    text: printGoJson({ cause, message: error, ...(remedy !== undefined && { remedy }), response: status }),
  };
}
