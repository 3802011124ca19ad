import { missingBody } from '../../model/errors/request.js';
import type { ErrorTexts } from '../dialect.js';
import { listFilterTexts } from '../filters.js';

/** source: podman pkg/api/handlers/compat/networks.go@v4.3.1 */
export const compatTexts: ErrorTexts = {
  ...listFilterTexts,
  pruneFiltersUnreadable: ({ reason }) => ({ message: `Decode(): ${reason}`, cause: reason }),
  bodyMissing: () => ({ message: `Decode(): ${missingBody}`, cause: 'EOF' }),
  bodyInvalid: ({ reason }) => ({ message: `Decode(): ${reason}`, cause: reason }),
  cidrInvalid: ({ field, text }) => ({
    message: `failed to parse ${field}: invalid CIDR address: ${text}`,
    cause: `invalid CIDR address: ${text}`,
  }),
  addressInvalid: ({ field, text }) => `failed to parse ${field} ${text}`,
};
