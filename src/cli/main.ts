#!/usr/bin/env node
/** The command `nanometer`. */
import { run } from './run';

void run(process.argv);
