/** Thresholds as the command line says them. */
import { parseThresholds } from '../../dist/bench/baseline/thresholds';

test.each([
  ['throughput=-5%', { throughput: -0.05 }],
  ['throughput=5%', { throughput: -0.05 }],
  ['throughput=-5%,p99=+10%', { throughput: -0.05, p99: 0.1 }],
  [' p50=2.5% , p999=+200%', { p50: 0.025, p999: 2 }],
  ['p90=+1%,p95=+1%,max=+50%,busy=+0%', { p90: 0.01, p95: 0.01, max: 0.5, busy: 0 }],
])('%s is taken', (text, thresholds) => {
  expect(parseThresholds(text)).toEqual(thresholds);
});

test.each([
  ['', '"" is not accepted: the metrics are throughput, p50, p90, p95, p99, p999, max, busy'],
  ['p98=+1%', '"p98=+1%" is not accepted: the metrics are throughput,'],
  ['p99=+1%,', '"" is not accepted'],
  ['p99', '"p99" is not accepted: give a change in percent, as in throughput=-5%,p99=+10%'],
  ['p99=10', '"p99=10" is not accepted: give a change in percent'],
  ['p99=1e1%', '"p99=1e1%" is not accepted: give a change in percent'],
  ['p99=--1%', '"p99=--1%" is not accepted: give a change in percent'],
  ['throughput=+5%', 'throughput is worse when it is less: give -'],
  ['p99=-10%', 'p99 is worse when it is more: give +'],
  ['throughput=-100%', 'throughput cannot fall by 100% or more'],
  ['p99=+1%, p99=+2%', '"p99=+2%" is not accepted: p99 has a threshold already'],
  ['toString=+1%', 'the metrics are'],
])('%j is refused, and what is accepted is said', (text, message) => {
  expect(() => parseThresholds(text)).toThrow(
    expect.objectContaining({
      code: 'NANOMETER_INVALID_OPTION',
      message: expect.stringContaining(message),
    }),
  );
});
