/**
 * A receiver of OTLP, protobuf over HTTP and gRPC: it takes everything, and says when it is asked how
 * much that was. It looks into requests only then, so as not to take processors from who sends them.
 */
import { createServer } from 'node:http';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs/light.js';

const SIGNALS = { metrics: 'MetricsService', traces: 'TraceService' };
const HOST = '127.0.0.1';
const EMPTY = Buffer.alloc(0);

// Of OTLP's messages the way down to what is counted, and no further: that is not decoded.
const field = (id, type) => ({ rule: 'repeated', id, type });
const OTLP = protobuf.Root.fromJSON({
  nested: {
    Metrics: { fields: { resources: field(1, 'MetricsOfResource') } },
    MetricsOfResource: { fields: { scopes: field(2, 'MetricsOfScope') } },
    MetricsOfScope: { fields: { metrics: field(2, 'Metric') } },
    Metric: {
      fields: Object.fromEntries(
        Object.entries({ gauge: 5, sum: 7, histogram: 9, exponential: 10 }).map(([kind, id]) => [
          kind,
          { id, type: 'Data' },
        ]),
      ),
    },
    Data: { fields: { points: field(1, 'bytes') } },
    Traces: { fields: { resources: field(1, 'SpansOfResource') } },
    SpansOfResource: { fields: { scopes: field(2, 'SpansOfScope') } },
    SpansOfScope: { fields: { spans: field(2, 'bytes') } },
  },
});
const ITEMS = {
  metrics: (body) =>
    OTLP.lookupType('Metrics')
      .decode(body)
      .resources.flatMap(({ scopes }) => scopes)
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ gauge, sum, histogram, exponential }) => [gauge, sum, histogram, exponential])
      .reduce((count, data) => count + (data?.points.length ?? 0), 0),
  traces: (body) =>
    OTLP.lookupType('Traces')
      .decode(body)
      .resources.flatMap(({ scopes }) => scopes)
      .reduce((count, { spans }) => count + spans.length, 0),
};

const waiting = [];
const totals = Object.fromEntries(
  Object.keys(SIGNALS).map((signal) => [signal, { requests: 0, bytes: 0, items: 0 }]),
);

const http = createServer(async (request, response) => {
  const signal = request.url.slice('/v1/'.length);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  waiting.push({ signal, body: Buffer.concat(chunks) });
  response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
});
await new Promise((resolve) => http.listen(0, HOST, resolve));

// All metrics of a program may come in one request: more than the 4 MiB that are usual.
const grpc = new Server({ 'grpc.max_receive_message_length': -1 });
const asItIs = (bytes) => bytes;
for (const [signal, service] of Object.entries(SIGNALS)) {
  const method = {
    path: `/opentelemetry.proto.collector.${signal === 'traces' ? 'trace' : signal}.v1.${service}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  };
  grpc.addService(
    { Export: method },
    {
      Export({ request: body }, callback) {
        waiting.push({ signal, body });
        callback(null, EMPTY);
      },
    },
  );
}
const port = await new Promise((resolve, reject) => {
  grpc.bindAsync(`${HOST}:0`, ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  );
});

process.on('message', () => {
  for (const { signal, body } of waiting.splice(0)) {
    const total = totals[signal];
    total.requests += 1;
    total.bytes += body.length;
    total.items += ITEMS[signal](body);
  }
  process.send(totals);
});
process.on('disconnect', () => process.exit());
process.send({
  'http/protobuf': `http://${HOST}:${http.address().port}`,
  grpc: `http://${HOST}:${port}`,
});
