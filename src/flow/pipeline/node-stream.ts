/** What of a Node stream an observer looks at. */
export interface NodeStream {
  readonly readableLength?: number;
  readonly readableObjectMode?: boolean;
  readonly readableEnded?: boolean;
  readonly writableLength?: number;
  readonly writableNeedDrain?: boolean;
  readonly writableFinished?: boolean;
  readonly writableCorked?: number;
  readonly errored?: unknown;
  /** Not public, but there in all versions of Node. */
  readonly _readableState?: { readonly readable?: boolean };
  readonly _writableState?: {
    readonly writable?: boolean;
    readonly constructed?: boolean;
    readonly bufferedRequestCount?: number;
  };
  on(event: string | symbol, listener: (...args: never[]) => void): unknown;
  prependListener(event: string | symbol, listener: (...args: never[]) => void): unknown;
  removeListener(event: string | symbol, listener: (...args: never[]) => void): unknown;
  listenerCount(event: string | symbol): number;
}
