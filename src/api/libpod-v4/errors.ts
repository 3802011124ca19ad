import { missingBody } from '../../model/errors/request.js';
import type { ErrorTexts } from '../dialect.js';
import { listFilterTexts } from '../filters.js';

const decoding = 'failed to decode request JSON payload: ';

/** source: podman pkg/api/handlers/libpod/networks.go@v4.3.1 */
export const libpodV4Texts: ErrorTexts = {
  ...listFilterTexts,
  bodyMissing: () => ({ message: decoding + missingBody, cause: 'EOF' }),
  bodyInvalid: ({ reason }) => ({ message: decoding + reason, cause: reason }),
  cidrInvalid: ({ text }) => ({
    message: `${decoding}invalid CIDR address: ${text}`,
    cause: `invalid CIDR address: ${text}`,
  }),
  addressInvalid: ({ text }) => ({
    message: `${decoding}invalid IP address: ${text}`,
    cause: `invalid IP address: ${text}`,
  }),
};
