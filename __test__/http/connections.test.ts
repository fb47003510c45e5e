/** Requests that come on one connection before others have been answered, and what is said of them. */
import { connect } from 'node:net';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Caller, caller, httpMeter, serve, spansOf } from '../support/http';
import { until } from '../support/surroundings';

/** Requests, one after another, as a client pipelines them. */
function pipelined(callers: readonly Caller[]): string {
  return callers
    .map(
      ({ traceparent }, place) =>
        `GET /${place} HTTP/1.1\r\nHost: a\r\ntraceparent: ${traceparent}`,
    )
    .map((head) => `${head}\r\n\r\n`)
    .join('');
}

/** A server that answers when it is told to, and a connection to it with three requests. */
async function three() {
  const meter = httpMeter();
  const responses: ServerResponse[] = [];
  const { server, port } = await serve((_request, response) => void responses.push(response));
  meter.http(server, { client: false });
  const callers = [caller(), caller(), caller()];
  const socket = connect(port, '127.0.0.1');
  socket.write(pipelined(callers));
  await until('all have come', () => responses.length === callers.length);
  const spans = async () => {
    const all = await Promise.all(callers.map(({ traceId }) => spansOf(meter, traceId, 1)));
    return all.map(([span]) => span!);
  };
  return { meter, responses, socket, spans };
}

test('each is ended by its own answer, in whatever order they are answered', async () => {
  const { meter, responses, socket, spans } = await three();
  for (const response of responses.toReversed()) response.end('ok');
  for (const span of await spans()) {
    expect(span).toMatchObject({ status: 'unset' });
    expect(span.attributes).toHaveProperty(['http.response.status_code'], 200);
  }
  expect(meter.openSpans()).toEqual([]);
  socket.destroy();
});

test('where the connection goes, those that wait are errors too, and are ended once', async () => {
  const { meter, responses, socket, spans } = await three();
  responses[0]!.end('ok');
  await once(socket, 'data');
  socket.destroy();
  const [first, ...others] = await spans();
  expect(first!.status).toBe('unset');
  for (const other of others) expect(other.attributes).toHaveProperty(['error.type'], 'aborted');
  expect(meter.openSpans()).toEqual([]);
  const { metrics } = meter.snapshot().toJSON();
  expect(metrics.find(({ name }) => name === 'nanometer.values_rejected')).toMatchObject({
    series: [{ value: 0 }],
  });
});
