import { describe, expect, it } from 'vitest'
import { dictionary, fill, lang, say } from './i18n.ts'
import { uuidv7 } from './uuid.ts'

describe('the dictionary', () => {
  const t = dictionary({ hello: ['你好，{name}', 'Hello, {name}'] })
  it('follows the language and fills in', () => {
    lang.value = 'zh'
    expect(t('hello', { name: '王' })).toBe('你好，王')
    lang.value = 'en'
    expect(t('hello', { name: 'Wang' })).toBe('Hello, Wang')
    lang.value = 'zh'
  })
  it('leaves an argument that is not given visible', () => {
    expect(fill('{a} {b}', { a: 1 })).toBe('1 {b}')
  })
  it('takes the other language where one is missing', () => {
    expect(say({ zh: '', en: 'only' })).toBe('only')
    expect(say(undefined)).toBe('')
  })
})

describe('identifiers', () => {
  it('are version 7, carry the time, sort by it and never repeat', () => {
    const first = uuidv7(1588930200000)
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Number.parseInt(first.replaceAll('-', '').slice(0, 12), 16)).toBe(1588930200000)
    expect(uuidv7(1588930200001) > first).toBe(true)
    expect(new Set(Array.from({ length: 500 }, () => uuidv7())).size).toBe(500)
  })
})
