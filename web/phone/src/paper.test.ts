import { describe, expect, it } from 'vitest'
import { paperMoment } from './paper.ts'

const zone = 'Asia/Shanghai'
const evening = { starts_at: '2020-05-08T18:00:00+08:00', ends_at: '2020-05-09T00:00:00+08:00' }
const night = { starts_at: '2020-05-08T22:00:00+08:00', ends_at: '2020-05-09T06:00:00+08:00' }
const at = (shift: typeof night, text: string) => paperMoment(shift, text, zone)?.toISOString()

describe('a time from paper', () => {
  it('lies on the day of the shift', () => {
    expect(at(evening, '17:55')).toBe('2020-05-08T09:55:00.000Z')
    expect(at(evening, '18:20')).toBe('2020-05-08T10:20:00.000Z')
  })
  it('after midnight lies on the next day', () => {
    expect(at(evening, '00:05')).toBe('2020-05-08T16:05:00.000Z')
    expect(at(night, '05:58')).toBe('2020-05-08T21:58:00.000Z')
    expect(at(night, '21:50')).toBe('2020-05-08T13:50:00.000Z')
  })
  it('before the midnight on which a shift begins lies on the day before', () => {
    const early = { starts_at: '2020-05-08T00:00:00+08:00', ends_at: '2020-05-08T06:00:00+08:00' }
    expect(at(early, '23:49')).toBe('2020-05-07T15:49:00.000Z')
  })
  it('that is none gives none', () => {
    expect(paperMoment(evening, '', zone)).toBeNull()
    expect(paperMoment(evening, '7:5', zone)).toBeNull()
  })
})
