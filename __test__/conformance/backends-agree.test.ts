/** Both backends write the same bytes for the same recordings, nanometer's own metrics apart. */
import { Fixture } from '../support/fixture';
import { scrape } from '../support/request';
import { BACKEND } from '../support/surroundings';
import type { Format } from './foreign-parser';

const FORMATS: Format[] = ['openmetrics', 'text'];

// Needs a native binary, which the run over the JavaScript backend may do without.
(BACKEND === 'native' ? test : test.skip).each(FORMATS)('in %s', async (format) => {
  const [native, javascript] = await Promise.all([
    expositionOf('native', format),
    expositionOf('javascript', format),
  ]);
  expect(native.length).toBeGreaterThan(100);
  expect(native).toEqual(javascript);
});

async function expositionOf(backend: string, format: Format): Promise<string[]> {
  const service = Fixture.start('recording-service.cjs', { env: { NANOMETER_BACKEND: backend } });
  const { url } = await service.next<{ url: string }>();
  const exposition = await scrape(url, format);
  await service.kill();
  return exposition.split('\n').filter(isComparable).map(withoutInstance);
}

/** What is of the process itself differs: its own metrics, and the target's instance and pid. */
function isComparable(line: string): boolean {
  return !/^(?:# (?:HELP|TYPE|UNIT) )?nanometer_/.test(line);
}

function withoutInstance(line: string): string {
  return line.startsWith('target_info')
    ? line.replace(/(service_instance_id|process_pid)="[^"]*"/g, '$1="…"')
    : line;
}
