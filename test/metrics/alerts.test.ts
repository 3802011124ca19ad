import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { metricDeclarations } from '../../src/metrics/declarations.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** The sample alerts: promtool finds no fault in them, each fires in its scenario, and they name metrics and labels that podnetd has. */

const rulesFile = path.resolve(import.meta.dirname, '../../systemd/podnetd.rules.yaml');
const scenarios = path.join(import.meta.dirname, 'alerts.yaml');
const skip = missing('promtool');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const { groups } = parse(readFileSync(rulesFile, 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

function promtool(...args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

t.test('promtool accepts the rules', { skip }, async (t) => {
  const { code, output } = promtool('check', 'rules', '--lint=all', '--lint-fatal', rulesFile);
  t.equal(code, 0, output);
  t.match(output, `SUCCESS: ${rules.length} rules found`);
});

t.test('each alert fires in its scenario, and not before', { skip }, async (t) => {
  const { code, output } = promtool('test', 'rules', scenarios);
  t.equal(code, 0, output);
  const { tests } = parse(readFileSync(scenarios, 'utf8')) as {
    readonly tests: readonly {
      readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
    }[];
  };
  const checks = tests.flatMap((one) => one.alert_rule_test);
  for (const { alert } of rules) {
    const own = checks.filter(({ alertname }) => alertname === alert);
    t.ok(
      own.some(({ exp_alerts: alerts }) => alerts.length > 0),
      `${alert} fires`,
    );
    t.ok(
      own.some(({ exp_alerts: alerts }) => alerts.length === 0),
      `${alert} is silent`,
    );
  }
});

t.test('a scenario fails with another threshold', { skip }, async (t) => {
  const scratch = makeScratch(t);
  const changed = path.join(scratch, 'rules.yaml');
  writeFileSync(changed, readFileSync(rulesFile, 'utf8').replace('< 0.1', '< 0.09'));
  const copy = path.join(scratch, 'tests.yaml');
  writeFileSync(copy, readFileSync(scenarios, 'utf8').replace('../../systemd/podnetd.rules.yaml', changed));
  t.not(promtool('test', 'rules', copy).code, 0);
});

t.test('the rules name metrics and labels that podnetd has', async (t) => {
  const declared = new Map<string, readonly string[]>(
    Object.values(metricDeclarations).map(({ name, labels }) => [name, Object.keys(labels)]),
  );
  for (const { alert, expr, annotations } of rules) {
    const names = [...expr.matchAll(/\b(?:podnetd|process|nodejs)_[a-z_]+/g)].map(([name]) => name);
    t.ok(names.length > 0, alert);
    const bare = names.map((name) => (declared.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '')));
    for (const name of bare) t.ok(declared.has(name), `${alert}: ${name}`);
    const labels = new Set(['job', 'instance', ...bare.flatMap((name) => declared.get(name) ?? [])]);
    const used = [
      ...Object.values(annotations)
        .join(' ')
        .matchAll(/\$labels\.(\w+)/g),
    ].map(([, label = '']) => label);
    for (const label of used) t.ok(labels.has(label), `${alert}: ${label}`);
  }
});
