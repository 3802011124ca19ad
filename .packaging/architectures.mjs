/**
 * What each format and tool calls a processor architecture.
 *
 * @typedef {object} Architecture
 * @property {string} debian as in the name of a .deb, and of the tarball
 * @property {string} rpm
 * @property {string} node as in `process.arch`, and in names of npm packages
 * @property {string} gnu as in the names of binutils' programs
 */

/** @type {readonly Architecture[]} */
const architectures = [
  { debian: 'amd64', rpm: 'x86_64', node: 'x64', gnu: 'x86_64-linux-gnu' },
  { debian: 'arm64', rpm: 'aarch64', node: 'arm64', gnu: 'aarch64-linux-gnu' },
];

/**
 * @param {readonly string[]} names Debian's names; none selects every architecture
 * @returns {readonly Architecture[]}
 */
export function selectArchitectures(names) {
  const known = architectures.map(({ debian }) => debian);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`--arch ${unknown}: there are packages for ${known.join(' and ')}; name one of these`);
  return architectures.filter(({ debian }) => names.length === 0 || names.includes(debian));
}
