/** Endpoints of OTLP, as people write them and as requests need them. Nothing here throws. */
import { resolve } from 'node:path';
import type { OtlpProtocol, Signal } from './resolved';

/** How an endpoint is to be understood. */
export interface EndpointUse {
  readonly protocol: OtlpProtocol;
  /** Whether gRPC without a scheme is in the clear. */
  readonly insecure: boolean;
  /** What goes there. */
  readonly signal: Signal;
  /** Whether it is the base of both signals' URLs, and not one's own. */
  readonly isBase: boolean;
}

const SOCKET = /^unix:(?:\/\/(?=\/)|(?!\/\/))/;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
// What the kernel takes for the path of a socket.
const MOST_SOCKET_BYTES = 107;

/** Where to send by default. */
export function defaultEndpoint(protocol: OtlpProtocol): string {
  return protocol === 'grpc' ? 'http://localhost:4317' : 'http://localhost:4318';
}

/** What is accepted, in words. */
export function acceptedEndpoints(protocol: OtlpProtocol): string {
  const urls = 'an http: or https: URL without a name and password, or unix: and a path';
  return protocol === 'grpc' ? `${urls}, or host:port` : urls;
}

/** The endpoint, complete; `undefined` where it is none. */
export function completeEndpoint(given: string, use: EndpointUse): string | undefined {
  const text = given.trim();
  if (text.startsWith('unix:')) return socketOf(text);
  const isTarget = use.protocol === 'grpc' && !SCHEME.test(text);
  const url = parse(isTarget ? `${use.insecure ? 'http' : 'https'}://${text}` : text);
  if (url === undefined) return undefined;
  if (use.protocol === 'grpc') return url.origin;
  url.hash = '';
  if (use.isBase) url.pathname = `${url.pathname.replace(/\/*$/, '/')}v1/${use.signal}`;
  return url.href;
}

/** An endpoint as a message may show it: without a name and password, and without a query. */
export function shownEndpoint(given: unknown): unknown {
  return typeof given === 'string'
    ? given.replace(/^([^/?#]*\/\/)?[^/?#]*@/, '$1').replace(/\?.*$/, '')
    : given;
}

function socketOf(text: string): string | undefined {
  const prefix = SOCKET.exec(text);
  const path = prefix === null ? '' : text.slice(prefix[0].length);
  if (path === '' || path.includes('\0')) return undefined;
  const absolute = resolve(path);
  return Buffer.byteLength(absolute) > MOST_SOCKET_BYTES ? undefined : `unix:${absolute}`;
}

function parse(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return isWeb && url.username === '' && url.password === '' ? url : undefined;
}
