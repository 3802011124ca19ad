import { endianness } from 'node:os';
import t from 'tap';
import { KernelTable, type TableSource } from '../../../src/host/netlink/table.js';

/** RTM_GETROUTE, RTM_NEWROUTE; NLM_F_MULTI, NLM_F_DUMP_INTR; NLMSG_DONE. */
const [getRoutes, newRoute] = [26, 24];
const [part, interrupted] = [0x2, 0x10];
const done = 3;

function message(type: number, flags: number, body: Buffer): Buffer {
  const header = Buffer.alloc(16);
  const view = new DataView(header.buffer, header.byteOffset);
  view.setUint32(0, 16 + body.length, endianness() === 'LE');
  view.setUint16(4, type, endianness() === 'LE');
  view.setUint16(6, flags, endianness() === 'LE');
  return Buffer.concat([header, body]);
}

const route = (name: string, flags = part) => message(newRoute, flags, Buffer.from(name.padEnd(12)));
const end = (flags = part) => message(done, flags, Buffer.alloc(4));

/** Plays a kernel with these answers, each of one or more pieces. */
function play(answers: readonly (readonly Buffer[])[]): TableSource & { readonly asked: () => number } {
  let asked = 0;
  let pieces: Buffer[] = [];
  return {
    asked: () => asked,
    async ask() {
      pieces = [...(answers[Math.min(asked, answers.length - 1)] ?? [])];
      asked += 1;
      return await Promise.resolve();
    },
    async fetch() {
      const piece = pieces.shift();
      return piece === undefined ? await Promise.reject(new Error('nothing left')) : await Promise.resolve(piece);
    },
  };
}

t.test('an interrupted dump is repeated', async (t) => {
  const torn = [route('old'), Buffer.concat([route('new', part | interrupted), end(part | interrupted)])];
  const whole = [Buffer.concat([route('old'), route('lost')]), Buffer.concat([route('new'), end()])];
  const kernel = play([torn, torn, whole]);
  const table = new KernelTable(getRoutes, Buffer.alloc(12));
  t.same(await table.read(kernel), Buffer.concat([route('old'), route('lost'), route('new')]));
  t.equal(kernel.asked(), 3);
});

t.test('a dump that is interrupted each time is an error, and the next read begins anew', async (t) => {
  const torn = [Buffer.concat([route('new', part | interrupted), end()])];
  const kernel = play([torn]);
  const table = new KernelTable(getRoutes, Buffer.alloc(12));
  await t.rejects(table.read(kernel), /changed each of 20 times while it was listed/);
  t.equal(kernel.asked(), 20);
  t.equal(table.known, undefined);
  const whole = play([[Buffer.concat([route('old'), end()])]]);
  t.same(await table.read(whole), route('old'));
});
