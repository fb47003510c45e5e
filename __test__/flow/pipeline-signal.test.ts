/** Pipelines that are aborted: where that is counted, and what it leaves behind. */
import { Readable, Writable } from 'node:stream';
import { freshFlow } from '../support/flow';
import { quietMeter } from '../support/meter';
import { objects, passing, taking, three } from '../support/plain-stages';

const meter = quietMeter();
const fresh = () => freshFlow(meter, ['source', 'parse', 'sink']);
const mine = new Error('mine');

describe('a signal', () => {
  const never = () =>
    new Writable({
      ...objects,
      write: () => undefined,
    });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const abortError = { name: 'AbortError', code: 'ABORT_ERR' };

  test('that aborts is counted once, in what is at work nearest the sink', async () => {
    const { flow, errors, state, value } = fresh();
    const controller = new AbortController();
    const stages = { source: three(), parse: passing(), sink: never() };
    const done = flow.pipeline(stages, { signal: controller.signal });
    await turn();
    controller.abort(mine);
    await expect(done).rejects.toMatchObject({ ...abortError, cause: mine });
    expect(errors()).toEqual([0, 0, 1]);
    expect(value('flow.elements.errors')).toBe(1);
    expect(state()).toBe('cancelled');
  });

  test('that aborts while nothing is at work is counted in the source', async () => {
    const { flow, errors, state, value } = fresh();
    const controller = new AbortController();
    const source = new Readable({ ...objects, read: () => undefined });
    const stages = { source, parse: passing(), sink: taking() };
    const done = flow.pipeline(stages, { signal: controller.signal });
    await turn();
    controller.abort();
    await expect(done).rejects.toMatchObject(abortError);
    expect(errors()).toEqual([1, 0, 0]);
    expect(value('flow.elements.errors')).toBe(0);
    expect(state()).toBe('cancelled');
  });

  test('that has aborted before is counted in the source, and nothing runs', async () => {
    const { flow, errors, state } = fresh();
    const stages = { source: three(), parse: passing(), sink: taking() };
    const signal = AbortSignal.abort();
    await expect(flow.pipeline(stages, { signal })).rejects.toMatchObject(abortError);
    expect(errors()).toEqual([1, 0, 0]);
    expect(state()).toBe('cancelled');
  });

  // Newer versions of Node answer with the fault, which came first; older ones with the abort.
  test('that aborts as a component fails is counted there, whichever of the two is told', async () => {
    const { flow, errors, value } = fresh();
    const controller = new AbortController();
    const parse = passing();
    const sink = async (chunks: AsyncIterable<unknown>) => {
      for await (const chunk of chunks) {
        controller.abort(chunk);
        throw mine;
      }
    };
    const stages = { source: three(), parse, sink };
    await expect(flow.pipeline(stages, { signal: controller.signal })).rejects.toThrow();
    expect(errors()).toEqual([0, 0, 1]);
    expect(value('flow.elements.errors')).toBe(1);
  });

  test('reaches functions as it does bare', async () => {
    const { flow, state } = fresh();
    const controller = new AbortController();
    let wasAborted: boolean | undefined;
    const source = async function* ({ signal }: { signal: AbortSignal }) {
      signal.addEventListener('abort', () => (wasAborted = true));
      for (let i = 0; ; i++) yield await Promise.resolve(i);
    };
    let taken = 0;
    const sink = new Writable({
      ...objects,
      write(_chunk, _encoding, callback) {
        if ((taken += 1) === 10) controller.abort();
        callback();
      },
    });
    const stages = { source, parse: passing(), sink };
    await expect(flow.pipeline(stages, { signal: controller.signal })).rejects.toMatchObject(
      abortError,
    );
    expect(wasAborted).toBe(true);
    expect(state()).toBe('cancelled');
  });

  test('leaves no listener behind', async () => {
    const { flow } = fresh();
    const { signal } = new AbortController();
    const add = jest.spyOn(signal, 'addEventListener');
    const remove = jest.spyOn(signal, 'removeEventListener');
    const stages = { source: three(), parse: passing(), sink: taking() };
    await flow.pipeline(stages, { signal });
    expect(add.mock.calls.length).toBeGreaterThan(0);
    expect(remove.mock.calls.length).toBe(add.mock.calls.length);
  });
});
