/** A process that races contexts on the Node that runs it, and sends the timings. */
import { activating, formatting, parsing } from '../compare/contexts.mjs';
import { openNanometer } from '../compare/libraries.mjs';
import { race } from '../harness/race.mjs';

const meter = openNanometer('nanometer');
const timings = [];
for (const make of [parsing, formatting, activating]) timings.push(...(await race(make(meter))));
process.send(timings);
await meter.close();
process.disconnect();
