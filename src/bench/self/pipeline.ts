/** The module that `nanometer bench --self` runs. */
import { definePipeline } from '../definition';
import { orders, stages } from './orders';

export default definePipeline({ source: () => orders, components: stages });
