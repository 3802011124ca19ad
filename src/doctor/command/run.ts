import os from 'node:os';
import { pino } from 'pino';
import { writeFindings } from '../../api/podnetd/doctor.js';
import type { Config } from '../../config/config.js';
import { readFlags } from '../../config/flags.js';
import { readIdentity, type Environment } from '../../config/identity.js';
import { loadConfig } from '../../config/load.js';
import type { GivenOptions } from '../../config/option.js';
import { complain, print } from '../../host/own-process/print.js';
import { readOutputForm } from '../../host/own-process/terminal.js';
import { askJson, UnusableAnswer } from '../../host/sockets/ask-json.js';
import { wire } from '../../wiring/wire.js';
import type { Diagnosis } from '../checks/diagnosis.js';
import { DoctorError } from '../doctor-error.js';
import type * as Late from '../late.js';
import { loadDoctor } from '../load.js';
import type { Patient } from '../patient/patient.js';
import { isRefusal } from '../patient/refusal.js';
import type { DoctorView, RepairBody } from '../report/view.js';
import { withRepairAudit } from './repair-audit.js';
import { readWish, type DoctorWish } from './wish.js';

const url = '/podnetd/v1/doctor';

type Found = Pick<DoctorView, 'source' | 'findings' | 'repairs'>;

/** Runs `podnetd doctor`. @returns its exit code @throws ConfigError, DoctorError */
export async function runDoctor(options: GivenOptions, env: Environment): Promise<number> {
  const late = loadDoctor();
  const wish = readWish(options, late.codes);
  const config = loadConfig(readFlags(options), env, readIdentity(env));
  for (const warning of config.warnings) complain(warning);
  const view: DoctorView = { hostName: os.hostname(), at: new Date(), ...(await find(wish, config, late)) };
  print(wish.isJson ? printJson(view) : late.printFindings(view, readOutputForm(env)));
  return view.findings.some(({ severity }) => severity !== 'note') ? 1 : 0;
}

async function find(wish: DoctorWish, config: Config, late: typeof Late): Promise<Found> {
  // One with a label shows no findings.
  const { path: usual } = config.listen.find(({ label }) => label === undefined) ?? { path: '' };
  const { socket = usual, ownFlag } = wish;
  if (ownFlag !== undefined) return await lookHere(wish, config, late, `--${ownFlag} was given`);
  const answer = await ask(socket, late);
  if ('body' in answer) {
    const findings = answer.body.findings.filter(({ code }) => isWanted(wish, code));
    return { source: { daemon: socket }, findings, repairs: undefined };
  }
  if (wish.socket === undefined) return await lookHere(wish, config, late, `no podnetd listens on ${socket}`);
  const remedy = 'start podnetd there, or leave --socket out to look without one';
  throw new DoctorError(`--socket ${socket}: no podnetd listens there (${answer.reason}); ${remedy}`);
}

async function ask(socket: string, { isFindings }: typeof Late) {
  try {
    return await askJson(socket, url, isFindings);
  } catch (error) {
    if (!(error instanceof UnusableAnswer)) throw error;
    const remedy = 'name another socket with --socket PATH, or look at a folder with --cni-config-dir DIR';
    throw new DoctorError(`${socket}: ${error.message}; ${remedy}`, { cause: error });
  }
}

async function lookHere(wish: DoctorWish, config: Config, late: typeof Late, reason: string): Promise<Found> {
  // The file of requests has one writer, the daemon.
  const { audit: _, ...unaudited } = config;
  const daemon = wire(unaudited, pino({ enabled: false }));
  const patient: Patient = { daemon, outputs: () => [] };
  const look = async () => (await late.examine(patient)).filter(({ code }) => isWanted(wish, code));
  try {
    const before = await look();
    const repairs = await repair(wish, patient, before, late, config);
    const after = wish.repair === 'act' ? await look() : before;
    return { source: { folder: config.cniConfigDir, reason }, ...writeFindings(after), repairs };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new DoctorError(`${error.message}${error.remedy === undefined ? '' : `; ${error.remedy}`}`, { cause: error });
  } finally {
    daemon.close();
  }
}

async function repair(
  wish: DoctorWish,
  patient: Patient,
  found: readonly Diagnosis[],
  late: typeof Late,
  config: Config,
): Promise<readonly RepairBody[] | undefined> {
  if (wish.repair === 'none') return undefined;
  const fixable = found.filter(({ isFixable }) => isFixable);
  if (wish.repair === 'plan' || fixable.length === 0)
    return fixable.map(({ code, seen }) => ({ code, seen, outcome: 'planned' as const }));
  const outcomes = await withRepairAudit(config, async (record) => await late.repairAll(patient, fixable, record));
  return outcomes.map(({ diagnosis: { code, seen }, failure }) =>
    failure === undefined ? { code, seen, outcome: 'done' } : { code, seen, outcome: 'failed', reason: failure },
  );
}

function isWanted({ only }: DoctorWish, code: string): boolean {
  return only.size === 0 || only.has(code);
}

function printJson({ hostName, at, source, findings, repairs }: DoctorView): string {
  const view = { host: hostName, at: at.toISOString(), source, findings, ...(repairs && { repairs }) };
  return `${JSON.stringify(view, undefined, 2)}\n`;
}
