import { entry } from './entry.js';

const askEngine = 'ask the socket of the engine itself, such as /run/podman/podman.sock';

/** Capabilities that a container engine or another network backend has, and podnetd has not. */
export const engineErrors = {
  featureUnsupported: entry({
    kind: 'unsupported',
    message: (d: { feature: string; value: string }) =>
      `${d.feature} ${d.value} is not supported: podnetd makes networks of this host only`,
    remedy: (d) => `leave ${d.feature} out`,
  }),
  engineRequired: entry({
    kind: 'unsupported',
    message: (d: { feature: string }) => `${d.feature} needs a container engine: podnetd serves networks only`,
    remedy: askEngine,
  }),
  serviceAbsent: entry({
    kind: 'unsupported',
    message: (d: { url: string }) => `podnetd does not support service: ${d.url}: it serves networks only`,
  }),
  imageNotFound: entry({
    kind: 'notFound',
    message: (d: { image: string }) => `No such image: ${d.image}: podnetd serves networks only`,
    remedy: askEngine,
    root: 'image not known',
  }),
  volumeNotFound: entry({
    kind: 'notFound',
    message: (d: { volume: string }) => `no such volume: ${d.volume}: podnetd serves networks only`,
    remedy: askEngine,
    root: 'no such volume',
  }),
};
