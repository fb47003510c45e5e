/**
 * What do 10,000 histogram series (3 labels, 25 bounds) hold in memory, and what does `open()` add
 * to a process? Every figure is the median of processes that do nothing else.
 */
import { LIBRARIES, SERIES } from './compare/libraries.mjs';
import { answer } from './harness/child.mjs';
import { machine } from './harness/machine.mjs';
import { median } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const PROCESSES = 5;
const OPENS = 7;
const BACKENDS = LIBRARIES.filter((library) => library.startsWith('nanometer'));

const where = machine();
const rows = await each('memory', LIBRARIES, PROCESSES);
print(
  `${SERIES} histogram series (MB, medians of ${PROCESSES} processes)`,
  ['', 'segment', 'heap', 'array buffers', 'RSS', 'RSS, peak with a scrape', 'bytes a series'],
  rows.map((row) => [
    row.library,
    digits(row.segmentBytes / 1e6),
    digits(row.heapBytes / 1e6),
    digits(row.arrayBufferBytes / 1e6),
    digits(row.rssBytes / 1e6),
    digits(row.peakRssBytes / 1e6),
    Math.round((row.segmentBytes + row.heapBytes + row.arrayBufferBytes) / SERIES),
  ]),
);
const opens = await each('open', BACKENDS, OPENS);
print(
  `open() (medians of ${OPENS} processes)`,
  ['', 'load, ms', 'open, ms', 'RSS added, MiB', 'idle, of a core'],
  opens.map((row) => [
    row.library,
    digits(row.loadMs),
    digits(row.openMs),
    digits(row.rssBytes / 2 ** 20),
    percent(row.idleCpu),
  ]),
);
keep('memory', { question: 'memory', machine: where, series: SERIES, rows, opens });

async function each(subject, libraries, processes) {
  const script = new URL(`./subjects/${subject}.mjs`, import.meta.url);
  const answers = libraries.map(() => []);
  for (let round = 0; round < processes; round += 1) {
    for (const [place, library] of libraries.entries()) {
      progress(round * libraries.length + place, processes * libraries.length, library);
      answers[place].push(await answer(script, { args: [library], execArgv: ['--expose-gc'] }));
    }
  }
  return libraries.map((library, place) => {
    const keys = Object.keys(answers[place][0]);
    const medians = keys.map((key) => [key, median(answers[place].map((one) => one[key]))]);
    return { library, ...Object.fromEntries(medians) };
  });
}
