/** The options of networks that are podnetd's own, beside those of Podman and Docker. */
export const ownOptions = {
  /** `true`: a subnet that the request names may be a reserved prefix. */
  allowReserved: 'podnetd.allow_reserved',
} as const;

/** Docker's option that forbids containers of a bridge to reach each other; `false` has an effect. */
export const enableIcc = 'com.docker.network.bridge.enable_icc';
