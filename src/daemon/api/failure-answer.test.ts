import { expect, test } from 'vitest'
import { EngineError, FAILURES } from '../../engine/index.ts'
import { answerOfError, answerOfFaults, STATUS_OF } from './failure-answer.ts'

test('every failure of the engine has the status of its class', () => {
  for (const code of Object.keys(FAILURES) as (keyof typeof FAILURES)[]) {
    const { status, body } = answerOfError(new EngineError(code, 'a sentence'))
    expect(status).toBe(STATUS_OF[FAILURES[code]])
    expect(body).toEqual({ error: { code, message: 'a sentence' } })
  }
})

test('what the kernel refused is told; a fault of our own is not', () => {
  const refused = Object.assign(new Error('create link: no space'), { code: 'ENOSPC' })
  expect(answerOfError(refused)).toMatchObject({ status: 500, body: { error: { code: 'kernel-refused' } } })
  const { status, body } = answerOfError(new TypeError('secret is undefined'))
  expect(status).toBe(500)
  expect(body.error.message).not.toContain('secret')
})

test('every field is named with what is wrong with it, and not more than a screen of them', () => {
  const fault = { path: ['ipam', 0, 'pool'], message: 'expected string' }
  expect(answerOfFaults('json', [fault]).body.error.message).toBe('ipam[0].pool: expected string')
  expect(answerOfFaults('json', [{ path: [], message: 'expected object' }]).body.error.message).toBe(
    'json: expected object',
  )
  expect(
    answerOfFaults(
      'json',
      Array.from({ length: 50 }, () => fault),
    ).body.error.message,
  ).toMatch(/; and 42 more$/)
})
