/** A component that never comes back. */
import { definePipeline } from 'nanometer';

export default definePipeline({
  components: {
    stuck: () => {
      for (;;);
    },
  },
});
