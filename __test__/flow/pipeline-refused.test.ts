/** What no pipeline can be made of: refused in words, before any stage is touched. */
import { WritableStream } from 'node:stream/web';
import { freshFlow } from '../support/flow';
import { quietMeter, thrown } from '../support/meter';
import { passing, taking, three } from '../support/plain-stages';

const meter = quietMeter();
const fresh = () => freshFlow(meter, ['source', 'parse', 'sink']);

describe('what no pipeline can be made of is refused before any stage is touched', () => {
  const good = () => ({ source: three(), parse: passing(), sink: taking() });
  const cases: [string, (stages: Record<string, unknown>) => unknown, RegExp][] = [
    ['no stages', () => null, /stages are an object with "source", "parse", "sink", not null/],
    ['a list', () => [three()], /not an array/],
    [
      'a missing stage',
      ({ source, sink }) => ({ source, sink }),
      /the stage "parse" is missing; it has "source", "parse", "sink"/,
    ],
    [
      'an unknown stage',
      (stages) => ({ ...stages, zip: passing() }),
      /"zip" is no component of it; it has "source", "parse", "sink"/,
    ],
    [
      'a source that cannot be read',
      (stages) => ({ ...stages, source: taking() }),
      /the stage "source" is a readable stream .*, not a Writable/,
    ],
    ['a source that is a number', (stages) => ({ ...stages, source: 7 }), /not 7/],
    [
      'a transform that is a list',
      (stages) => ({ ...stages, parse: [1] }),
      /the stage "parse" is a duplex stream of Node, a transform stream of the web, or a function, not an array/,
    ],
    [
      'a transform that cannot be read',
      (stages) => ({ ...stages, parse: taking() }),
      /not a Writable/,
    ],
    [
      'a sink that cannot be written',
      (stages) => ({ ...stages, sink: three() }),
      /the stage "sink" is a writable stream .*, not a Readable/,
    ],
    [
      'the same stream twice',
      (stages) => ({ ...stages, sink: stages['parse'] }),
      /the stages "parse" and "sink" are the same stream/,
    ],
    [
      'a frozen stream',
      (stages) => ({ ...stages, sink: Object.freeze(new WritableStream()) }),
      /a WritableStream is frozen or sealed/,
    ],
  ];

  test.each(cases)('%s', async (_name, change, message) => {
    const { flow } = fresh();
    const stages = good();
    await expect(flow.pipeline(change(stages) as never)).rejects.toMatchObject({
      code: 'NANOMETER_INVALID_OPTION',
      message: expect.stringMatching(message) as unknown,
    });
    expect(flow.state).toBe('created');
    expect(stages.source.readableFlowing).toBeNull();
    await flow.pipeline(stages);
  });

  test.each([
    ['options that are a list', [], /options are an object with signal, not an array/],
    ['an unknown option', { signals: 1 }, /unknown option "signals"; accepted is signal/],
    ['a signal that is none', { signal: 'now' }, /signal is an AbortSignal, not "now"/],
  ])('%s', async (_name, options, message) => {
    const { flow } = fresh();
    await expect(flow.pipeline(good(), options as never)).rejects.toMatchObject({
      code: 'NANOMETER_INVALID_OPTION',
      message: expect.stringMatching(message) as unknown,
    });
    expect(flow.state).toBe('created');
  });

  test('a flow of one component', async () => {
    const flow = meter.flow('errors alone', ['source']);
    await expect(flow.pipeline({ source: three() })).rejects.toMatchObject({
      message: expect.stringMatching(/a pipeline takes two or more/) as unknown,
    });
  });

  test('a flow that is over', async () => {
    const { flow } = fresh();
    flow.cancel();
    const stages = good();
    await expect(flow.pipeline(stages)).rejects.toMatchObject({ code: 'NANOMETER_INVALID_STATE' });
    expect(stages.source.readableFlowing).toBeNull();
  });

  test('a stream that is observed by another pipeline', async () => {
    const { flow } = fresh();
    const stages = good();
    const done = flow.pipeline(stages);
    await expect(fresh().flow.pipeline({ ...good(), parse: stages.parse })).rejects.toMatchObject({
      message: expect.stringMatching(/a PassThrough is observed already, by the flow/) as unknown,
    });
    await done;
  });

  test('nothing is thrown: what is refused is a rejection', () => {
    const { flow } = fresh();
    expect(() => thrown(() => void flow.pipeline(null as never).catch(() => 0))).toThrow(
      'nothing was thrown',
    );
  });
});
