import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import ts from 'typescript';

/** Rooms with the rooms that they may import, values and types; `type:` allows types alone. */
type Arrows = Readonly<Record<string, readonly string[]>>;

/** The arrows of src/README.md. */
const arrows: Arrows = {
  model: [],
  ip: ['model'],
  host: ['model'],
  locks: ['model', 'host'],
  network: ['model', 'ip'],
  cni: ['model', 'ip', 'host', 'type:locks', 'type:network'],
  rootless: ['model', 'ip', 'host', 'type:network'],
  config: ['model', 'ip', 'host'],
  audit: ['model', 'host', 'config'],
  fleet: ['model', 'ip', 'host', 'type:network', 'type:config'],
  metrics: ['model', 'ip', 'type:host', 'type:network'],
  api: ['model', 'ip', 'type:network'],
  server: ['model', 'host', 'type:network', 'api'],
  wiring: [
    'model',
    'ip',
    'host',
    'locks',
    'network',
    'cni',
    'rootless',
    'config',
    'audit',
    'metrics',
    'api',
    'server',
    'fleet',
  ],
  map: ['model', 'ip', 'host', 'config', 'api', 'wiring'],
  doctor: ['model', 'ip', 'host', 'locks', 'type:network', 'cni', 'rootless', 'config', 'api', 'wiring'],
  roster: ['ip', 'host', 'config', 'type:fleet', 'wiring', 'map'],
  commands: ['config'],
  pages: ['config', 'api', 'server', 'doctor', 'commands'],
  // The process entry.
  'main.ts': ['host', 'config', 'audit', 'api', 'server', 'wiring', 'map', 'doctor', 'roster', 'commands'],
};

/** The arrows between the folders of a room; `.` stands for the files beside them. A room without an entry has no folders. */
const innerArrows: Readonly<Record<string, Arrows>> = {
  model: {
    errors: [],
    '.': ['errors'],
    go: ['.', 'errors'],
    filters: ['.', 'errors', 'go'],
  },
  host: {
    '.': [],
    'own-process': ['.'],
    files: ['.', 'own-process'],
    'file-locks': ['.', 'own-process', 'files'],
    programs: ['.', 'own-process', 'files'],
    netlink: ['.', 'own-process'],
    namespaces: ['.', 'programs', 'netlink'],
    sockets: ['.', 'own-process', 'file-locks'],
    slirp4netns: ['.', 'programs'],
  },
  network: {
    dependencies: [],
    events: ['type:dependencies'],
    filter: ['type:dependencies'],
    condition: ['type:dependencies'],
    addresses: ['type:dependencies'],
    create: ['type:dependencies', 'addresses'],
    attachments: ['type:dependencies', 'condition'],
    remove: ['type:dependencies', 'filter', 'attachments'],
    update: ['type:dependencies', 'condition', 'type:addresses', 'create', 'remove'],
    '.': ['type:dependencies', 'addresses', 'condition', 'filter', 'create', 'attachments', 'remove', 'update'],
    scope: ['.', 'type:dependencies'],
  },
  cni: {
    conflist: [],
    folder: ['conflist'],
    attachments: ['folder'],
    runtime: ['conflist', 'attachments'],
    plugins: ['conflist', 'runtime'],
  },
  api: {
    go: [],
    '.': ['go'],
    errors: ['.', 'go'],
    events: ['.', 'go', 'errors'],
    handshake: ['.', 'errors'],
    libpod: ['.', 'errors', 'handshake'],
    'libpod-v3': ['.', 'go', 'errors', 'events', 'handshake', 'libpod'],
    'libpod-v4': ['.', 'go', 'errors', 'events', 'handshake', 'libpod'],
    compat: ['.', 'go', 'errors', 'events', 'handshake', 'libpod'],
    podnetd: ['.', 'go', 'errors', 'handshake', 'libpod', 'libpod-v4'],
  },
  fleet: {
    given: [],
    store: [],
    etcd: ['store'],
    own: ['store'],
    claims: ['given', 'store'],
    rounds: ['given', 'store', 'own', 'claims'],
    changes: ['type:claims'],
    '.': ['given', 'store', 'etcd', 'own', 'claims', 'rounds'],
  },
  map: {
    '.': [],
    drawing: [],
    terminal: ['drawing'],
    page: ['drawing'],
    source: ['.', 'drawing'],
    command: ['.', 'drawing', 'terminal', 'page', 'source'],
  },
  doctor: {
    facts: [],
    checks: ['facts'],
    patient: ['type:facts'],
    gathering: ['facts', 'patient'],
    repair: ['facts', 'checks', 'patient', 'gathering'],
    report: [],
    '.': ['checks', 'patient', 'gathering', 'repair', 'report'],
    command: ['type:checks', 'patient', 'type:repair', 'report', '.'],
  },
  pages: {
    routes: [],
    manual: ['routes'],
    completions: [],
    '.': ['manual', 'completions'],
  },
};

/** Packages that reach the machine; `module` loads addons. */
const hostOnly = /^(node:)?(fs|fs\/promises|child_process|module)$|^(fs-native-extensions|koffi)$/;

const source = path.resolve(import.meta.dirname, '../../src');

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** The imported file; undefined for a package. */
  readonly target: string | undefined;
  readonly isType: boolean;
}

const imports = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .flatMap(readImports);

t.ok(imports.length > 100, 'imports are found');

t.test('rooms import along the arrows only', async (t) => {
  for (const { file, target, isType } of imports) {
    if (target !== undefined) checkArrow(t, arrows, { file, from: roomOf(file), target, to: roomOf(target), isType });
  }
});

t.test('folders of a room import along the arrows only', async (t) => {
  for (const { file, target, isType } of imports) {
    const room = roomOf(file);
    const inner = innerArrows[room] ?? { '.': [] };
    if (target !== undefined && roomOf(target) === room) {
      checkArrow(t, inner, { file, from: folderOf(file), target, to: folderOf(target), isType });
    }
  }
});

t.test('no arrow leads back', async (t) => {
  for (const [place, rows] of Object.entries({ src: arrows, ...innerArrows })) {
    const above: string[] = [];
    for (const [from, allowed] of Object.entries(rows)) {
      for (const to of allowed) t.ok(above.includes(to.replace('type:', '')), `${place}: ${from} imports ${to}`);
      above.push(from);
    }
  }
});

t.test('every arrow is used', async (t) => {
  const isUsed = (room: string | undefined, from: string, to: string) =>
    imports.some(({ file, target }) => {
      if (target === undefined || (room !== undefined && (roomOf(file) !== room || roomOf(target) !== room)))
        return false;
      const place = room === undefined ? roomOf : folderOf;
      return place(file) === from && place(target) === to.replace('type:', '');
    });
  for (const [room, rows] of [[undefined, arrows] as const, ...Object.entries(innerArrows)]) {
    for (const [from, allowed] of Object.entries(rows)) {
      for (const to of allowed) t.ok(isUsed(room, from, to), `${room ?? 'src'}: ${from} imports ${to}`);
    }
  }
});

t.test('only host touches the machine', async (t) => {
  for (const { file, specifier } of imports) {
    if (hostOnly.test(specifier)) t.equal(roomOf(file), 'host', `${file} imports ${specifier}`);
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
    const specifier = moduleSpecifier.text;
    const target = specifier.startsWith('.') ? path.join(path.dirname(file), specifier) : undefined;
    return [{ file, specifier, target, isType: isTypeOnly(statement) }];
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

interface Arrow {
  readonly file: string;
  readonly from: string;
  readonly target: string;
  readonly to: string;
  readonly isType: boolean;
}

function checkArrow(t: Test, rows: Arrows, { file, from, target, to, isType }: Arrow): void {
  const allowed = rows[from];
  if (allowed === undefined) t.fail(`${file}: ${from} is not on the map`);
  else if (to !== from)
    t.ok(allowed.includes(to) || (isType && allowed.includes(`type:${to}`)), `${file} imports ${target}`);
}

/** The room of a file. A file outside of all rooms counts as a room, so it needs its own place on the map. */
function roomOf(file: string): string {
  return file.split(path.sep)[0] ?? '';
}

function folderOf(file: string): string {
  const [, folder, rest] = file.split(path.sep);
  return folder === undefined || rest === undefined ? '.' : folder;
}
