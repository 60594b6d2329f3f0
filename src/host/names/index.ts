/**
 * Names in /run/netns. `attach-name.ts` and `detach-name.ts` give and take them, with a record of each
 * (`name-records.ts`); `examine-names.ts` judges every name that is there (`judge-name.ts` has the reasons),
 * `plan-repair.ts` says what to do about the stale ones and `repair-names.ts` does it.
 */
export { type AttachContext, type Attachment, attachName } from './attach-name.ts'
export { detachName } from './detach-name.ts'
export { examineNames } from './examine-names.ts'
export type { NameCondition, NameReport } from './judge-name.ts'
export { checkName } from './name.ts'
export type { NameEntry } from './name-entry.ts'
export { NameError, NameForeignError, NameInvalidError, NameTakenError, NameUnknownError } from './name-errors.ts'
export { type NameRecord, NameRecords, type NameTarget, stateDirectory } from './name-records.ts'
export { planRepair, type RepairStep } from './plan-repair.ts'
export { type RepairContext, type RepairOutcome, repairNames } from './repair-names.ts'
export type { RightfulNamespace } from './rightful-namespace.ts'
