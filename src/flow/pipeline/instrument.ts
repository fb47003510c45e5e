/** Observes one stream of a pipeline that the program composes itself. */
import { NanometerError, show } from '../../errors';
import type { ComponentProbe, FlowProbe } from '../probe';
import { EachFault, type Faults } from './faults';
import { monitor } from './monitor';
import { watchNodeInlet } from './node-inlet';
import { watchNodeOutlet, watchNodeSource } from './node-outlet';
import type { NodeStream } from './node-stream';
import { claim } from './observed';
import { QueuedOutlet, type Outlet } from './outlet';
import { PulledSource } from './producers';
import {
  describe,
  isReadableNode,
  isWebPair,
  isWebReadable,
  isWebWritable,
  isWritableNode,
  kindOf,
  readableEnd,
  writableEnd,
} from './stages';
import { Watch } from './watch';
import { WebInlet, watchWebReadable } from './web';
import { Work } from './work';

/** What the streams that are observed alone have in common, where they are of one flow. */
const faultsOf = new WeakMap<readonly ComponentProbe[], Faults>();
/** The way out of each stream that is observed alone, for the one that it is piped to. */
const outletOf = new WeakMap<object, Outlet>();

/**
 * Observes a stream as a component of a flow. See `Flow.instrument`.
 *
 * @throws NanometerError `NANOMETER_INVALID_OPTION` where it is no stream of Node or the web that can
 * stand at that place, or is observed already
 */
export function instrumentStream<S extends object>(flow: FlowProbe, stream: S, index: number): S {
  const component = flow.componentProbes[index]!;
  const isFirst = index === 0;
  const isLast = index === flow.componentProbes.length - 1;
  const isReadable = isReadableNode(stream) || isWebReadable(stream) || isWebPair(stream);
  const isWritable = isWritableNode(stream) || isWebWritable(stream) || isWebPair(stream);
  if ((!isReadable && !isLast) || (!isWritable && !isFirst)) {
    const what = isFirst ? 'readable' : isLast ? 'writable' : 'readable and writable';
    throw new NanometerError(
      'NANOMETER_INVALID_OPTION',
      `flow ${show(flow.id)}: the component ${show(component.id)} can be a ${what} stream of Node or ` +
        `the web, not ${describe(stream)}`,
    );
  }
  claim(flow, [stream]);
  const watch = new Watch(flow, sharedFaults(flow), null);
  const work = new Work(flow, watch.batches, index);
  watch.add(work);
  watch.isLive();
  if (kindOf(stream) === 'node')
    instrumentNode(watch, stream as unknown as NodeStream, work, index);
  else instrumentWeb(watch, stream, work, index);
  return stream;
}

function instrumentNode(watch: Watch, target: NodeStream, work: Work, index: number): void {
  monitor(watch, target, work);
  if (work.isSource) outletOf.set(target, watchNodeSource(watch, target, work, false));
  else {
    const outlet = work.isSink ? null : watchNodeOutlet(watch, target, work);
    if (outlet !== null) outletOf.set(target, outlet);
    const probe = watch.flow.streamProbes[index - 1]!;
    // Nothing else notices here that the level has changed.
    watch.sentinel(target, 'write', (write) => (chunk, encoding, callback) => {
      watch.isLive();
      return write.call(target, chunk, encoding, callback);
    });
    const upstream = new QueuedOutlet(null);
    const inlet = watchNodeInlet({ watch, target, work, upstream, probe, outlet, isAlone: true });
    const piped = (producer: object): void => {
      inlet.connect(outletOf.get(producer) ?? upstream);
    };
    target.on('pipe', piped);
    watch.onEnd(() => target.removeListener('pipe', piped));
  }
  target.on('close', () => {
    watch.stop();
  });
}

function instrumentWeb(watch: Watch, stream: object, work: Work, index: number): void {
  const outlet = new QueuedOutlet(work);
  if (work.isSource) {
    watchWebReadable(watch, readableEnd(stream), new PulledSource(watch, work, outlet));
    return;
  }
  const probe = watch.flow.streamProbes[index - 1]!;
  const upstream = new QueuedOutlet(null);
  const inlet = new WebInlet({ watch, work, upstream, probe }, work.isSink ? null : outlet);
  inlet.attach(writableEnd(stream));
  if (!work.isSink) watchWebReadable(watch, readableEnd(stream), inlet);
}

function sharedFaults(flow: FlowProbe): Faults {
  let faults = faultsOf.get(flow.componentProbes);
  if (faults === undefined) {
    faults = new EachFault();
    faultsOf.set(flow.componentProbes, faults);
  }
  return faults;
}
