/** A component that fails on every element. */
import { definePipeline } from 'nanometer';

export default definePipeline({
  components: {
    fine: (number) => number,
    broken: () => {
      throw new RangeError('out of range\nin two lines');
    },
  },
});
