/** Watches what a Node stream puts out: from `push()` to whoever takes it. */
import type { NodeStream } from './node-stream';
import type { Outlet } from './outlet';
import type { Watch } from './watch';
import type { Work } from './work';

/** What is to be known of a stream that is watched at its way out. */
export interface OutletParts {
  readonly watch: Watch;
  readonly target: NodeStream;
  readonly work: Work;
  readonly outlet: Outlet;
}

/** Watches the source of a pipeline: a chunk that it pushes is an invocation. */
export function watchNodeSource(parts: OutletParts): void {
  const { watch, target, work, outlet } = parts;
  if (target._readableState === undefined) {
    watchLegacySource(parts);
    return;
  }
  outlet.isBytes = target.readableObjectMode === false;
  const { isBytes } = outlet;
  watch.sentinel(
    target,
    'push',
    (push) =>
      function (this: unknown, chunk, encoding) {
        if (chunk === null) watch.drain();
        else if (watch.isLive() && !(isBytes && isEmpty(chunk))) {
          const nowNs = watch.now();
          const before = isBytes ? target.readableLength! : 0;
          work.probe.invoked(work.startNs === 0 ? 0 : nowNs - work.startNs);
          outlet.isHanded = true;
          outlet.handedNs = nowNs;
          const more = push.call(this, chunk, encoding);
          if (outlet.isHanded) {
            outlet.isHanded = false;
            const units = isBytes ? target.readableLength! - before : 1;
            if (units > 0) outlet.keep(nowNs, nowNs, units);
          }
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
    const count = findBuffered(parts);
    // What it had read before the pipeline began is its work too.
    if (isFirst) for (let i = 0; i < count; i++) work.probe.invoked(0);
    isFirst = false;
  });
}

/** Watches a stream in the middle of a pipeline: what it pushes descends from what it took. */
export function watchNodeOutlet(parts: OutletParts): void {
  const { watch, target, work, outlet } = parts;
  if (target._readableState === undefined) return;
  outlet.isBytes = target.readableObjectMode === false;
  const { isBytes } = outlet;
  watch.shadow(
    target,
    'push',
    (push) =>
      function (this: unknown, chunk, encoding) {
        if (chunk === null || (isBytes && isEmpty(chunk))) return push.call(this, chunk, encoding);
        const before = isBytes ? target.readableLength! : 0;
        const { outputNs, startNs } = work;
        work.hasOutput = true;
        outlet.isHanded = true;
        outlet.handedNs = outputNs;
        const more = push.call(this, chunk, encoding);
        if (outlet.isHanded) {
          outlet.isHanded = false;
          const units = isBytes ? target.readableLength! - before : 1;
          if (units > 0) outlet.keep(outputNs, outlet.probe === null ? 0 : watch.now(), units);
        } else if (work.isOpen && work.startNs === startNs) {
          // What came after it has worked meanwhile, within this call.
          work.startNs += watch.lastNs - outlet.takenNs;
        }
        return more;
      },
  );
  watch.onStart(() => {
    findBuffered(parts);
  });
}

/** Old streams have no buffer and no push: their chunks are seen where they arrive. */
function watchLegacySource({ watch, target, work, outlet }: OutletParts): void {
  outlet.onUnseen = () => {
    work.probe.invoked(0);
  };
  const ended = (): void => {
    watch.drain();
  };
  target.on('end', ended);
  watch.onEnd(() => target.removeListener('end', ended));
}

/** What waits in the stream's buffer when recording begins; answers how many chunks are known. */
function findBuffered({ watch, target, outlet }: OutletParts): number {
  const length = target.readableLength ?? 0;
  const nowNs = watch.now();
  outlet.kept.clear();
  if (length === 0) return 0;
  if (outlet.isBytes) {
    outlet.keep(nowNs, nowNs, length);
    return 1;
  }
  for (let i = 0; i < length; i++) outlet.keep(nowNs, nowNs, 1);
  return length;
}

function isEmpty(chunk: unknown): boolean {
  return chunk === undefined || (chunk as { readonly length?: unknown }).length === 0;
}
