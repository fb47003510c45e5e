/** `nanometer metrics`: another process's metrics, through its socket. */
import type { SnapshotData } from '../../snapshot/snapshot-data';
import { coloursOf } from '../colours';
import { CommandError } from '../command-error';
import { print } from '../output';
import { choosePeer } from '../peer/choose';
import type { PeerOptions } from '../peer/options';
import { asCommandError } from '../peer/peer';
import { tableOf } from './table';

/** Its options. */
export interface MetricsOptions extends PeerOptions {
  readonly json?: true;
  readonly prometheus?: true;
}

/**
 * Prints the metrics of a process whose names have one of these texts in them; all of them where
 * there are none.
 *
 * @throws CommandError
 */
export async function metrics(texts: readonly string[], options: MetricsOptions): Promise<void> {
  if (options.prometheus && texts.length > 0) {
    throw CommandError.usage('--prometheus prints all metrics: leave the names out');
  }
  const text = await read(texts, options).catch((error: unknown) => {
    throw asCommandError(error);
  });
  await print(text);
}

async function read(texts: readonly string[], options: MetricsOptions): Promise<string> {
  const peer = await choosePeer(options);
  if (options.prometheus) return peer.prometheus();
  if (options.json && texts.length === 0) return peer.snapshotText();
  const snapshot = onlyThose(await peer.snapshot(), texts);
  if (options.json) return JSON.stringify(snapshot);
  const colours = coloursOf(process.stdout);
  const { pid } = await peer.identity();
  const title = `${colours.bold(snapshot.service)} (pid ${pid}), level ${snapshot.level}`;
  return `${title}\n\n${tableOf(snapshot, colours)}`;
}

function onlyThose(snapshot: SnapshotData, texts: readonly string[]): SnapshotData {
  if (texts.length === 0) return snapshot;
  const metrics = snapshot.metrics.filter(({ name }) => texts.some((text) => name.includes(text)));
  if (metrics.length > 0) return { ...snapshot, metrics };
  const wanted = texts.map((text) => JSON.stringify(text)).join(' or ');
  throw CommandError.failed(
    `none of the ${snapshot.metrics.length} metrics of ${snapshot.service} has ${wanted} in its name`,
  );
}
