/** Watches what Node streams put out. */
import type { NodeStream } from './node-stream';
import { NodeOutlet, UnseenOutlet, type Outlet } from './outlet';
import type { Watch } from './watch';
import type { Work } from './work';

/** Watches the source of a pipeline: a chunk that it pushes is an invocation. */
export function watchNodeSource(watch: Watch, target: NodeStream, work: Work): Outlet {
  if (target._readableState === undefined) return watchLegacySource(watch, target, work);
  const outlet = new NodeOutlet(target, work);
  const isBytes = target.readableObjectMode === false;
  watch.sentinel(
    target,
    'push',
    (push) =>
      function (this: unknown, chunk, encoding) {
        if (chunk === null) watch.drain();
        else if (watch.isLive() && !(isBytes && isEmpty(chunk))) {
          const nowNs = watch.now();
          // What it pushed before has an origin of its own.
          outlet.look(work.outputNs);
          work.outputNs = nowNs;
          work.step(nowNs);
          watch.isFresh = true;
          const more = push.call(this, chunk, encoding);
          watch.isFresh = false;
          // It goes on from here if it pushes again before it is asked to.
          work.startNs = watch.lastNs;
          work.isOpen = more !== false;
          return more;
        }
        return push.call(this, chunk, encoding);
      },
  );
  watch.shadow(
    target,
    '_read',
    (read) =>
      function (this: unknown, size) {
        work.isOpen = true;
        work.startNs = watch.now();
        try {
          return read.call(this, size);
        } catch (error) {
          watch.fail(work, error);
          throw error;
        }
      },
  );
  let isFirst = true;
  watch.onStart(() => {
    outlet.reset(watch.now());
    // What it had read before the pipeline began is its work too.
    if (isFirst) for (let i = 0; i < outlet.size; i++) work.probe.invoked(0);
    isFirst = false;
  });
  return outlet;
}

/** Watches a stream in the middle of a pipeline: what it pushes descends from what it took. */
export function watchNodeOutlet(watch: Watch, target: NodeStream, work: Work): NodeOutlet {
  const outlet = new NodeOutlet(target, work);
  if (typeof Reflect.get(target, '_flush') === 'function') {
    watch.shadow(
      target,
      '_flush',
      (flush) =>
        function (this: unknown, callback) {
          outlet.look(watch.now());
          work.settle();
          return flush.call(this, callback);
        },
    );
  }
  watch.onStart(() => {
    outlet.reset(watch.now());
  });
  return outlet;
}

function watchLegacySource(watch: Watch, target: NodeStream, work: Work): Outlet {
  const ended = (): void => {
    watch.drain();
  };
  target.on('end', ended);
  watch.onEnd(() => target.removeListener('end', ended));
  return new UnseenOutlet(work);
}

function isEmpty(chunk: unknown): boolean {
  return chunk === undefined || (chunk as { readonly length?: unknown }).length === 0;
}
