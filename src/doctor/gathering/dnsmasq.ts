import { identifyProcess, nameOfProcess, namespaceOf, readProcFile } from '../../host/programs/process-identity.js';
import { listNames, readSmallFile } from '../../host/files/user-folder.js';
import type { DnsmasqProcess } from '../facts/facts.js';

/**
 * The servers that the plugin dnsname started in a network namespace.
 *
 * source: containers/dnsname plugins/meta/dnsname/{service.go,files.go,config.go}@v1.3.1
 *
 * @param netns as `namespaceOf` returns it
 */
export function findDnsmasqs(netns: string | undefined): readonly DnsmasqProcess[] {
  if (netns === undefined) return [];
  return listNames('/proc', '')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      if (nameOfProcess(pid) !== 'dnsmasq' || namespaceOf(pid, 'net') !== netns) return [];
      const process = identifyProcess(pid);
      const found = configuration.exec(readProcFile(pid, 'cmdline') ?? '');
      if (process === undefined || found === null) return [];
      const [, file = '', network = ''] = found;
      return [{ process, network, link: readLink(`/proc/${pid}/root${file}`) }];
    });
}

/** A part of the arguments, which NUL separates. */
const configuration = /\0--conf-file=(\/[^\0]*\/dnsname\/([^/\0]+)\/dnsmasq\.conf)\0/;

function readLink(file: string): string | undefined {
  return /^interface=(\S+)$/m.exec(readSmallFile(file) ?? '')?.[1];
}
