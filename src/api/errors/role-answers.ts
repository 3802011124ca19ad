import type { FastifyInstance } from 'fastify';
import { NetworkError } from '../../model/errors/errors.js';
import { formatLabelScope, type LabelScope } from '../../model/label-scope.js';
import { sufficientRoles, type Role } from '../../model/role.js';
import type { Dialect } from '../dialect.js';
import { ErrorBody, RemediedErrorBody } from './error-body.js';
import { addErrorExample } from './route-schemas.js';
import { roleStatus } from './statuses.js';

/** The error of a request whose socket has a role that does not suffice. */
export function roleError(socket: string, role: Role, need: Role): NetworkError<'roleInsufficient'> {
  return new NetworkError('roleInsufficient', { socket, role, need, sufficient: sufficientRoles(need) });
}

/** The error of a request about the whole host, whose socket has a label. */
export function labelError(socket: string, label: LabelScope): NetworkError<'labelInsufficient'> {
  return new NetworkError('labelInsufficient', { socket, label: formatLabelScope(label) });
}

/** Adds these errors to the documented answers of the routes that may give them. Before any route is added. */
export function describeRoleErrors(app: FastifyInstance, { showsRemedies }: Pick<Dialect, 'showsRemedies'>): void {
  app.addHook('onRoute', (route) => {
    const { role: need = 'read', isHostWide = false } = route.config ?? {};
    if ((need === 'read' && !isHostWide) || route.schema === undefined) return;
    const socket = '/run/podnetd/read.sock';
    const { message, remedy } = isHostWide
      ? labelError(socket, { key: 'team', value: 'x' })
      : roleError(socket, 'read', need);
    const body = { cause: message, message, ...(showsRemedies && { remedy }), response: roleStatus };
    const schema = showsRemedies ? RemediedErrorBody : ErrorBody;
    const answers = route.schema.response as Readonly<Record<number, unknown>>;
    route.schema = {
      ...route.schema,
      response: addErrorExample(answers, schema, { summary: isHostWide ? 'label' : 'role', body }),
    };
  });
}
