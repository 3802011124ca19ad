import type { IncomingMessage, ServerResponse } from 'node:http';
import { shorten } from '../../model/errors/shorten.js';
import type { Exposition } from '../../network/dependencies/exposition.js';
import { chooseForm, expositionTypes } from './accepted-form.js';
import { metricsOperation } from './metrics.js';

/** The path of the route, as a client sends it. */
const path = '/podnetd/v1/metrics';

/** One answer to a scraper over TCP. */
export interface Scraped {
  readonly dialect: 'podnetd';
  /** Undefined for another path than that of the metrics. */
  readonly operation: string | undefined;
  /** The HTTP status. */
  readonly code: number;
}

interface ScrapeAnswer {
  readonly code: number;
  readonly type: string;
  readonly body: string;
  readonly allow?: string;
}

/**
 * Answers a request of a server that has no other route than that of the metrics.
 *
 * @param metrics undefined for a client that meant another host @param onFailure receives why there are none
 */
export async function answerScrape(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Exposition | undefined,
  onFailure: (error: unknown) => void,
): Promise<Scraped> {
  const { method = '', url = '', headers } = request;
  const isMetrics = url.split('?', 1)[0] === path;
  const { code, type, body, allow } = await choose();
  response.writeHead(code, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    // A body that came with the request is not read, so nothing may follow it.
    connection: 'close',
    ...(allow !== undefined && { allow }),
  });
  response.end(body);
  return { dialect: 'podnetd', operation: isMetrics ? metricsOperation : undefined, code };

  async function choose(): Promise<ScrapeAnswer> {
    if (metrics === undefined) return misdirect(headers.host);
    return isMetrics ? await scrape(method, headers.accept, metrics, onFailure) : elsewhere;
  }
}

/** Characters of a name that an answer quotes: those of the longest of DNS. */
const longestHost = 253;

const plain = 'text/plain; charset=utf-8';

const elsewhere: ScrapeAnswer = {
  code: 404,
  type: plain,
  body: `there are metrics here, at ${path}, and nothing else; the rest of podnetd is on its Unix socket\n`,
};

/** source: RFC 9110, 15.5.20 */
function misdirect(host = ''): ScrapeAnswer {
  const rule = 'on a loopback address the metrics are for requests to an address or localhost';
  return {
    code: 421,
    type: plain,
    body: `Host "${shorten(host, longestHost)}": ${rule}; name the target 127.0.0.1 or localhost\n`,
  };
}

async function scrape(
  method: string,
  accept: string | undefined,
  metrics: Exposition,
  onFailure: (error: unknown) => void,
): Promise<ScrapeAnswer> {
  if (method !== 'GET')
    return { code: 405, type: plain, body: `${method}: method not allowed: use GET\n`, allow: 'GET' };
  const form = chooseForm(accept);
  try {
    return { code: 200, type: expositionTypes[form], body: await metrics.print(form) };
  } catch (error) {
    onFailure(error);
    return { code: 500, type: plain, body: 'the metrics cannot be had; the log of podnetd says why\n' };
  }
}
