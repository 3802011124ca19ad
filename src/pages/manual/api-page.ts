import { titles } from '../../api/handshake/titles.js';
import { dialects } from '../../server/app.js';
import { listEndpoints } from '../routes/endpoints.js';
import { bold, code, italic, item, page, paragraph, plain, section, type Roff } from './roff.js';
import { seeAlso } from './see-also.js';
import { finish } from './sentence.js';

/** podnetd-api(7): the operations of each dialect, from the schemas that openapi/ comes from. */
export async function apiPage(): Promise<Roff> {
  return page(
    { name: 'podnetd-api', section: 7, summary: 'the HTTP API of podnetd' },
    section(
      'DESCRIPTION',
      paragraph(
        plain(
          'podnetd serves HTTP/1.1 on Unix sockets, in four dialects that show the same networks. The path of a request chooses the ' +
            'dialect. The OpenAPI documents have parameters, bodies, statuses and examples of every operation; they are in openapi, a ' +
            'folder of share/doc/podnetd, of the npm package and of the source.',
        ),
      ),
    ),
    ...(await Promise.all(
      dialects.map(async (dialect) => {
        const { title, servers, use } = titles[dialect.name];
        const endpoints = await listEndpoints(dialect);
        return section(
          title.replace(/^podnetd: /, '').toUpperCase(),
          paragraph(
            `${plain(`Use it ${use}. The paths are below`)} ${servers.map(italic).join(plain(' or '))}${plain(`, described by ${dialect.name}.yaml.`)}`,
          ),
          ...endpoints.map(({ method, path, summary }) => item(bold(`${method} ${path}`), plain(finish(summary)))),
        );
      }),
    )),
    section(
      'EXAMPLE',
      code(
        `curl --unix-socket /run/podnetd/podnetd.sock ${titles.compat.servers[0]}/networks\n` +
          `curl --unix-socket /run/podnetd/podnetd.sock ${titles.podnetd.servers[0]}/v1/ready\n`,
      ),
    ),
    seeAlso('podnetd-api(7)', 'curl(1)'),
  );
}
