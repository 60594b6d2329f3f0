/** `netwright probe http` */
import type { CommandSpec } from '../../command.ts'
import { families, from, json } from './common-options.ts'

/** The command. */
export const httpCommand: CommandSpec = {
  name: 'http',
  summary: 'Ask for a page from a namespace, each phase timed.',
  description:
    'Makes one request over HTTP or HTTPS from the namespace of FROM and shows how long the name, the connection, TLS, the ' +
    'first byte and the rest took. The name is resolved as FROM does, unless --to says where to connect. Redirections are ' +
    'not followed. Exit code 1: no answer, a certificate that is not to be trusted, or a status of 400 and above.',
  arguments: [from, { name: 'URL', summary: 'http:// or https://; http:// when left out.', required: true }],
  options: [
    { long: '--to', value: 'TO', summary: 'Connect to this address, name or target.', completes: 'target' },
    {
      long: '--method',
      short: '-X',
      value: 'METHOD',
      summary: 'GET when left out.',
      choices: ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE'],
    },
    { long: '--header', short: '-H', value: 'HEADER', summary: 'A header, as NAME: VALUE.', repeatable: true },
    { long: '--insecure', short: '-k', summary: 'Ask also when the certificate is not to be trusted.' },
    {
      long: '--ca',
      value: 'FILE',
      summary: 'Trust the certificate authorities of this file (PEM) instead.',
      completes: 'file',
    },
    { long: '--timeout', short: '-W', value: 'TIME', summary: 'Time for all of it, 10s when left out.' },
    ...families,
    json,
  ],
  examples: [
    {
      command: 'netwright probe http docker:web http://api:8080/health',
      explains: 'As a program in the container would.',
    },
    {
      command: 'netwright probe http host https://shop.example/ --to docker:web',
      explains: 'A site before its name leads there.',
    },
  ],
}
