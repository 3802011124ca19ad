import t from 'tap';
import { findAcceptedType } from '../../../src/api/events/media-type.js';

t.test('the accepted type is the one that is named with the highest weight', async (t) => {
  const cases: readonly (readonly [accept: string | undefined, type: string | undefined])[] = [
    [undefined, undefined],
    ['', undefined],
    ['*/*', undefined],
    ['application/*', undefined],
    ['application/json', undefined],
    ['application/json-seq', 'application/json-seq'],
    ['text/html, APPLICATION/X-NDJSON', 'application/x-ndjson'],
    // Docker's own client. source: moby client/system_events.go@client/v0.6.0
    ['application/jsonl, application/x-ndjson;q=0.9, application/json-seq;q=0.5', 'application/jsonl'],
    ['application/json-seq;q=0.5,application/x-ndjson;q=0.9', 'application/x-ndjson'],
    ['application/json-seq, application/x-ndjson', 'application/x-ndjson'],
    ['application/json-seq; charset=utf-8; Q=0.4, application/jsonl;q=0.3', 'application/json-seq'],
    ['application/json-seq;q=0', undefined],
    ['application/jsonl;q=0.0, application/json-seq;q=0.1', 'application/json-seq'],
    [',;q=1,', undefined],
  ];
  for (const [accept, type] of cases) t.equal(findAcceptedType(accept), type, accept ?? 'none');
});
