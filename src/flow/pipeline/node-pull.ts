/** Watches how a Node stream is read by what is no Node stream. */
import type { StreamProbe } from '../probe';
import type { NodeStream } from './node-stream';
import { QueuedOutlet, type NodeOutlet } from './outlet';
import type { FunctionStage } from './producers';
import type { Watch } from './watch';
import { elapsed } from './work';

/** What is to be known of a Node stream that a function reads. */
export interface NodePullParts {
  readonly watch: Watch;
  readonly target: NodeStream;
  readonly outlet: NodeOutlet;
  readonly probe: StreamProbe;
  readonly consumer: FunctionStage;
}

/**
 * Watches a Node stream's way to a function, which may read it by iteration or `read()`, taking
 * chunk by chunk, or by listening and piping, being told of them. The stream's own buffer is the
 * queue between the two.
 */
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
        outlet.look(watch.now());
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
        waitNs = elapsed(outlet.enteredNs, nowNs);
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
    if (outlet.size > 0) probe.setDepth(0);
  });
}

/**
 * Watches a Node stream's way to a web stream: pipeline reads a chunk, holds it till the web stream
 * is ready, and writes it.
 *
 * @returns the way out on which the chunks that it holds are
 */
export function watchNodeRelay(watch: Watch, target: NodeStream, outlet: NodeOutlet): QueuedOutlet {
  const relay = new QueuedOutlet(outlet.work);
  watch.shadow(
    target,
    'read',
    (read) =>
      function (this: unknown, size) {
        const chunk = read.call(this, size);
        if (size !== 0 && chunk !== null) relay.keep(outlet.take(chunk));
        return chunk;
      },
  );
  return relay;
}
