import http from 'node:http';
import https from 'node:https';
import { readTextFile } from '../../host/files/config-files.js';

/** Files of TLS, absolute paths. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** More is no answer to what podnetd asks. */
const mostAnswerBytes = 33_554_432;
const restMs = 90_000;

/** Posts JSON to endpoints over kept connections. */
export class Poster {
  #http = new http.Agent({ keepAlive: true, timeout: restMs });
  #https: https.Agent | undefined;
  /** Texts of the files that the agent has. */
  #loaded: string | undefined;

  constructor(private readonly tls: TlsFiles) {}

  /** @throws Error of node:http, node:tls, node:fs; or one that says that the time is over */
  async post(url: URL, body: string, headers: http.OutgoingHttpHeaders, timeoutMs: number): Promise<HttpAnswer> {
    const isTls = url.protocol === 'https:';
    const options = {
      method: 'POST',
      agent: isTls ? this.#tlsAgent() : this.#http,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    };
    return await new Promise((resolve, reject) => {
      const request = (isTls ? https : http).request(url, options, (response) => {
        readAll(response)
          .then((text) => resolve({ status: response.statusCode ?? 0, text }), reject)
          .finally(() => clearTimeout(timer));
      });
      const timer = setTimeout(() => {
        request.destroy(new Error(`no answer within ${Math.round(timeoutMs)} ms`));
      }, timeoutMs);
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      request.end(body);
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https?.destroy();
  }

  /** Certificates are renewed in place, so the files are read for each request; there are few. */
  #tlsAgent(): https.Agent {
    const read = (file: string | undefined) => {
      if (file === undefined) return undefined;
      const text = readTextFile(file);
      if (text === undefined) throw new Error(`${file}: there is no such file`);
      return text;
    };
    const texts = { ca: read(this.tls.ca), cert: read(this.tls.cert), key: read(this.tls.key) };
    const now = JSON.stringify(texts);
    if (this.#https === undefined || now !== this.#loaded) {
      this.#https?.destroy();
      this.#https = new https.Agent({ keepAlive: true, timeout: restMs, ...texts });
      this.#loaded = now;
    }
    return this.#https;
  }
}

async function readAll(response: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > mostAnswerBytes) throw new Error(`an answer of more than ${mostAnswerBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
