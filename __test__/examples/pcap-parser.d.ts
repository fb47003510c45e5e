declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';
  /** Emits `packet` with `{ data }`, `error` and `end`. */
  export function parse(path: string): EventEmitter;
}
