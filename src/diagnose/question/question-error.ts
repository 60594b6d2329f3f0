/** A question that cannot be asked: one sentence that says what to write instead. */
export class QuestionError extends Error {
  override readonly name = 'QuestionError'
}
