/** A few microseconds of work an element; `SLOWER` makes a component spin for so many more. */
import { definePipeline } from 'nanometer';

const SPIN_NS = BigInt(Number(process.env.SLOWER_US ?? 0) * 1_000);

export default definePipeline({
  components: {
    split: (number) => `element number ${number} of many`.split(' '),
    spin: (words) => {
      const until = process.hrtime.bigint() + SPIN_NS;
      while (process.hrtime.bigint() < until);
      return words;
    },
    join: (words) => words.map((word) => word.toUpperCase()).join(' '),
  },
});
