'use strict';

/** Tests judge the built package, over the backend that NANOMETER_BACKEND names. */
module.exports = {
  testMatch: ['<rootDir>/__test__/**/*.test.ts'],
  moduleNameMapper: {
    '^nanometer$': '<rootDir>/dist/index.js',
    '^nanometer/catalogs$': '<rootDir>/dist/catalogs/index.js',
  },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  // Some tests judge times, and some fill both cores: the other backend's suite beside them is enough.
  maxWorkers: 1,
  // Fixtures are programs of their own, and some tests fill both cores.
  testTimeout: 30_000,
};
