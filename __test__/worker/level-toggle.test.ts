/** A level that goes up and down all the time costs no increment of what both levels record (F55). */
import { Fixture } from '../support/fixture';

interface Outcome {
  readonly toggles: number;
  readonly expected: number;
  readonly counted: number;
  readonly recorded: number;
}

test('four threads count while the level is toggled', async () => {
  const fixture = Fixture.start('level-toggle.cjs');
  const { toggles, expected, counted, recorded } = await fixture.next<Outcome>();
  expect(toggles).toBeGreaterThan(1000);
  expect({ counted, recorded }).toEqual({ counted: expected, recorded: expected });
  await fixture.kill();
}, 60_000);
