/** Pipelines that `nanometer bench` cannot run must not compile. */
import { PassThrough, Readable, Writable } from 'node:stream';
import { CompressionStream, TransformStream } from 'node:stream/web';
import {
  definePipeline,
  type Element,
  type PipelineComponent,
  type PipelineDefinition,
  type PipelineSource,
  type SourceContext,
} from 'nanometer';
import { isTrue, type Same } from './same';

// Components of all kinds; the definition knows their names.
const pipeline = definePipeline({
  service: 'orders',
  source: ['{"id":1}', '{"id":2}'],
  components: {
    parse: (line: string): unknown => JSON.parse(line),
    look: async (value: unknown, element: Element) => {
      element.copy('PayloadRead', 8);
      return Promise.resolve(value);
    },
    wait: new PassThrough({ objectMode: true }),
    shift: new TransformStream(),
    zip: new CompressionStream('gzip'),
    store: new Writable(),
  },
});
type Names = 'parse' | 'look' | 'wait' | 'shift' | 'zip' | 'store';
isTrue<Same<typeof pipeline, PipelineDefinition<Names>>>();
isTrue<Same<keyof typeof pipeline.components, Names>>();
isTrue<Same<typeof pipeline.components.wait, PipelineComponent>>();
isTrue<Same<typeof pipeline.source, PipelineSource | undefined>>();
// @ts-expect-error no such component
void pipeline.components.sort;
// @ts-expect-error what is defined stays
pipeline.service = 'others';
// @ts-expect-error and so do its components
pipeline.components.parse = String;

const components = { echo: (value: unknown) => value };
definePipeline({ components });

// @ts-expect-error components there must be
definePipeline({});
// @ts-expect-error of which there is an object
definePipeline({ components: [(value: unknown) => value] });
// @ts-expect-error neither function nor stream
definePipeline({ components: { parse: 'parse' } });
// @ts-expect-error nor is there anything to call in an object
definePipeline({ components: { ...components, parse: { transform: String } } });
// @ts-expect-error nor in nothing at all
definePipeline({ components: { ...components, parse: null } });
// @ts-expect-error a stream that nothing can be written into
definePipeline({ components: { read: new Readable() } });
// @ts-expect-error a web stream of one end
definePipeline({ components: { write: new TransformStream().writable } });
// @ts-expect-error an element, and no text, is the second argument
definePipeline({ components: { parse: (line: string, name: string) => line + name } });
definePipeline({
  // @ts-expect-error there is no third
  components: { parse: (_: unknown, element: Element, next: () => void) => [element, next] },
});

// @ts-expect-error no such key
definePipeline({ components, sourc: [1] });
// @ts-expect-error nor this one
definePipeline({ component: components });
// @ts-expect-error a service is named
definePipeline({ components, service: 7 });

// Sources: whatever can be gone through, and functions that give it.
definePipeline({ components, source: 'letters' });
definePipeline({ components, source: new Set([1, 2]) });
definePipeline({ components, source: new PassThrough() });
definePipeline({
  components,
  source: function* ({ seed, random, worker, workers }) {
    isTrue<Same<typeof seed | typeof worker | typeof workers, number>>();
    yield random();
  },
});
definePipeline({
  components,
  source: async function* (context: SourceContext) {
    yield* await Promise.resolve([context.seed]);
  },
});
// @ts-expect-error a number is no source
definePipeline({ components, source: 10 });
// @ts-expect-error nor is an object of them
definePipeline({ components, source: { first: [1] } });
// @ts-expect-error nor a function that gives one
definePipeline({ components, source: () => 10 });
// @ts-expect-error nor one that gives it later: an async iterable is a source
definePipeline({ components, source: async () => Promise.resolve([1]) });
// @ts-expect-error nor one that wants to be told more
definePipeline({ components, source: (path: string) => [path] });
