import { ListenError } from '../host/sockets/listen-error.js';
import { describeInherited, type InheritedSocket } from '../host/sockets/systemd.js';
import { roles, type Role } from '../model/role.js';

const ownNames = 'podnetd-';

/**
 * The role of a socket that a service manager made: `FileDescriptorName=podnetd-read` says it, or the settings for its path. `admin` where neither does.
 *
 * @throws ListenError where they differ, and for a name that may be one of these misspelt
 */
export function roleOfInherited(socket: InheritedSocket, ofSettings: Role | undefined): Role {
  const named = roles.find((role) => socket.name === `${ownNames}${role}`);
  if (named === undefined && socket.name.startsWith(ownNames)) {
    const names = roles.map((role) => `${ownNames}${role}`).join(', ');
    throw new ListenError(
      `${describeInherited(socket)}: no role has this name; set FileDescriptorName= of its unit to one of ${names}, or to a name that does not begin with ${ownNames}`,
    );
  }
  if (named !== undefined && ofSettings !== undefined && named !== ofSettings) {
    throw new ListenError(
      `${describeInherited(socket)}: its name says the role ${named}, and the settings for its path say ${ofSettings}; make them agree`,
    );
  }
  return named ?? ofSettings ?? 'admin';
}
