/** Certificates for receivers with TLS, made by openssl when a test wants them. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './surroundings';

/** The paths of a certificate and of its key, PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** What one certificate authority of the test's own has signed, and what nobody but itself has. */
export interface Certificates {
  /** The authority's certificate. */
  readonly ca: string;
  /** For 127.0.0.1 and localhost. */
  readonly server: Pair;
  /** The same, until yesterday. */
  readonly expired: Pair;
  /** For another host. */
  readonly elsewhere: Pair;
  /** Of a client. */
  readonly client: Pair;
  /** For 127.0.0.1 and localhost, signed by itself. */
  readonly selfSigned: Pair;
  /** The same, and an authority's: what openssl makes where it is not told otherwise. */
  readonly authority: Pair;
}

/** Makes all of them. */
export function makeCertificates(): Certificates {
  const directory = temporaryDirectory();
  const path = (name: string) => join(directory, name);
  const [ca, caKey] = [path('ca.pem'), path('ca.key')];
  openssl('req', '-x509', ...newKey(caKey), '-out', ca, '-days', '2', '-subj', '/CN=a judge');

  const signed = (name: string, days: string, ...subjectAltName: string[]): Pair => {
    const [certificate, key, request] = [path(`${name}.pem`), path(`${name}.key`), path(name)];
    const extensions = path(`${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${subjectAltName.join(',')}\n`);
    openssl('req', ...newKey(key), '-out', request, '-subj', `/CN=${name}`);
    const by = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', days];
    openssl('x509', '-req', '-in', request, ...by, '-extfile', extensions, '-out', certificate);
    return { certificate, key };
  };
  const selfSigned = (name: string, ...extensions: string[]): Pair => {
    const [certificate, key] = [path(`${name}.pem`), path(`${name}.key`)];
    const more = [`subjectAltName=${here.join(',')}`, ...extensions];
    const by = ['-days', '2', '-subj', `/CN=${name}`, ...more.flatMap((one) => ['-addext', one])];
    openssl('req', '-x509', ...newKey(key), '-out', certificate, ...by);
    return { certificate, key };
  };
  const here = ['IP:127.0.0.1', 'DNS:localhost'];
  return {
    ca,
    server: signed('server', '2', ...here),
    expired: signed('expired', '-1', ...here),
    elsewhere: signed('elsewhere', '2', 'DNS:elsewhere.example'),
    client: signed('client', '2', 'DNS:client.example'),
    selfSigned: selfSigned('self-signed', 'basicConstraints=CA:FALSE'),
    authority: selfSigned('authority'),
  };
}

function newKey(path: string): string[] {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  return [...curve, '-nodes', '-keyout', path];
}

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
