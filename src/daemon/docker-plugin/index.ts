/**
 * Docker's network and IPAM plugin. Read `messages.ts` for what dockerd asks, `plugin-methods.ts` for what answers it,
 * `docker-networks.ts` and `docker-addresses.ts` for what happens, `register.ts` for what is remembered, `shared-drivers.ts` for how
 * the engine's own networks and dockerd's live side by side, `plugin-server.ts` for the transport.
 */
export { DOCKER_PLUGIN_SOCKET, startDockerPlugin } from './docker-plugin.ts'
export { SharedDrivers } from './shared-drivers.ts'
