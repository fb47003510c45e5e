/** The exporters that JavaScript runs, as they say that they are. The native ones need the binary. */
import type { ExporterStatus } from '../export/status';

/** See the file. */
export class NotedExporters {
  readonly #noted = new Map<string, ExporterStatus>();

  /** How one of them is now: JSON of an `ExporterStatus`. */
  note(json: string): void {
    const status = JSON.parse(json) as ExporterStatus;
    this.#noted.set(status.name, status);
  }

  /** All of them, in the order in which they began. */
  all(): readonly ExporterStatus[] {
    return [...this.#noted.values()];
  }
}
