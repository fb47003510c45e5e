/** What the pipeline demo measures beside its flow. Every thread defines the same. */
import { open } from 'nanometer';

/** The name of the flow. */
export const FLOW = 'identifiers';
/** Its components, in order. */
export const COMPONENTS = ['find', 'read', 'parse', 'count', 'report'];

/** Opens the process's meter; a thread that opens it again joins it. */
export function openMeter(options = {}) {
  return open({ service: 'pipeline-demo', ...options });
}

/** @param {import('nanometer').Meter} meter */
export function worked(meter) {
  return {
    bytes: meter.counter('demo.parsed', { help: 'Source text that was parsed.', unit: 'By' }),
    unparsed: meter.counter('demo.unparsed', {
      help: 'Files that are no JavaScript which the parser understands.',
      unit: '{file}',
    }),
  };
}
