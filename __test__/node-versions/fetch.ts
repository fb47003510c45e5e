/** Fetches the Nodes that tests want, where they are not there yet. */
import { findNode, MAJORS } from './nodes';

for (const major of MAJORS) console.log(major, findNode(major));
