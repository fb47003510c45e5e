/** What the demo exports where `--otlp` says where to, and what became of it. */
import { whole } from './figures.mjs';

// So that there is something to see while it runs.
const EVERY_MS = 1_000;

/** Options of `open()`; none where nothing is exported. */
export function otlpOptions(endpoint) {
  return endpoint === undefined
    ? {}
    : { otlp: { endpoint, intervalMs: EVERY_MS, delayMs: EVERY_MS } };
}

/** Exports what is left, and says in lines of the summary what was delivered. */
export async function exported(meter) {
  const { outcome, exporters } = await meter.flush();
  const [otlp] = meter.exporters();
  if (otlp === undefined) return ['  export       nothing: the JavaScript backend has no OTLP'];
  const lines = Object.entries(otlp.signals).map(([signal, { exported, dropped, queued }]) => {
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    const what = signal === 'metrics' ? 'data points' : 'spans';
    return `${whole(exported)} ${what} delivered, ${whole(lost)} dropped, ${whole(queued)} waiting`;
  });
  const problem = exporters.find(({ error }) => error !== null);
  return [
    `  export       to ${otlp.endpoint} (${outcome})`,
    ...lines.map((line) => `               ${line}`),
    ...(problem === undefined ? [] : [`               ${problem.error}`]),
  ];
}
