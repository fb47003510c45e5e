/** Whatever is passed to the addon, what goes wrong in native code is a JavaScript error. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fixture } from '../support/fixture';
import { describeNative } from '../support/surroundings';

interface Outcomes {
  readonly threw: number;
  readonly notErrors: number;
  readonly hits: number;
  readonly panic: string;
}

describeNative('the addon', () => {
  test('answers nonsense and a panic with errors, and goes on working', async () => {
    const native = resolve(__dirname, '../../native');
    const binary = readdirSync(native).find((file) => file.endsWith('.node'));
    const fixture = Fixture.start('nonsense-to-addon.cjs', {
      args: [join(native, String(binary))],
    });
    const outcomes = await fixture.next<Outcomes>();
    expect(outcomes.threw).toBeGreaterThan(100);
    expect(outcomes).toMatchObject({ notErrors: 0, hits: 1 });
    expect(outcomes.panic).toContain('a panic on purpose');
    fixture.hangUp();
    expect(await fixture.ended()).toMatchObject({ code: 0, signal: null });
  });
});
