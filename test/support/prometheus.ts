import { execFileSync, spawnSync } from 'node:child_process';
import { python } from './docker-py.js';

/** Tools of Prometheus that judge a text of metrics. */

/** One line of a text of metrics. */
export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const parsers = {
  prometheus: 'prometheus_client.parser',
  openmetrics: 'prometheus_client.openmetrics.parser',
} as const;

const script = `import importlib, json, sys
parse = importlib.import_module(sys.argv[1]).text_string_to_metric_families
families = parse(sys.stdin.read())
print(json.dumps([[s.name, s.labels, repr(float(s.value))] for family in families for s in family.samples]))`;

/** Parses with Prometheus's own library for Python, whose parser of OpenMetrics is its reference. @throws Error for a text that is not of the form */
export function readMetrics(text: string, form: keyof typeof parsers = 'prometheus'): readonly ReadSample[] {
  const printed = execFileSync(python, ['-c', script, parsers[form]], {
    input: text,
    encoding: 'utf8',
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
    maxBuffer: 64 * 1024 * 1024,
  });
  const rows = JSON.parse(printed) as readonly (readonly [string, Readonly<Record<string, string>>, string])[];
  return rows.map(([name, labels, value]) => ({ name, labels, value: value === 'inf' ? Infinity : Number(value) }));
}

/** @returns what `promtool check metrics` has to say; empty when all is well */
export function checkMetrics(text: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return status === 0 ? stdout + stderr : `${stdout}${stderr}promtool ended with ${status}`;
}

/** The values of one metric, by the values of its labels in their order, joined by spaces. */
export function valuesOf(samples: readonly ReadSample[], name: string): Readonly<Record<string, number>> {
  const own = samples.filter((sample) => sample.name === name);
  return Object.fromEntries(own.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}
