/**
 * libnftables(3), bound on first use: it is a package of its own (Debian: libnftables1), and commands that need no rule set
 * work without it.
 */
import koffi from 'koffi'

/** Bits of the output flags (nftables/libnftables.h). */
export const NftOutput = { handle: 1 << 3, json: 1 << 4, echo: 1 << 5, terse: 1 << 11 } as const

/** The functions of libnftables that Netwright calls. A context is an opaque pointer. */
export interface NftLibrary {
  create(flags: number): unknown
  free(context: unknown): void
  run(context: unknown, commands: string): number
  bufferOutput(context: unknown): number
  bufferError(context: unknown): number
  output(context: unknown): string
  error(context: unknown): string
  setOutputFlags(context: unknown, flags: number): void
  setDryRun(context: unknown, dry: boolean): void
}

/** libnftables is not installed, or not one that we can use. */
export class NftablesMissingError extends Error {
  override readonly name = 'NftablesMissingError'
  readonly code = 'ENOENT'

  constructor(cause: unknown) {
    super('libnftables.so.1 cannot be loaded: install it (Debian, Ubuntu: package libnftables1)', { cause })
  }
}

let library: NftLibrary | undefined

/** Loads the library once. @throws NftablesMissingError */
export function nftLibrary(): NftLibrary {
  library ??= load()
  return library
}

function load(): NftLibrary {
  try {
    const native = koffi.load('libnftables.so.1')
    return {
      create: native.func('void *nft_ctx_new(uint32_t flags)'),
      free: native.func('void nft_ctx_free(void *context)'),
      run: native.func('int nft_run_cmd_from_buffer(void *context, const char *commands)'),
      bufferOutput: native.func('int nft_ctx_buffer_output(void *context)'),
      bufferError: native.func('int nft_ctx_buffer_error(void *context)'),
      output: native.func('const char *nft_ctx_get_output_buffer(void *context)'),
      error: native.func('const char *nft_ctx_get_error_buffer(void *context)'),
      setOutputFlags: native.func('void nft_ctx_output_set_flags(void *context, unsigned int flags)'),
      setDryRun: native.func('void nft_ctx_set_dry_run(void *context, bool dry)'),
    }
  } catch (error) {
    throw new NftablesMissingError(error)
  }
}
