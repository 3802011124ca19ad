import { isatty } from 'node:tty';
import { pino, type Logger } from 'pino';
import type { Config } from '../config/config.js';
import type { Environment } from '../config/identity.js';
import { addPriority, isJournal } from '../host/own-process/journal.js';
import { LogLines, type ShapeLine } from '../host/own-process/log-lines.js';
import { LogOutput } from '../host/own-process/log-output.js';
import { loadPretty } from '../host/own-process/pretty.js';
import { complain } from '../host/own-process/print.js';
import { hasColours } from '../host/own-process/terminal.js';

/** Bytes of log lines that are kept while their reader does not read: some thousand requests. */
const keptLogBytes = 1_048_576;

export interface Log {
  readonly log: Logger;
  readonly output: Pick<LogOutput, 'flush' | 'drain' | 'failure'>;
}

/** Opens the log on standard output. */
export function openLog({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>, env: Environment): Log {
  const output = new LogOutput(1, {
    limitBytes: keptLogBytes,
    onBack: (lines) => log.warn({ lines }, 'log lines were dropped: their reader did not take them'),
    onFailure: (reason) => complain(`the log cannot be written: ${reason}; lines are dropped until it can`),
  });
  const shape = chooseShape(logFormat, env);
  const destination = shape === undefined ? output : new LogLines(output, shape);
  const log: Logger = pino({ level: logLevel, base: { pid: process.pid } }, destination);
  return { log, output };
}

/** @returns undefined for JSON lines as they are */
function chooseShape(format: Config['logFormat'], env: Environment): ShapeLine | undefined {
  const isTerminal = isatty(1);
  const pretty =
    format === 'pretty' || (format === 'auto' && isTerminal) ? loadPretty(hasColours(isTerminal, env)) : undefined;
  if (format === 'pretty' && pretty === undefined)
    complain(
      '--log-format pretty: podnetd-pretty.cjs is not beside podnetd.cjs, so the log has JSON lines; install it there',
    );
  if (!isJournal(1, env['JOURNAL_STREAM'])) return pretty;
  return (line, level) => addPriority(pretty === undefined ? line : pretty(line), level);
}
