/** The span of a request that a server answers: as any other, but ended by the answer. */
import { Span } from '../trace/span';
import { describeError } from '../trace/text';
import type { Connection } from './connection';

const LONGEST_ROUTE = 200;

/**
 * The span of a request. Get it from `meter.httpSpan(request)`, to say more of it, and to put what is
 * done for the request below it. It ends when the answer is out, or the connection is gone.
 */
export class HttpSpan extends Span {
  /** `''` where nobody has said one. @internal */
  route = '';
  /** Where its request came. @internal */
  connection: Connection | null = null;
  /** Whether the request has been answered, or never will be. @internal */
  isFinished = false;
  /** What kind of error it failed with; `''` where it has not. @internal */
  errorType = '';

  /** Says the request's route: a template with few values, as `/orders/:id`. */
  setRoute(route: string): this {
    if (typeof route === 'string') this.route = route.slice(0, LONGEST_ROUTE);
    return this;
  }

  /** It has failed: says so, with the error, and goes on until the request is answered. */
  override fail(error?: unknown): void {
    if (error === undefined) {
      this.setStatus('error');
      this.errorType = '_OTHER';
      return;
    }
    const { type, message } = describeError(error);
    this.setStatus('error', message);
    this.event('exception', { 'exception.type': type, 'exception.message': message });
    this.errorType = type;
  }

  /** Does nothing: the answer ends it. */
  override end(): void {
    // The answer may be still under way when a handler returns.
  }

  /** Ends it, under the name that it has earned. @internal */
  static finish(span: HttpSpan, name: string, nameText: number): void {
    Span.rename(span, name, nameText);
    Span.prototype.end.call(span);
  }
}
