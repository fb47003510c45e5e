/** The classic alphabet of Prometheus, `[a-zA-Z0-9_]`, for names and for units. */

/**
 * The runs of ASCII letters and digits of a name, joined by one underscore each. Empty when there
 * are none; may start with a digit.
 */
export function sanitise(name: string): string {
  return name
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== '')
    .join('_');
}
