/**
 * The states of a flow, and which may follow which.
 *
 *     created ──▶ validated ──▶ running ──▶ draining ──▶ completed
 *        └────────────┴────────────┴───────────┴───────▶ cancelled, failed
 *
 * `created` may go straight to `running`, and `running` to `completed`.
 */

/** Every state of a flow, in the order of its life. */
export const FLOW_STATES = [
  'created',
  'validated',
  'running',
  'draining',
  'completed',
  'cancelled',
  'failed',
] as const;

/** Where a flow is in its life. */
export type FlowState = (typeof FLOW_STATES)[number];

/** The states that nothing follows. */
export const FINAL_FLOW_STATES = ['completed', 'cancelled', 'failed'] as const;

const AFTER: Readonly<Record<FlowState, readonly FlowState[]>> = {
  created: ['validated', 'running', 'cancelled', 'failed'],
  validated: ['running', 'cancelled', 'failed'],
  running: ['draining', 'completed', 'cancelled', 'failed'],
  draining: ['completed', 'cancelled', 'failed'],
  completed: [],
  cancelled: [],
  failed: [],
};

/** The states that may follow one. */
export function statesAfter(state: FlowState): readonly FlowState[] {
  return AFTER[state];
}

/** Whether nothing follows a state. */
export function isFinal(state: FlowState): boolean {
  return AFTER[state].length === 0;
}

/** Whether elements are under way in it. */
export function isActive(state: FlowState): boolean {
  return state === 'running' || state === 'draining';
}
