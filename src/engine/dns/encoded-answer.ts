/** An answer ready to be copied behind a question, again and again, in changing order. */
import type { LocalAnswer } from './local-answer.ts'

/** Short enough to be copied faster by a loop than by a call into the runtime. */
const SHORT = 64

/** Records, encoded. */
export class EncodedAnswer {
  /** The question that it answers. */
  readonly question: Buffer
  /** Bytes and number of records that the last `write` wrote. */
  written = 0
  answerCount = 0
  additionalCount = 0
  truncated = false
  readonly #answers: Buffer[]
  readonly #additionals: readonly Buffer[]
  readonly #answerBytes: number
  readonly #additionalBytes: number
  /** Index of the record that the last `write` began with. */
  #first: number

  constructor(question: Buffer, { answers, additionals }: LocalAnswer) {
    this.question = question
    this.#answers = [...answers]
    this.#additionals = additionals
    this.#answerBytes = total(answers)
    this.#additionalBytes = total(additionals)
    this.#first = Math.max(answers.length - 1, 0)
  }

  /** Bytes of all records. */
  get length(): number {
    return this.#answerBytes + this.#additionalBytes
  }

  /**
   * Writes as many records as fit between `offset` and `limit`; sets what was written. Each call begins with another record,
   * and when all have been first, they are shuffled: clients mostly take the first.
   */
  write(target: Buffer, offset: number, limit: number): void {
    const answers = this.#answers
    const count = answers.length
    let at = offset
    let done = 0
    if (count > 1) this.#turn()
    for (; done < count; done++) {
      const index = this.#first + done
      const record = answers[index < count ? index : index - count]!
      if (at + record.length > limit) break
      copy(record, target, at)
      at += record.length
    }
    this.answerCount = done
    this.truncated = done < count
    this.additionalCount = 0
    // The additional section is a service to the client: it may be left out without a word (RFC 2181 §9).
    if (!this.truncated && at + this.#additionalBytes <= limit) {
      for (const record of this.#additionals) {
        record.copy(target, at)
        at += record.length
      }
      this.additionalCount = this.#additionals.length
    }
    this.written = at - offset
  }

  #turn(): void {
    if (++this.#first < this.#answers.length) return
    this.#first = 0
    shuffle(this.#answers)
  }
}

function total(records: readonly Buffer[]): number {
  return records.reduce((sum, { length }) => sum + length, 0)
}

function copy(source: Buffer, target: Buffer, offset: number): void {
  if (source.length > SHORT) {
    source.copy(target, offset)
    return
  }
  for (let i = 0; i < source.length; i++) target[offset + i] = source[i]!
}

function shuffle(records: Buffer[]): void {
  for (let i = records.length - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1))
    const record = records[i]!
    records[i] = records[other]!
    records[other] = record
  }
}
