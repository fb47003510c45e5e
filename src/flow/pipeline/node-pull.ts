/**
 * Watches how a function reads the Node stream that it is given: by iteration or `read()`, which take
 * chunk by chunk, or by listening and piping, which are told of them.
 */
import type { StreamProbe } from '../probe';
import type { NodeStream } from './node-stream';
import type { Outlet } from './outlet';
import type { FunctionStage } from './producers';
import type { Watch } from './watch';
import { elapsed } from './work';

/** What is to be known of a Node stream that a function reads. */
export interface NodePullParts {
  readonly watch: Watch;
  readonly target: NodeStream;
  readonly outlet: Outlet;
  readonly probe: StreamProbe;
  readonly consumer: FunctionStage;
}

/** Watches a Node stream's way to a function; its own buffer is the queue between the two. */
export function watchNodePull({ watch, target, outlet, probe, consumer }: NodePullParts): void {
  let isPressed = false;
  const release = (): void => {
    if (!isPressed) return;
    isPressed = false;
    probe.released();
  };
  /** The chunk that `read()` is about to give. */
  let isTaken = false;
  let originNs = 0;
  let waitNs = 0;

  outlet.probe = probe;
  watch.shadow(
    target,
    'push',
    (push) =>
      function (this: unknown, chunk, encoding) {
        const more = push.call(this, chunk, encoding);
        if (more === false && chunk !== null && !isPressed) {
          isPressed = true;
          probe.pressed();
        }
        return more;
      },
  );
  watch.shadow(
    target,
    '_read',
    (read) =>
      function (this: unknown, size) {
        release();
        return read.call(this, size);
      },
  );
  watch.shadow(
    target,
    'emit',
    (emit) =>
      function (this: unknown, ...args: unknown[]) {
        if (args[0] !== 'data') return Reflect.apply(emit, this, args) as unknown;
        originNs = outlet.take(args[1]);
        const nowNs = watch.now();
        outlet.takenNs = nowNs;
        waitNs = outlet.enteredNs === 0 ? 0 : elapsed(outlet.enteredNs, nowNs);
        isTaken = target.listenerCount('data') === 0;
        if (isTaken) return Reflect.apply(emit, this, args) as unknown;
        consumer.delivered(originNs, waitNs, nowNs);
        const wasHeard = Reflect.apply(emit, this, args) as unknown;
        consumer.requested();
        return wasHeard;
      },
  );
  watch.shadow(
    target,
    'read',
    (read) =>
      function (this: unknown, size) {
        if (size === 0) return read.call(this, size);
        if (target.listenerCount('data') === 0) consumer.requested();
        isTaken = false;
        const chunk = read.call(this, size);
        if (isTaken) consumer.delivered(originNs, waitNs, watch.now());
        isTaken = false;
        return chunk;
      },
  );
  watch.onEnd(() => {
    release();
    if (outlet.kept.size > 0) probe.setDepth(0);
  });
}
