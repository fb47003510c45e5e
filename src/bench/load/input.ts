/**
 * The elements of a file, gone through again and again: lines, or chunks of 64 KiB. The file is read as
 * it goes, from the system's cache, so that a large one takes no memory; each chunk is a buffer of its
 * own, which components may write to.
 */
import { openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { InputFile } from '../plan';
import { RefusedPipeline } from './fault';
import { NO_MORE, type Source } from './source';

const CHUNK_BYTES = 64 * 1024;

/**
 * The source of a file's elements.
 *
 * @throws RefusedPipeline where the file cannot be read, or is empty
 */
export function openInput({ path, as }: InputFile): Source {
  try {
    const fd = openSync(path, 'r');
    if (readSync(fd, Buffer.alloc(1), 0, 1, 0) === 0) {
      throw new RefusedPipeline(`the input ${path} is empty`);
    }
    return as === 'lines' ? new Lines(fd) : new Chunks(fd);
  } catch (error) {
    if (error instanceof RefusedPipeline) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : (code ?? String(error));
    throw new RefusedPipeline(`the input ${path} cannot be read: ${why}`);
  }
}

/** Buffers of 64 KiB; the last one is what is left. */
class Chunks implements Source {
  readonly isAsync = false;
  bytes = 0;
  readonly #fd: number;
  #at = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  take(): unknown {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let read = readSync(this.#fd, chunk, 0, CHUNK_BYTES, this.#at);
    if (read === 0) read = readSync(this.#fd, chunk, 0, CHUNK_BYTES, (this.#at = 0));
    if (read === 0) return NO_MORE;
    this.#at += read;
    this.bytes += read;
    return read === CHUNK_BYTES ? chunk : chunk.subarray(0, read);
  }
}

/** Lines without their ends; their bytes are those of the lines alone. */
class Lines implements Source {
  readonly isAsync = false;
  bytes = 0;
  readonly #fd: number;
  #decoder = new StringDecoder('utf8');
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #at = 0;
  #lines: string[] = [];
  #next = 0;
  /** The beginning of a line whose end has not been read. */
  #rest = '';

  constructor(fd: number) {
    this.#fd = fd;
  }

  take(): unknown {
    while (this.#next === this.#lines.length) if (!this.#read()) return NO_MORE;
    const line = this.#lines[this.#next++]!;
    this.bytes += Buffer.byteLength(line);
    return line;
  }

  /** Reads on; false where there is nothing at all any more. */
  #read(): boolean {
    this.#next = 0;
    const read = readSync(this.#fd, this.#chunk, 0, CHUNK_BYTES, this.#at);
    if (read > 0) {
      this.#at += read;
      this.#lines = (this.#rest + this.#decoder.write(this.#chunk.subarray(0, read))).split(
        /\r?\n/,
      );
      this.#rest = this.#lines.pop()!;
      return true;
    }
    if (this.#at === 0) return false;
    const last = this.#rest + this.#decoder.end();
    this.#lines = last === '' ? [] : [last];
    this.#rest = '';
    this.#at = 0;
    return true;
  }
}
