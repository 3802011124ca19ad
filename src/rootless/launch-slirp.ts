import type { ProcessId } from '../host/programs/process-identity.js';
import { buildSlirpArgs, readSlirpFeatures, startSlirp, type SlirpOptions } from '../host/slirp4netns/process.js';
import { openPipe } from '../host/files/user-folder.js';
import { NetworkError } from '../model/errors/errors.js';
import { chain, enter, unshareMounts } from './commands.js';
import type { Layout } from './layout.js';

export interface LaunchSlirpOptions {
  /** Path of slirp4netns. */
  readonly file: string;
  readonly options: SlirpOptions;
  readonly layout: Layout;
  readonly keeper: number;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Gives a network namespace the outside world, until its keeper ends. The program runs with the mounts of the host: it resolves names by the
 * host's own resolv.conf.
 *
 * @throws NetworkError plugin, StartError
 */
export async function launchSlirp({ file, options, layout, keeper, env }: LaunchSlirpOptions): Promise<ProcessId> {
  const { apiSocket, exitPipe } = layout;
  const features = await readSlirpFeatures(file);
  const args = buildSlirpArgs(features, options, { netns: `/proc/${keeper}/ns/net`, apiSocket });
  if ('unsupported' in args) {
    throw new NetworkError('rootlessUnready', {
      need: 'a newer slirp4netns',
      reason: `${file} knows no ${args.unsupported}, which network_cmd_options asks for`,
      remedy: 'install a newer one, or leave the option out',
    });
  }
  const pipe = openPipe(exitPipe);
  try {
    // Its sandbox makes a mount namespace; source: https://github.com/rootless-containers/slirp4netns/pull/153
    const sandbox = features.has('--enable-sandbox') ? unshareMounts : [];
    return await startSlirp(
      chain(enter(keeper), sandbox, [file], args),
      { apiSocket, exitDescriptor: pipe.readEnd },
      { env },
    );
  } finally {
    pipe.close();
  }
}
