/** A change that cannot be supposed: one sentence that names the word that is not understood, or what the kernel would refuse. */
export class WhatIfError extends Error {
  override readonly name = 'WhatIfError'
}
