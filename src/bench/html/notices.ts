/** What a reader is to know before believing figures, and how to read them. */
import type { ReportWarning } from '../report';
import type { Content } from './markup';
import { markup } from './markup';

const SIGNS = { warning: '!', note: 'i' } as const;

/** Warnings or notes; nothing where there are none. */
export function noticesOf(notices: readonly ReportWarning[], kind: keyof typeof SIGNS): Content {
  return (
    notices.length > 0 &&
    markup`<ul class="notices ${kind}">${notices.map(
      ({ code, message }) =>
        markup`<li><span class="sign" aria-hidden="true">${SIGNS[kind]}</span><p><strong>${code}</strong> ${message}</p></li>`,
    )}</ul>`
  );
}
