import { createSign, type KeyObject } from 'node:crypto';

/** One value of ASN.1 in DER: tag, length, content. */
const der = (tag: number, ...content: Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...content: Uint8Array[]) => der(0x30, ...content);

/** SHA-256 with RSA. */
const algorithm = sequence(der(0x06, Buffer.from('2a864886f70d01010b', 'hex')), der(0x05));
const commonName = (name: string) =>
  sequence(der(0x31, sequence(der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(name)))));
const year = (digits: string) => der(0x17, Buffer.from(`${digits}0101000000Z`));

/** Returns a self-signed certificate with an RSA key, in PEM, like those that AWS publishes for its documents. */
export const selfSigned = (name: string, keys: { publicKey: KeyObject; privateKey: KeyObject }): string => {
  const subject = commonName(name);
  const certificate = sequence(
    der(0x02, Buffer.from([1])),
    algorithm,
    subject,
    sequence(year('20'), year('49')),
    subject,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = createSign('sha256').update(certificate).sign(keys.privateKey);
  const text = sequence(certificate, algorithm, der(0x03, Buffer.from([0]), signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${text.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
};
