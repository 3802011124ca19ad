import { ConfigError } from './config-error.js';
import type { MetricsSettings } from './config.js';
import type { Flags } from './flags.js';
import type { MetricsConf } from './podnetd-toml-file.js';
import { formatTcpAddress, isLoopback, type TcpAddress } from './tcp-address.js';
import { faultAt } from './toml-document.js';

/** The settings of metrics of the flags and the files together. @throws ConfigError for an address beyond this machine that the file does not allow */
export function joinMetrics(
  { metricsListen: given }: Pick<Flags, 'metricsListen'>,
  conf: MetricsConf,
): MetricsSettings {
  const listen = given ?? conf.metricsListen;
  if (listen !== undefined && !isLoopback(listen) && conf.metricsRemote !== true) {
    const fault = refuseRemote(listen);
    if (given !== undefined || conf.metricsListen === undefined)
      throw new ConfigError(`--metrics-listen ${formatTcpAddress(listen)}: ${fault}`);
    throw faultAt(conf.metricsListen.place(), fault);
  }
  return {
    ...(listen && { listen: { host: listen.host, port: listen.port } }),
    remote: conf.metricsRemote ?? false,
    perNetwork: conf.metricsPerNetwork ?? false,
  };
}

function refuseRemote(address: TcpAddress): string {
  return (
    `${address.host} is no loopback address, and metrics over TCP have neither a password nor encryption; ` +
    'listen on 127.0.0.1 or [::1], or write remote = true into [metrics] of podnetd.toml'
  );
}
