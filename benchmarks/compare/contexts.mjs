/** Contexts out of headers, into headers, and through the program: ours, and OpenTelemetry's. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OPERATIONS } from '../harness/race.mjs';
import { HANDLES, expect } from './workload.mjs';

const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;

/** Requests' headers as Node gives them, each with a trace of its own. */
const REQUESTS = Array.from({ length: HANDLES }, (_, place) => ({
  host: 'orders.example',
  accept: '*/*',
  traceparent: `00-4bf92f3577b34da6a3ce929d0e0e47${hex(place + 16)}-00f067aa0ba902${hex(place + 16)}-01`,
}));

/** Reading a context from headers. */
export function parsing(meter) {
  const propagator = new W3CTraceContextPropagator();
  return [
    read('a regular expression', ({ traceparent }) => TRACEPARENT.exec(traceparent)[2]),
    read('nanometer: meter.extract(headers)', (headers) => meter.extract(headers)),
    read('OpenTelemetry: propagator.extract(context, headers)', (headers) =>
      propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter),
    ),
  ];
}

/** Writing the context of a span into headers. */
export function formatting(meter) {
  const span = meter.span('bench');
  const expected = span.traceparent();
  const propagator = new W3CTraceContextPropagator();
  const [traceId, spanId] = [span.traceId, span.spanId];
  const inContext = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 0 });
  return [
    write('a template', expected.length, () => `00-${traceId}-${spanId}-00`),
    write('nanometer: span.traceparent()', expected.length, () => span.traceparent()),
    write('nanometer: meter.inject(span, headers)', expected.length, () => {
      const headers = {};
      meter.inject(span, headers);
      return headers.traceparent;
    }),
    write('OpenTelemetry: propagator.inject(context, headers)', expected.length, () => {
      const headers = {};
      propagator.inject(inContext, headers, defaultTextMapSetter);
      return headers.traceparent;
    }),
  ];
}

/** Running a function with something active, and asking what is. */
export function activating(meter) {
  const span = meter.span('bench');
  const storage = new AsyncLocalStorage();
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  const inContext = trace.setSpan(
    ROOT_CONTEXT,
    trace.wrapSpanContext({ traceId: span.traceId, spanId: span.spanId, traceFlags: 0 }),
  );
  let ran = 0;
  const fn = () => {
    ran += 1;
  };
  const run = (name, body) => {
    let calls = 0;
    return {
      name,
      group: 'run',
      call() {
        calls += 1;
        for (let i = 0; i < OPERATIONS; i += 1) body();
      },
      check: () => (calls > 0 && ran >= calls * OPERATIONS ? null : 'did not run'),
    };
  };
  return [
    run('a bare call', () => fn()),
    run('AsyncLocalStorage: storage.run(store, fn)', () => storage.run(span, fn)),
    run('nanometer: meter.active(span, fn)', () => meter.active(span, fn)),
    run('OpenTelemetry: context.with(context, fn)', () => context.with(inContext, fn)),
    asked(
      'AsyncLocalStorage: storage.getStore()',
      (body) => storage.run(span, body),
      () => storage.getStore(),
    ),
    asked(
      'nanometer: meter.activeSpan()',
      (body) => meter.active(span, body),
      () => meter.activeSpan(),
    ),
    asked(
      'OpenTelemetry: trace.getActiveSpan()',
      (body) => context.with(inContext, body),
      () => trace.getActiveSpan(),
    ),
  ];
}

function read(name, parse) {
  let found = 0;
  let calls = 0;
  return {
    name,
    group: 'parse',
    call() {
      calls += 1;
      let valid = 0;
      for (let i = 0; i < OPERATIONS; i += 1) {
        if (parse(REQUESTS[i & 15]) !== null) valid += 1;
      }
      found += valid;
    },
    check: () => expect(found, calls * OPERATIONS),
  };
}

function write(name, length, format) {
  let written = 0;
  let calls = 0;
  return {
    name,
    group: 'format',
    call() {
      calls += 1;
      let characters = 0;
      for (let i = 0; i < OPERATIONS; i += 1) characters += format().length;
      written += characters;
    },
    check: () => expect(written, calls * OPERATIONS * length),
  };
}

function asked(name, inside, ask) {
  let found = 0;
  let calls = 0;
  const loop = () => {
    let answers = 0;
    for (let i = 0; i < OPERATIONS; i += 1) if (ask() !== undefined) answers += 1;
    found += answers;
  };
  return {
    name,
    group: 'ask',
    call() {
      calls += 1;
      inside(loop);
    },
    check: () => expect(found, calls * OPERATIONS),
  };
}

function hex(byte) {
  return byte.toString(16).padStart(2, '0');
}
