/** `netwright daemon`: the engine for others to ask. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const daemonCommand: CommandSpec = {
  name: 'daemon',
  summary: 'Serve the engine: API, Docker’s plugin, names in sandboxes.',
  description:
    'Looks after networks and sandboxes, answers names in them, and serves the API that the commands network, sandbox and run ' +
    'ask. Stopping it leaves every sandbox connected; the next one goes on where it was, also after a crash. The document of ' +
    'the API is at /v1/openapi.json, metrics for Prometheus at /metrics, and the API of libnetwork at /networks, /services and ' +
    '/sandboxes.\n\n' +
    'The socket is for root alone. Over TCP a token is asked for, and requests that web pages from elsewhere make are refused. ' +
    'Under systemd it tells when it is ready and feeds the watchdog.',
  options: [
    {
      long: '--socket',
      value: 'PATH',
      summary: 'Where to serve the API; /run/netwright/api.sock when left out.',
      completes: 'file',
    },
    {
      long: '--tcp',
      value: 'HOST:PORT',
      summary: 'Serve it over TCP too; on the loopback interface when HOST is left out. Needs --token-file.',
    },
    { long: '--token-file', value: 'FILE', summary: 'File with the token for TCP.', completes: 'file' },
    {
      long: '--docker-plugin',
      value: 'PATH',
      summary:
        'Where dockerd finds the network plugin, or “none”; /run/docker/plugins/netwright.sock when left out, and none when ' +
        'NETWRIGHT_RUN is set.',
      completes: 'file',
    },
    {
      long: '--log-level',
      value: 'LEVEL',
      summary: 'How much to log on standard error; info when left out.',
      choices: ['error', 'warn', 'info', 'debug', 'trace'],
    },
  ],
  examples: [
    { command: 'netwright daemon', explains: 'Serves until it is told to stop.' },
    {
      command: 'netwright daemon --tcp 127.0.0.1:7070 --token-file /etc/netwright/token',
      explains: 'Over TCP too, to those who have the token.',
    },
  ],
  load: () => import('./daemon/run.ts'),
}
