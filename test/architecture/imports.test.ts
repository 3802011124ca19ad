import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import ts from 'typescript';

/** The arrows of src/README.md: what each room may import of the project, values and types. `type:` allows types alone. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  model: [],
  ip: ['model'],
  host: ['model'],
  locks: ['model', 'host'],
  cni: ['model', 'ip', 'host', 'type:locks', 'type:network'],
  network: ['model', 'ip'],
  rootless: ['model', 'ip', 'host', 'type:network', 'type:cni'],
  config: ['model', 'ip', 'host'],
  api: ['model', 'ip', 'type:network'],
  // The top level: process entry, wiring, server, listening.
  '': ['model', 'ip', 'host', 'locks', 'cni', 'network', 'rootless', 'config', 'api'],
};

/** Doors to the machine; `module` loads addons. */
const hostOnly = /^(node:)?(fs|fs\/promises|child_process|module)$|^(fs-native-extensions|koffi)$/;

const source = path.resolve(import.meta.dirname, '../../src');

interface Import {
  readonly file: string;
  readonly from: string;
  readonly specifier: string;
  readonly isType: boolean;
}

const imports = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .flatMap(readImports);

t.ok(imports.length > 100, 'imports are found');

t.test('rooms import along the arrows only', async (t) => {
  for (const { file, from, specifier, isType } of imports) {
    if (!specifier.startsWith('.')) continue;
    const to = roomOf(path.relative(source, path.resolve(source, path.dirname(file), specifier)));
    const allowed = arrows[from];
    if (allowed === undefined) t.fail(`${file}: the room ${from} is not on the map`);
    else if (to !== from) {
      t.ok(allowed.includes(to) || (isType && allowed.includes(`type:${to}`)), `${file} imports ${specifier}`);
    }
  }
});

t.test('only host touches the machine', async (t) => {
  for (const { file, from, specifier } of imports) {
    if (hostOnly.test(specifier)) t.equal(from, 'host', `${file} imports ${specifier}`);
  }
});

t.test('only main ends the process', async (t) => {
  for (const file of new Set(imports.map((entry) => entry.file))) {
    if (file !== 'main.ts') t.notMatch(readFileSync(path.join(source, file), 'utf8'), /process\.exit\(/, file);
  }
});

function readImports(file: string): readonly Import[] {
  const text = readFileSync(path.join(source, file), 'utf8');
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return parsed.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier } = statement;
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
    return [{ file, from: roomOf(file), specifier: moduleSpecifier.text, isType: isTypeOnly(statement) }];
  });
}

function isTypeOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const clause = statement.importClause;
  if (clause === undefined || clause.isTypeOnly) return clause !== undefined;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

function roomOf(file: string): string {
  const [room, rest] = file.split(path.sep);
  return rest === undefined ? '' : (room ?? '');
}
