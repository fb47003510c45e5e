/** The parts of D3 that draw: modules of another kind than ours, which only `import()` loads. */

/** Scales and shapes. */
export type D3 = typeof import('d3-scale') & typeof import('d3-shape');

/** Loads them. */
export async function loadD3(): Promise<D3> {
  const [scale, shape] = await Promise.all([import('d3-scale'), import('d3-shape')]);
  return { ...scale, ...shape };
}
